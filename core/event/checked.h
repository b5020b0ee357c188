#pragma once
// What was sent, once it is known to be right: all that an event is made of. Two ways lead here,
// the short one for plain events and the one through json::arguments, which notes what is wrong.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/memo.h"
#include "event/circumstances.h"
#include "event/plain.h"
#include "event/url.h"
#include "json/arguments.h"

namespace millimetric::event {

// What a server says in `context` of the visitor for whom it speaks. What it does not say is not
// known: the request's own would be the server's.
struct described_visitor {
  std::string_view user_agent;
  std::optional<std::string_view> country;
  std::string_view ip;
};

// The page that an event happened on, and where its visitor came from.
struct checked_places {
  std::optional<std::string_view> url;
  std::optional<url_view> page;  // the parts of the URL
  std::optional<std::string_view> referrer;
};

// The texts that places are told apart by: URL and referrer, or "".
using place_names = std::pair<std::string_view, std::string_view>;

[[nodiscard]] inline std::uint64_t quick_hash(const place_names& names) noexcept {
  return millimetric::quick_hash(names.first) + 3 * millimetric::quick_hash(names.second);
}

// Views of what was sent, or of the arena.
struct checked_event {
  std::string_view event_name;
  std::optional<std::string_view> event_id;
  std::optional<std::string_view> anonymous_id;
  std::optional<std::string_view> user_id;
  std::optional<std::string_view> session_id;
  millis timestamp = 0;
  checked_places places;
  std::optional<std::string_view> path;
  std::string_view properties = "{}";
  std::optional<described_visitor> visitor;  // nothing: the request is the visitor's own
};

// Notes every wrong field in `in.errors()`; the result is only meant to be used when there are
// none.
[[nodiscard]] checked_event check_arguments(json::arguments& in, const circumstances& about,
                                            text_arena& texts);

// Nothing when something is wrong. `known` is what an event with the same URL and referrer was
// found to have, if there was one. `space` is for writing in; what it held is lost.
[[nodiscard]] std::optional<checked_event> check_plain(const plain_event& sent,
                                                       const circumstances& about,
                                                       const checked_places* known,
                                                       text_arena& texts, std::string& space);

}  // namespace millimetric::event
