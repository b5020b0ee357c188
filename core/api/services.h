#pragma once
// What the routes of the gateway share.

#include "control/directory.h"
#include "event/classification_cache.h"
#include "host/frames.h"
#include "host/request.h"
#include "ingest/address_hasher.h"
#include "json/reader.h"

namespace millimetric::api {

struct settings;

// References into the gateway: valid as long as it is.
struct services {
  const settings& config;
  control::directory& keys;
  json::parser_pool& parsers;
  ingest::address_hasher& addresses;
  event::classification_cache& classifications;
};

}  // namespace millimetric::api
