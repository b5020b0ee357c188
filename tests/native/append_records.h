#pragma once
// Appends for tests, of events that own their texts; on the way to the store they become columns.

#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "segment/fields.h"
#include "segment/writer.h"
#include "store/protocol.h"

namespace millimetric::store {

struct append_records {
  bucket draws_from = bucket::none;
  std::vector<event::record> events;
};

// A view of a record's texts.
[[nodiscard]] inline event::record_view view_of(const event::record& r) {
  event::record_view out;
  out.timestamp = r.timestamp;
  out.event_name = r.event_name;
  out.event_id = r.event_id;
  out.client_event_id = r.client_event_id;
  out.anonymous_id = r.anonymous_id;
  out.user_id = r.user_id;
  out.session_id = r.session_id;
  out.source = r.source;
  out.medium = r.medium;
  out.campaign = r.campaign;
  out.source_confidence = r.source_confidence;
  out.source_rule_id = r.source_rule_id;
  out.country = r.country;
  out.device_type = r.device_type;
  out.browser = r.browser;
  out.os = r.os;
  out.url = r.url;
  out.path = r.path;
  out.referrer = r.referrer;
  out.properties = r.properties;
  out.ip_hash = r.ip_hash;
  return out;
}

// The views' columns, which show the records' texts.
[[nodiscard]] inline segment::event_columns columns_of(const std::vector<event::record>& events) {
  std::vector<event::record_view> views;
  for (const event::record& r : events) views.push_back(view_of(r));
  std::vector<const event::record_view*> pointers;
  for (const event::record_view& v : views) pointers.push_back(&v);
  return segment::columns_of(pointers);
}

// The events that columns show.
[[nodiscard]] inline std::vector<event::record> records_of(const segment::event_columns& columns) {
  std::vector<event::record> out(columns.size());
  for (std::size_t row = 0; row < out.size(); ++row) {
    out[row].timestamp = columns.times[row];
    out[row].client_event_id = columns.client_event_ids[row] != 0;
  }
  for (std::size_t f = 0; f < columns.texts.size(); ++f) {
    const auto& [values, numbers] = columns.texts[f];
    const segment::text_field& field = segment::text_fields()[f];
    for (std::size_t row = 0; row < out.size(); ++row) {
      const bool per_row = field.how == segment::keeping::per_row;
      const std::size_t n = per_row ? row : numbers[row];
      const bool null = !per_row && n == segment::text_column::null_number;
      field.set(out[row], null ? std::nullopt : segment::optional_view(values[n]));
    }
  }
  return out;
}

// The events' segment; they arrive as 1, 2, ...
[[nodiscard]] inline segment::built_segment segment_of(const std::vector<event::record>& events,
                                                       std::span<const std::int64_t> received,
                                                       const segment::limits& most) {
  std::vector<std::uint32_t> rows(events.size());
  std::iota(rows.begin(), rows.end(), 0U);
  std::vector<std::int64_t> arrivals(events.size());
  std::iota(arrivals.begin(), arrivals.end(), 1);
  return segment::build(columns_of(events), rows, arrivals, received, most);
}

[[nodiscard]] inline std::string encode_request(operation, const append_records& request) {
  return encode_append_request({request.draws_from, columns_of(request.events)});
}

// Asks a host's store for appends that come together. Gives the answer to each; none where the
// whole is refused.
template <class Host>
[[nodiscard]] std::vector<result<append_answer>> append_all(
    Host& host, const std::string& project, const std::vector<append_records>& requests) {
  std::vector<std::string> encoded;
  for (const append_records& r : requests) encoded.push_back(encode_request(operation::append, r));
  const auto all = host.template ask<append_all_answer>(
      project, operation::append_all, append_all_request{{encoded.begin(), encoded.end()}});
  std::vector<result<append_answer>> out;
  if (!all) return out;
  for (const std::string& a : all->answers) out.push_back(decode_answer<append_answer>(a));
  return out;
}

}  // namespace millimetric::store
