#include "segment/fields.h"

#include "event/receive.h"

namespace millimetric::segment {
namespace {

using event::record;

template <auto Member>
optional_view get_text(const record& r) {
  return std::string_view(r.*Member);
}
template <auto Member>
void set_text(record& r, optional_view v) {
  r.*Member = std::string(v.value_or(std::string_view()));
}
template <auto Member>
optional_view get_optional(const record& r) {
  return r.*Member ? optional_view(*(r.*Member)) : std::nullopt;
}
template <auto Member>
void set_optional(record& r, optional_view v) {
  r.*Member = v ? std::optional<std::string>(*v) : std::nullopt;
}

template <auto Member>
constexpr text_field required(column_id c, keeping how = keeping::dictionary) {
  return {c, how, &get_text<Member>, &set_text<Member>};
}
template <auto Member>
constexpr text_field nullable(column_id c) {
  return {c, keeping::dictionary, &get_optional<Member>, &set_optional<Member>};
}

optional_view get_session(const record& r) {
  if (r.session_id == default_session(r.anonymous_id, r.timestamp)) return std::nullopt;
  return std::string_view(r.session_id);
}
// Behind anonymous_id in the table, so that the default can be made.
void set_session(record& r, optional_view v) {
  r.session_id = v ? std::string(*v) : default_session(r.anonymous_id, r.timestamp);
}

constexpr std::array<text_field, 19> fields{{
    required<&record::event_name>(column_id::event_name),
    required<&record::event_id>(column_id::event_id, keeping::per_row),
    required<&record::anonymous_id>(column_id::anonymous_id),
    nullable<&record::user_id>(column_id::user_id),
    {column_id::session_id, keeping::dictionary, &get_session, &set_session},
    required<&record::source>(column_id::source),
    required<&record::medium>(column_id::medium),
    nullable<&record::campaign>(column_id::campaign),
    required<&record::source_confidence>(column_id::source_confidence),
    required<&record::source_rule_id>(column_id::source_rule_id),
    nullable<&record::country>(column_id::country),
    nullable<&record::device_type>(column_id::device_type),
    required<&record::browser>(column_id::browser),
    required<&record::os>(column_id::os),
    nullable<&record::url>(column_id::url),
    nullable<&record::path>(column_id::path),
    nullable<&record::referrer>(column_id::referrer),
    required<&record::properties>(column_id::properties, keeping::either),
    nullable<&record::ip_hash>(column_id::ip_hash),
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
