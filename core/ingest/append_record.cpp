#include "ingest/append_record.h"

#include <vector>

namespace millimetric::ingest {

std::string append_record(const event::batch& batch, store::bucket draws_from) {
  std::vector<const event::record_view*> events;
  events.reserve(batch.events.size());
  for (const event::received& e : batch.events) events.push_back(&e.what);
  return store::encode_append_request({draws_from, segment::columns_of(events)});
}

}  // namespace millimetric::ingest
