#pragma once
// What the reading of an event depends on besides the event. Source: contract, section 4.

#include <cstddef>
#include <string_view>

#include "base/time.h"
#include "event/user_agent.h"

namespace millimetric::event {

// Lengths in Unicode code points.
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

  [[nodiscard]] millis latest() const noexcept { return now + max_ahead_ms; }
  // Only meant to be used where there is a retention.
  [[nodiscard]] millis oldest() const noexcept { return now - retention_days * day_ms; }
  [[nodiscard]] bool is_too_late(millis t) const noexcept { return t > latest(); }
  [[nodiscard]] bool is_too_old(millis t) const noexcept {
    return retention_days > 0 && t < oldest();
  }
};

}  // namespace millimetric::event
