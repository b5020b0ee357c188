#include "segment/fields.h"

#include "event/receive.h"

namespace millimetric::segment {
namespace {

using event::record;

using event::record_view;

using rows = std::span<const record_view* const>;

template <auto Member>
void get_text(rows from, std::span<optional_view> out) {
  for (std::size_t i = 0; i < from.size(); ++i) out[i] = from[i]->*Member;
}
template <auto Member>
void set_text(record& r, optional_view v) {
  r.*Member = std::string(v.value_or(std::string_view()));
}
template <auto Member>
void set_optional(record& r, optional_view v) {
  r.*Member = v ? std::optional<std::string>(*v) : std::nullopt;
}

template <auto View, auto Own>
constexpr text_field required(column_id c, keeping how = keeping::dictionary) {
  return {c, how, &get_text<View>, &set_text<Own>};
}
template <auto View, auto Own>
constexpr text_field nullable(column_id c) {
  return {c, keeping::dictionary, &get_text<View>, &set_optional<Own>};
}

bool is_default_session(const record_view& r) {
  const std::size_t size = r.anonymous_id.size();
  if (!r.session_id.starts_with(r.anonymous_id) || r.session_id.size() < size + 2) return false;
  return r.session_id[size] == '-' &&
         r.session_id.substr(size + 1) == std::to_string(r.timestamp / event::session_ms);
}

void get_sessions(rows from, std::span<optional_view> out) {
  for (std::size_t i = 0; i < from.size(); ++i)
    out[i] = is_default_session(*from[i]) ? std::nullopt : optional_view(from[i]->session_id);
}
// Behind anonymous_id in the table, so that the default can be made.
void set_session(record& r, optional_view v) {
  r.session_id = v ? std::string(*v) : default_session(r.anonymous_id, r.timestamp);
}

constexpr std::array<text_field, 19> fields{{
    required<&record_view::event_name, &record::event_name>(column_id::event_name),
    required<&record_view::event_id, &record::event_id>(column_id::event_id, keeping::per_row),
    required<&record_view::anonymous_id, &record::anonymous_id>(column_id::anonymous_id),
    nullable<&record_view::user_id, &record::user_id>(column_id::user_id),
    {column_id::session_id, keeping::dictionary, &get_sessions, &set_session},
    required<&record_view::source, &record::source>(column_id::source),
    required<&record_view::medium, &record::medium>(column_id::medium),
    nullable<&record_view::campaign, &record::campaign>(column_id::campaign),
    required<&record_view::source_confidence, &record::source_confidence>(
        column_id::source_confidence),
    required<&record_view::source_rule_id, &record::source_rule_id>(column_id::source_rule_id),
    nullable<&record_view::country, &record::country>(column_id::country),
    nullable<&record_view::device_type, &record::device_type>(column_id::device_type),
    required<&record_view::browser, &record::browser>(column_id::browser),
    required<&record_view::os, &record::os>(column_id::os),
    nullable<&record_view::url, &record::url>(column_id::url),
    nullable<&record_view::path, &record::path>(column_id::path),
    nullable<&record_view::referrer, &record::referrer>(column_id::referrer),
    required<&record_view::properties, &record::properties>(column_id::properties, keeping::either),
    nullable<&record_view::ip_hash, &record::ip_hash>(column_id::ip_hash),
}};

}  // namespace

std::span<const text_field> text_fields() noexcept { return fields; }

column_id column_of(query::column c) noexcept {
  switch (c) {
    case query::column::event_name: return column_id::event_name;
    case query::column::source: return column_id::source;
    case query::column::medium: return column_id::medium;
    case query::column::campaign: return column_id::campaign;
    case query::column::country: return column_id::country;
    case query::column::device_type: return column_id::device_type;
    case query::column::browser: return column_id::browser;
    case query::column::os: return column_id::os;
    case query::column::path: return column_id::path;
    case query::column::user_id: return column_id::user_id;
    case query::column::anonymous_id: return column_id::anonymous_id;
  }
  return column_id::event_name;
}

std::string default_session(std::string_view anonymous_id, millis timestamp) {
  return std::string(anonymous_id) + "-" + std::to_string(timestamp / event::session_ms);
}

}  // namespace millimetric::segment
