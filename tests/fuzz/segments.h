#pragma once
// Events, and segments of them, for the fuzz targets.

#include <vector>

#include "event/record.h"
#include "fuzz/fuzz.h"
#include "native/append_records.h"
#include "segment/limits.h"

namespace millimetric::fuzz {

[[nodiscard]] inline event::record an_event(choices& from) {
  event::record r;
  r.timestamp = from.number<std::int32_t>();
  r.event_name = from.text();
  r.event_id = from.text();
  r.anonymous_id = from.text();
  r.session_id = from.text();
  if (from.flag()) r.user_id = from.text();
  if (from.flag()) r.url = from.text();
  if (from.flag()) r.path = from.text();
  r.properties = from.text();
  if (from.flag()) r.referrer = from.flag() ? r.url : from.text();
  return r;
}

// The events arrive as 1, 2, ... and are received at one instant.
[[nodiscard]] inline segment::built_segment build_segment(const std::vector<event::record>& events,
                                                          millis received) {
  const std::vector<std::int64_t> times(events.size(), received);
  segment::limits most;
  most.least_url_references = 1;
  most.small_events = 1;
  most.group_bytes = 8;
  most.group_rows = 3;
  return store::segment_of(events, times, most);
}

}  // namespace millimetric::fuzz
