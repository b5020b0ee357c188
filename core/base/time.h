#pragma once
// UTC instants as milliseconds since 1970-01-01, and their ISO 8601 text.
// Calendar arithmetic follows H. Hinnant, "chrono-compatible low-level date algorithms".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millimetric {

using millis = std::int64_t;  // milliseconds since the Unix epoch, UTC

inline constexpr millis second_ms = 1000;
inline constexpr millis minute_ms = 60 * second_ms;
inline constexpr millis hour_ms = 60 * minute_ms;
inline constexpr millis day_ms = 24 * hour_ms;
inline constexpr millis week_ms = 7 * day_ms;

inline constexpr millis year_1 = -719'162 * day_ms;       // 0001-01-01: no earlier time is read
inline constexpr millis year_10000 = 2'932'897 * day_ms;  // nor one from here on

// `YYYY-MM-DD` or `YYYY-MM-DD[T ]hh:mm[:ss[.fraction]][Z|+hh:mm|-hh:mm|+hhmm]`; without an offset
// the time is UTC, without a time it is midnight. Fractions beyond milliseconds are cut. Years
// 0001 to 9999. Surrounding spaces are accepted. Empty for anything else (also for 30 February).
[[nodiscard]] std::optional<millis> parse_iso8601(std::string_view text) noexcept;

// `YYYY-MM-DDThh:mm:ss.sssZ`.
[[nodiscard]] std::string format_iso8601(millis t);

// `YYYY-MM-DD` and `YYYY-MM` of an instant.
[[nodiscard]] std::string format_day(millis t);
[[nodiscard]] std::string format_month(millis t);

// Starts of the calendar units that hold `t`; weeks start on Monday.
[[nodiscard]] millis floor_hour(millis t) noexcept;
[[nodiscard]] millis floor_day(millis t) noexcept;
[[nodiscard]] millis floor_week(millis t) noexcept;
[[nodiscard]] millis floor_month(millis t) noexcept;

// A duration such as `30s`, `90m`, `12h`, `7d`, `2w`: a positive whole number and a unit.
// At most 3,660 days. Empty for anything else.
[[nodiscard]] std::optional<millis> parse_duration(std::string_view text) noexcept;

}  // namespace millimetric
