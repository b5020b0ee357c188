#include "query/question.h"

namespace millimetric::query {

millis bucket_of(interval every, millis t) noexcept {
  switch (every) {
    case interval::hour: return floor_hour(t);
    case interval::day: return floor_day(t);
    case interval::week: return floor_week(t);
    case interval::month: return floor_month(t);
    case interval::none: break;
  }
  return 0;
}

millis next_bucket(interval every, millis start) noexcept {
  constexpr millis longest_month = 31 * day_ms;
  switch (every) {
    case interval::hour: return start + hour_ms;
    case interval::day: return start + day_ms;
    case interval::week: return start + week_ms;
    case interval::month: return floor_month(start + longest_month);
    case interval::none: break;
  }
  return end_of_time;
}

}  // namespace millimetric::query
