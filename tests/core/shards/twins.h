#pragma once
// Two projects that are told the same: "prj_one" stays in one store, "prj_many" is spread over
// shards. Whatever is asked, both must answer alike.

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "native/world.h"

namespace millimetric::native {

inline constexpr std::string_view admin_token = "the-operator's";

class twins {
 public:
  explicit twins(std::string_view seed);

  native_host host;

  // Puts the project that is spread into a layout that was never another one.
  void set_layout(std::int64_t generation, int shards);

  enum class ids : std::uint8_t { some, all };  // events with an id of the client's
  // The body of a batch of random events; some are repeats of earlier ones.
  std::string batch(std::size_t events, ids with);
  // Sends it to a project; the answer's body.
  std::string send(const std::string& project, const std::string& body);
  // Sends it to both, and compares the answers.
  void send_both(const std::string& body);

  // Asks both the same random questions of every kind; what differs, or empty.
  std::string compare();
  // All pages of an export and of query_events, with pages of a random size.
  std::string compare_walks();
  std::string forget(const std::string& project, const std::string& body);

  std::size_t below(std::size_t n) { return random_.next() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  host::http_response admin(std::string method, std::string path, std::string body = {});
  // The ids of all events, by pages of an export.
  std::vector<std::string> exported(const std::string& project, std::size_t limit);

 private:
  std::string event(ids with);
  std::string scope();
  std::string both(const std::string& tool, const std::string& arguments);
  std::string call(const std::string& project, const std::string& tool,
                   const std::string& arguments);
  std::string rpc(const std::string& project, const std::string& method, const std::string& params);
  std::vector<std::string> walked(const std::string& project, std::size_t limit);

  random_stream random_;
  std::uint32_t requests_ = 1'000'000;
  std::uint64_t events_ = 0;
  std::vector<std::string> sent_;  // events with an id
};

}  // namespace millimetric::native
