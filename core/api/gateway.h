#pragma once
// The gateway: every HTTP request and the daily job. Holds no state but a minute's memory of
// verified keys, a day's of hashed addresses, and what the classifiers said last; any number of
// requests may be in flight.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/archive.h"
#include "control/directory.h"
#include "event/classification_cache.h"
#include "host/frames.h"
#include "host/request.h"
#include "host/turns.h"
#include "ingest/address_hasher.h"
#include "json/reader.h"

namespace millimetric::api {

// What a deployment sets.
struct settings {
  std::string mcp_allowed_origins;  // comma list; `http://localhost:*` allows any port
  std::string admin_token;          // empty: no admin API
  template <class A>
  void fields(A& a) {
    a(mcp_allowed_origins, admin_token);
  }
};

class gateway {
 public:
  explicit gateway(settings s) : settings_(std::move(s)) {}

  // Answers a frame of an http request (host/frames.h) with the frame of a response. The frame
  // must live until the task ends.
  [[nodiscard]] host::task<std::string> serve(host::context& ctx, std::string_view frame);

  // Deletes what is older than each project's retention, in bounded steps. Ends in a JSON summary.
  [[nodiscard]] host::task<std::string> run_daily(host::context& ctx);

  // Below, a body takes no turn: almost every request of an agent, and every single event.
  static constexpr std::size_t small_body = 4096;
  static constexpr std::size_t most_bodies = 2UL * host::max_body_bytes;
  static constexpr std::size_t most_waiting_bodies = 24UL * host::max_body_bytes;

 private:
  host::task<host::http_response> route(host::context& ctx, const host::http_request& http);
  // The same, begun anew when there is room where its answers did not find it.
  host::task<host::http_response> route_in_turn(host::context& ctx, const host::http_request& http);

  settings settings_;
  control::directory keys_;
  json::parser_pool parsers_;
  // The parser of a body holds some fifteen times its size, of events until they are read,
  // otherwise until the request is answered: some 35 MB. Those that wait are there in one copy.
  host::turns bodies_{{small_body, most_bodies, most_waiting_bodies, false}};
  // Answers of stores become some four times as large when they are read, and are held until a
  // question's others have come: some 32 MB. Those that wait hold none.
  host::turns answers_{{64UL * 1024, 8UL * 1024 * 1024, SIZE_MAX, true}};
  ingest::address_hasher addresses_;
  event::classification_cache classifications_;
};

}  // namespace millimetric::api
