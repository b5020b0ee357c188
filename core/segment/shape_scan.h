#pragma once
// The shapes of events: for each name how often and when it came, and which properties it had.

#include <map>
#include <set>
#include <string>

#include "json/reader.h"
#include "query/partial.h"
#include "segment/scope_scan.h"

namespace millimetric::segment {

// Shapes gathered over segments.
class shape_table {
 public:
  // Names, the most frequent ones, and properties of each, the first that are met: whoever sends
  // events chooses both, and an agent reads no more.
  // Of more names than these the rare ones are dropped, and come anew if they come again.
  static constexpr std::size_t most_names = 20'000;
  // Of the properties of all names, roughly.
  static constexpr std::size_t most_property_bytes = 8UL * 1024 * 1024;

  void count(std::string_view event_name, std::uint64_t events, millis first, millis last);
  // The keys of a JSON object, and the types of their values.
  void note_properties(std::string_view event_name, std::string_view properties);
  [[nodiscard]] std::size_t names() const noexcept { return shapes_.size(); }
  // By count descending, then name. The table is empty then.
  [[nodiscard]] query::schema_partial take();

 private:
  struct shape {
    std::uint64_t count = 0;
    millis first = 0;
    millis last = 0;
    std::map<std::string, std::set<std::string>, std::less<>> properties;
  };
  void drop_rare_names();

  std::map<std::string, shape, std::less<>> shapes_;
  std::size_t with_properties_ = 0;  // names
  std::size_t property_bytes_ = 0;
  json::parser_pool parsers_;
};

[[nodiscard]] std::vector<chunk_place> shapes_need(const reader& from);
// False when the segment is damaged.
[[nodiscard]] bool add_shapes(const reader& from, const selection& rows, shape_table& to);

}  // namespace millimetric::segment
