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

}  // namespace millimetric::query
