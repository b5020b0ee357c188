#pragma once
// The gateway: every HTTP request and the daily job. Holds no state but a minute's memory of
// verified keys, a day's of hashed addresses, and what the classifiers said last; any number of
// requests may be in flight.

#include <string>
#include <string_view>

#include "api/body_turns.h"
#include "base/archive.h"
#include "control/directory.h"
#include "event/classification_cache.h"
#include "host/frames.h"
#include "host/request.h"
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

 private:
  host::task<host::http_response> route(host::context& ctx, const host::http_request& http);

  settings settings_;
  control::directory keys_;
  json::parser_pool parsers_;
  body_turns turns_;
  ingest::address_hasher addresses_;
  event::classification_cache classifications_;
};

}  // namespace millimetric::api
