#pragma once
// An event as nearly every client sends it: text where text is meant, an object where an object is.
// Its fields are views of the parsed document, found in one pass. Any other event is left to
// json::arguments, which takes more shapes, and describes those that it refuses.

#include <optional>
#include <string_view>

#include "json/reader.h"

namespace millimetric::event {

struct plain_event {
  using text = std::optional<std::string_view>;
  text event;
  text event_id;
  text timestamp;
  text anonymous_id;
  text user_id;
  text session_id;
  text url;
  text path;
  text referrer;
  std::optional<json::object> properties;
  std::optional<json::object> context;
};

// @return nothing when a field that an event may be sent with has a value of another type. As in
// json::arguments, null is "not sent", and the last value of a name that is repeated counts.
[[nodiscard]] std::optional<plain_event> read_plain(const json::object& sent);

}  // namespace millimetric::event
