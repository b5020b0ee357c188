#pragma once
// Segments of records that own their texts, for the fuzz targets.

#include <vector>

#include "event/record.h"
#include "native/append_records.h"
#include "segment/limits.h"

namespace millimetric::fuzz {

// The events arrive as 1, 2, ... and are received at one instant.
[[nodiscard]] inline segment::built_segment build_segment(const std::vector<event::record>& events,
                                                          millis received) {
  const std::vector<std::int64_t> times(events.size(), received);
  segment::limits most;
  most.least_url_references = 1;
  most.least_cut = 8;
  most.row_group = 3;
  return store::segment_of(events, times, most);
}

}  // namespace millimetric::fuzz
