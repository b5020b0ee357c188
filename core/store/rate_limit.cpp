#include "store/rate_limit.h"

#include <algorithm>

namespace millimetric::store {

millis token_bucket::take(millis now) noexcept {
  const std::int64_t full = limits_.burst * 1000;
  // A clock that steps back gives no tokens; one that leaps ahead fills the bucket once.
  const millis elapsed = std::clamp<millis>(now - filled_at_, 0, full / limits_.per_second + 1);
  thousandths_ = std::min(full, thousandths_ + elapsed * limits_.per_second);
  filled_at_ = now;
  if (thousandths_ >= 1000) {
    thousandths_ -= 1000;
    return 0;
  }
  return (1000 - thousandths_ + limits_.per_second - 1) / limits_.per_second;
}

}  // namespace millimetric::store
