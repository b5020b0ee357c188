#pragma once
// What the tests that make a store fail feed it with, and what they see of it.

#include <string>

#include "../catch.h"
#include "native/native_host.h"
#include "oracle.h"
#include "random_events.h"

namespace millimetric::store {

// Events with ids of the client's.
inline append_records batch_of(random_world& random, std::size_t events) {
  append_records out;
  for (std::size_t i = 0; i < events; ++i) {
    event::record& r = out.events.emplace_back(random.event());
    r.client_event_id = true;
  }
  return out;
}

// All events, by time; the store must not call itself damaged.
inline std::string everything(native::native_host& of, const std::string& project) {
  query::page_question q;
  q.in.range = {0, query::end_of_time};
  q.limit = 1000;
  const auto page = of.ask<query::page_partial>(project, operation::page, q);
  REQUIRE(page);
  return text_of(*page);
}

}  // namespace millimetric::store
