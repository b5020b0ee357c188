#pragma once
// Which of a project's shards an event is kept in, as far as the event says it: a number that stays
// the same for ever, of which a layout takes as much as it has shards. All events of an anonymous
// id have one place. Ids that are made here carry their place, so that an event without an
// anonymous id is kept where its user's events are, or where a repeat of the same event would be.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace millimetric::event {

[[nodiscard]] std::uint32_t place_of(std::string_view anonymous_id) noexcept;

// A UUID (RFC 9562, section 5.8) for a visitor without an id, with the place of `of`: the user's or
// the event's id. With neither it is anywhere.
[[nodiscard]] std::string make_anonymous_id(std::optional<std::string_view> of,
                                            random_stream& random);

}  // namespace millimetric::event
