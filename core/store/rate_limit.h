#pragma once
// A token bucket: tokens come back at a steady rate up to a burst. Exact, in whole thousandths of a
// token. Source: contract, section 3, limits.

#include <cstdint>

#include "base/time.h"

namespace millimetric::store {

struct bucket_limits {
  std::int64_t per_second = 0;
  std::int64_t burst = 0;
};

inline constexpr bucket_limits track_limits{50, 200};
inline constexpr bucket_limits batch_limits{5, 20};

class token_bucket {
 public:
  explicit token_bucket(bucket_limits limits) noexcept
      : limits_(limits), thousandths_(limits.burst * 1000) {}

  // Takes one token. Gives 0, or the milliseconds until there is one again.
  [[nodiscard]] millis take(millis now) noexcept;

 private:
  bucket_limits limits_;
  std::int64_t thousandths_;
  millis filled_at_ = 0;
};

}  // namespace millimetric::store
