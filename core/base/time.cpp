#include "base/time.h"

#include <array>

namespace millimetric {
namespace {

constexpr millis max_duration_ms = 3660 * day_ms;  // ten years: no range is longer

struct civil_day {
  std::int64_t year;
  unsigned month;
  unsigned day;
};

constexpr std::int64_t days_from_civil(civil_day c) noexcept {
  const std::int64_t y = c.year - (c.month <= 2 ? 1 : 0);
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const auto yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153 * (c.month > 2 ? c.month - 3 : c.month + 9) + 2) / 5 + c.day - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

constexpr civil_day civil_from_days(std::int64_t z) noexcept {
  z += 719468;
  const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const auto doe = static_cast<unsigned>(z - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned day = doy - (153 * mp + 2) / 5 + 1;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

constexpr millis floor_to(millis t, millis unit) noexcept {
  const millis rest = t % unit;
  return t - (rest < 0 ? rest + unit : rest);
}

constexpr civil_day civil_of(millis t) noexcept {
  return civil_from_days(floor_to(t, day_ms) / day_ms);
}

constexpr unsigned days_in_month(std::int64_t year, unsigned month) noexcept {
  constexpr std::array<unsigned, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : lengths[month - 1];
}

// A cursor over the text: each step consumes what it names or gives false or empty.
class scanner {
 public:
  explicit scanner(std::string_view s) noexcept : s_(s) {}

  bool digits(int n, unsigned& out) noexcept {
    if (s_.size() < static_cast<std::size_t>(n)) return false;
    out = 0;
    for (int i = 0; i < n; ++i) {
      const char c = s_[static_cast<std::size_t>(i)];
      if (c < '0' || c > '9') return false;
      out = out * 10 + static_cast<unsigned>(c - '0');
    }
    s_.remove_prefix(static_cast<std::size_t>(n));
    return true;
  }
  bool literal(char c) noexcept {
    if (s_.empty() || s_.front() != c) return false;
    s_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] bool at_digit() const noexcept {
    return !s_.empty() && s_.front() >= '0' && s_.front() <= '9';
  }
  bool fraction(unsigned& ms) noexcept {
    if (!at_digit()) return false;
    unsigned scale = 100;
    while (at_digit()) {
      ms += static_cast<unsigned>(s_.front() - '0') * scale;
      scale /= 10;
      s_.remove_prefix(1);
    }
    return true;
  }
  [[nodiscard]] bool done() const noexcept { return s_.empty(); }

 private:
  std::string_view s_;
};

// Offset in minutes after `Z`, `+hh:mm`, `-hhmm`, `+hh`, or nothing. A space is a plus that was
// sent in a URL as it is.
bool read_offset(scanner& in, int& minutes) noexcept {
  minutes = 0;
  if (in.done() || in.literal('Z') || in.literal('z')) return true;
  const bool plus = in.literal('+') || in.literal(' ');
  if (!plus && !in.literal('-')) return false;
  unsigned h = 0;
  unsigned m = 0;
  if (!in.digits(2, h)) return false;
  const bool colon = in.literal(':');
  if ((colon || !in.done()) && !in.digits(2, m)) return false;
  if (h > 23 || m > 59) return false;
  minutes = static_cast<int>(h * 60 + m) * (plus ? 1 : -1);
  return true;
}

bool read_clock(scanner& in, millis& out) noexcept {
  unsigned h = 0;
  unsigned m = 0;
  unsigned s = 0;
  unsigned ms = 0;
  if (!in.digits(2, h)) return false;
  const bool colons = in.literal(':');
  if ((colons || in.at_digit()) && !in.digits(2, m)) return false;
  if (colons ? in.literal(':') : in.at_digit()) {
    if (!in.digits(2, s)) return false;
    if ((in.literal('.') || in.literal(',')) && !in.fraction(ms)) return false;
  }
  const bool end_of_day = h == 24 && m == 0 && s == 0 && ms == 0;
  const bool leap_second = m == 59 && s == 60;  // counts as the one behind it
  if ((h > 23 && !end_of_day) || m > 59 || (s > 59 && !leap_second)) return false;
  int offset = 0;
  if (!read_offset(in, offset)) return false;
  out = h * hour_ms + m * minute_ms + s * second_ms + ms - offset * minute_ms;
  return true;
}

std::string_view strip(std::string_view s) noexcept {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

void put(std::string& out, std::int64_t value, int width) {
  char buffer[8] = {};
  for (int i = width - 1; i >= 0; --i) {
    buffer[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  out.append(buffer, static_cast<std::size_t>(width));
}

}  // namespace

std::optional<millis> parse_iso8601(std::string_view text) noexcept {
  scanner in(strip(text));
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!in.digits(4, year)) return std::nullopt;
  const bool hyphens = in.literal('-');
  if (!in.digits(2, month) || (hyphens && !in.literal('-')) || !in.digits(2, day))
    return std::nullopt;
  if (year < 1 || month < 1 || month > 12) return std::nullopt;
  if (day < 1 || day > days_in_month(year, month)) return std::nullopt;
  const millis midnight = days_from_civil({year, month, day}) * day_ms;
  if (in.done()) return midnight;
  if (!in.literal('T') && !in.literal('t') && !in.literal(' ')) return std::nullopt;
  millis clock = 0;
  if (!read_clock(in, clock) || !in.done()) return std::nullopt;
  const millis t = midnight + clock;  // an offset may lead out of the years that can be written
  return t >= year_1 && t < year_10000 ? std::optional(t) : std::nullopt;
}

std::string format_day(millis t) {
  const civil_day c = civil_of(t);
  std::string out;
  put(out, c.year, 4);
  out.push_back('-');
  put(out, c.month, 2);
  out.push_back('-');
  put(out, c.day, 2);
  return out;
}

std::string format_month(millis t) { return format_day(t).substr(0, 7); }

std::string format_iso8601(millis t) {
  std::string out = format_day(t);
  const millis clock = t - floor_to(t, day_ms);
  out.push_back('T');
  put(out, clock / hour_ms, 2);
  out.push_back(':');
  put(out, clock / minute_ms % 60, 2);
  out.push_back(':');
  put(out, clock / second_ms % 60, 2);
  out.push_back('.');
  put(out, clock % 1000, 3);
  out.push_back('Z');
  return out;
}

millis floor_hour(millis t) noexcept { return floor_to(t, hour_ms); }
millis floor_day(millis t) noexcept { return floor_to(t, day_ms); }

millis floor_week(millis t) noexcept {
  constexpr millis monday = 4 * day_ms;  // 1970-01-05 was a Monday
  return floor_to(t - monday, week_ms) + monday;
}

millis floor_month(millis t) noexcept {
  civil_day c = civil_of(t);
  c.day = 1;
  return days_from_civil(c) * day_ms;
}

std::optional<millis> parse_duration(std::string_view text) noexcept {
  text = strip(text);
  if (text.size() < 2 || text.size() > 10) return std::nullopt;
  millis unit = 0;
  switch (text.back()) {
    case 's': unit = second_ms; break;
    case 'm': unit = minute_ms; break;
    case 'h': unit = hour_ms; break;
    case 'd': unit = day_ms; break;
    case 'w': unit = week_ms; break;
    default: return std::nullopt;
  }
  unsigned n = 0;
  scanner in(text.substr(0, text.size() - 1));
  if (!in.digits(static_cast<int>(text.size()) - 1, n) || n == 0) return std::nullopt;
  const millis length = static_cast<millis>(n) * unit;
  return length <= max_duration_ms ? std::optional(length) : std::nullopt;
}

}  // namespace millimetric
