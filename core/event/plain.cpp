#include "event/plain.h"

namespace millimetric::event {
namespace {

using text_field = plain_event::text plain_event::*;
using object_field = std::optional<json::object> plain_event::*;

// Members of the name's length are compared with one name, at most two: a batch has thousands.
text_field text_named(std::string_view name) noexcept {
  switch (name.size()) {
    case 3: return name == "url" ? &plain_event::url : nullptr;
    case 4: return name == "path" ? &plain_event::path : nullptr;
    case 5: return name == "event" ? &plain_event::event : nullptr;
    case 7: return name == "user_id" ? &plain_event::user_id : nullptr;
    case 8:
      if (name == "event_id") return &plain_event::event_id;
      return name == "referrer" ? &plain_event::referrer : nullptr;
    case 9: return name == "timestamp" ? &plain_event::timestamp : nullptr;
    case 10: return name == "session_id" ? &plain_event::session_id : nullptr;
    case 12: return name == "anonymous_id" ? &plain_event::anonymous_id : nullptr;
    default: return nullptr;
  }
}

object_field object_named(std::string_view name) noexcept {
  if (name == "properties") return &plain_event::properties;
  return name == "context" ? &plain_event::context : nullptr;
}

// Whatever a member of the same name before it was. False when the value is neither null nor what
// the field takes.
template <class T>
bool take(const json::element& value, std::optional<T>& into) noexcept {
  into.reset();
  T got;
  if (value.get(got)) return value.is_null();
  into = got;
  return true;
}

}  // namespace

std::optional<plain_event> read_plain(const json::object& sent) {
  std::optional<plain_event> out(std::in_place);
  bool plain = true;
  for (const auto member : sent) {
    if (const text_field field = text_named(member.key))
      plain = take(member.value, (*out).*field);
    else if (const object_field object = object_named(member.key))
      plain = take(member.value, (*out).*object);
    if (!plain) break;
  }
  if (!plain) out.reset();
  return out;
}

}  // namespace millimetric::event
