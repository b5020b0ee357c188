#pragma once
// What a method of MCP works with: the endpoint, the key's holder and the core's services. There is
// no session in the protocol; this lives as long as one request.

#include <memory>
#include <optional>
#include <string>

#include "control/directory.h"
#include "host/frames.h"
#include "host/request.h"
#include "ingest/address_hasher.h"
#include "json/reader.h"
#include "mcp/era.h"
#include "query/read.h"

namespace millimetric::mcp {

struct session {
  query::endpoint where;
  era in;
  control::presented_key key;
  std::shared_ptr<const control::principal> who;
  const host::http_request& http;
  control::directory& keys;
  json::parser_pool& parsers;
  ingest::address_hasher& addresses;
};

// How long a client may keep a result. Required on some results in the modern era.
struct cache_hint {
  std::int64_t ttl_ms = 0;
  std::string_view scope = "private";
};

// A method's result: the members of the JSON object, without braces.
struct method_result {
  std::string members;
  std::optional<cache_hint> cache;
  std::optional<std::uint64_t> rows = {};  // how many it has, for the log
};

}  // namespace millimetric::mcp
