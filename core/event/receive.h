#pragma once
// From what a client sent to the event that is stored: validation, defaults and derived fields.
// One implementation for the tool and for REST. Source: contract, section 4.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "event/record.h"
#include "event/user_agent.h"
#include "json/arguments.h"

namespace millimetric::event {

// Lengths in Unicode code points; contract, section 4.
inline constexpr std::size_t max_event_name = 128;
inline constexpr std::size_t max_event_id = 128;
inline constexpr std::size_t max_anonymous_id = 128;
inline constexpr std::size_t max_user_id = 256;
inline constexpr std::size_t max_session_id = 128;
inline constexpr std::size_t max_url = 2048;
inline constexpr std::size_t max_properties_bytes = 8 * 1024;  // serialised
inline constexpr millis max_ahead_ms = day_ms;  // a clock further ahead than this is wrong
inline constexpr millis session_ms = 30 * minute_ms;

// What the request says about its visitor, and what the key and its project allow. Views must
// outlive the call.
struct circumstances {
  millis now = 0;
  int retention_days = 0;       // 0: for ever
  bool context_counts = false;  // the key may speak for a visitor (sk)
  std::string_view user_agent;
  client_hints hints;
  std::string_view country;  // of the edge's geo header
  std::string_view ip;
  std::string_view host;  // of the request
};

struct received {
  record what;     // without ip_hash
  std::string ip;  // to be hashed, never stored
};

// The names that an event may be sent with, and those that are ignored because the server derives
// them.
[[nodiscard]] const std::vector<std::string>& sent_fields();
[[nodiscard]] const std::vector<std::string>& derived_fields();

// Reads one event. Every wrong field is noted in `in.errors()`; the result is only meant to be used
// when there are none.
[[nodiscard]] received receive(json::arguments& in, const circumstances& about,
                               random_stream& random);

// ISO 3166-1 alpha-2 in upper case, or empty when the text is no country (also XX and T1, which the
// edge uses for "unknown" and Tor).
[[nodiscard]] std::optional<std::string> country_code(std::string_view text);

}  // namespace millimetric::event
