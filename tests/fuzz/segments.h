#pragma once
// Segments of records that own their texts, for the fuzz targets.

#include <vector>

#include "base/archive.h"
#include "event/record.h"
#include "segment/limits.h"
#include "segment/writer.h"

namespace millimetric::fuzz {

// The events arrive as 1, 2, ... and are received at one instant.
[[nodiscard]] inline segment::built_segment build_segment(const std::vector<event::record>& events,
                                                          millis received) {
  std::vector<std::string> bytes;
  for (const event::record& r : events) bytes.push_back(to_record(r));
  std::vector<event::record_view> views;
  for (const std::string& b : bytes) views.push_back(*from_record<event::record_view>(b));
  std::vector<const event::record_view*> given;
  std::vector<std::int64_t> arrivals;
  for (const event::record_view& v : views) {
    given.push_back(&v);
    arrivals.push_back(static_cast<std::int64_t>(given.size()));
  }
  const std::vector<std::int64_t> times(given.size(), received);
  segment::limits most;
  most.least_url_references = 1;
  most.least_cut = 8;
  most.row_group = 3;
  return segment::build(given, arrivals, times, most);
}

}  // namespace millimetric::fuzz
