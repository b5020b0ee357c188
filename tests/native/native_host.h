#pragma once
// The native host: a whole deployment in one process. One gateway engine with a control plane in
// SQLite, and one store engine per project with a SQLite of its own, all in memory. The clock and
// every request's seed are the test's; effects can be held back, reordered and made to fail.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/engine.h"
#include "base/result.h"
#include "host/frames.h"
#include "native/allocations.h"
#include "native/append_records.h"
#include "native/sqlite_database.h"
#include "segment/limits.h"
#include "store/protocol.h"

namespace millimetric::native {

// Where `random` effects take their bytes: from a fixed stream, or from OpenSSL.
enum class randomness : std::uint8_t { fixed, real };

// The event store behind the stores' engines: the product's, or the oracle of plain rows.
enum class store_kind : std::uint8_t { segments, sql };
// Whether upkeep runs as soon as a store asks for it, or when the test says so.
enum class upkeep_runs : std::uint8_t { at_once, when_told };

struct host_settings {
  store_kind store = store_kind::segments;
  upkeep_runs upkeep = upkeep_runs::at_once;
  std::string pepper = "pepper-of-the-tests";
  std::string mcp_allowed_origins;
  std::string admin_token;
  randomness random = randomness::fixed;
  segment::limits limits = {};                         // of the stores of segments
  std::shared_ptr<sqlite_database> control = nullptr;  // instead of an empty control plane
};

using header_list = std::vector<std::pair<std::string, std::string>>;

struct http_call {
  std::string method = "POST";
  std::string path;  // with its query
  header_list headers = {};
  std::string body = {};
  std::uint32_t number = 0;  // of its seed; 0: how many requests the host has begun
};

// A control plane without rows.
[[nodiscard]] std::shared_ptr<sqlite_database> empty_control_plane();
// The first header of this name, or empty.
[[nodiscard]] std::string header_of(const host::http_response& r, std::string_view name);
// HMAC-SHA256, as raw bytes.
[[nodiscard]] std::string hmac_sha256(std::string_view key, std::string_view data);

class native_host;

// A request of the gateway under way. Its effects wait until the test has them carried out, in any
// order, or answers them itself. May be destroyed at any time; must not outlive its host.
class flight {
 public:
  [[nodiscard]] bool done() const { return lost() || call_->done(); }
  // Whether the gateway's instance was, and the request with it: it had no memory.
  [[nodiscard]] bool lost() const { return call_ == nullptr; }
  // The effects that wait.
  [[nodiscard]] const std::vector<host::pending_effect>& open() const { return open_; }
  // Has one carried out by the host.
  void carry_out(std::size_t index = 0);
  void answer(std::size_t index, host::answer a);
  // Carries out all that is still asked for.
  void finish();
  // The response's frame; once, after done(). Not of a request that was lost.
  [[nodiscard]] std::string take_bytes() { return call_->take_response(); }
  // Of a request that was lost: 500, as hosts answer then.
  [[nodiscard]] host::http_response take_response();

 private:
  friend class native_host;
  flight(native_host& owner, api::engine& gateway, api::call_kind what, std::string frame);
  // Runs some of the gateway's code.
  template <class Step>
  void run(Step step);

  native_host& host_;
  std::unique_ptr<api::engine_call> call_;
  std::vector<host::pending_effect> open_;
};

class native_host {
 public:
  explicit native_host(host_settings settings = {});

  // The time of the requests that come; one clock for the gateway and the stores.
  millis now = 0;
  // Gives the failure of an effect that is to fail. The store is empty for the gateway's effects.
  std::function<bool(std::string_view store, const host::effect&)> fails;
  // Of the stores' engines. A store whose allocation fails gives no answer, and is opened anew.
  failing_allocations allocations;
  // Of the gateway's, likewise.
  failing_allocations gateway_allocations;

  // Starts a request. Its seed is its number, from 1, as a u32, and 28 zero bytes.
  [[nodiscard]] std::unique_ptr<flight> begin(const http_call& call);
  host::http_response serve(const http_call& call);
  // A POST of JSON with a key; `headers` come on top.
  host::http_response post(std::string path, std::string_view key, std::string body,
                           header_list headers = {});
  // The daily job's summary.
  std::string run_daily();

  // Asks the store of a project directly.
  std::string ask_store(const std::string& project, std::string record);
  template <class Answer, class Request>
  result<Answer> ask(const std::string& project, store::operation op, Request request) {
    return store::decode_answer<Answer>(
        ask_store(project, store::encode_request(op, std::move(request))));
  }

  // Does what the project's store has asked to be woken for, at most so many steps of it.
  void run_upkeep(const std::string& project, std::size_t most = SIZE_MAX);

  // Carries out an effect of the gateway.
  host::answer perform(const host::effect& what);

  [[nodiscard]] sqlite_database& control();
  [[nodiscard]] sqlite_database& events_of(const std::string& project);
  // The hash under which a key's secret is stored.
  [[nodiscard]] std::string secret_hash(std::string_view secret) const;
  // New engines over the same data, as after an eviction.
  void restart();

 private:
  struct store_instance {
    sqlite_database events;
    std::unique_ptr<api::engine> engine;
    bool wants_upkeep = false;
  };
  [[nodiscard]] std::unique_ptr<api::engine> open_store() const;
  std::string run_in_store(const std::string& project, api::call_kind what, std::string frame);
  store_instance& store_of(const std::string& project);
  host::answer perform_in_store(const std::string& project, store_instance& store,
                                const host::effect& what);
  std::string random_bytes(std::uint32_t size);
  void open_gateway();

  friend class flight;
  host_settings settings_;
  std::unique_ptr<api::engine> gateway_;
  std::map<std::string, store_instance> stores_;
  std::uint32_t requests_ = 0;
  random_stream fixed_random_{"random of the native host"};
};

}  // namespace millimetric::native
