#include "host/turns.h"

#include "host/request.h"

namespace millimetric::host {

// The place of one who waits.
struct turns::waiter {
  waiter(turns& of, std::size_t bytes) : of(of), bytes(bytes) {
    of.waiting_ += bytes;
    of.order_.push_back(this);
  }
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;
  ~waiter() {
    of.waiting_ -= bytes;
    std::erase(of.order_, this);
  }
  [[nodiscard]] bool is_next() const noexcept {
    return (!of.bounds_.in_order || of.order_.front() == this) && of.fits(bytes);
  }

  turns& of;
  std::size_t bytes;
};

bool turns::turn::grow(std::size_t bytes) noexcept {
  wanted_ += bytes;
  if (refused_) return false;
  if (wanted_ < of_->bounds_.small || wanted_ <= bytes_) return true;
  const std::size_t more = wanted_ - bytes_;
  // Who has something already may end the sooner.
  const bool waits = bytes_ == 0 && !of_->order_.empty();
  refused_ = waits || !of_->fits(more, bytes_);
  if (refused_) return false;
  of_->taken_ += more;
  bytes_ = wanted_;
  return true;
}

task<result<turns::turn>> turns::take(context& ctx, std::size_t bytes) {
  if (bytes < bounds_.small) co_return turn(*this);
  const bool too_many = waiting_ + bytes > bounds_.most_waiting;
  const waiter here(*this, bytes);
  for (int looks = 0; !here.is_next(); ++looks) {
    if (too_many || looks == most_looks)
      co_return fail(rate_limited(
          "Too many large requests at once; try again in 1 s, or send smaller ones.", 1));
    auto waited = co_await ctx.wake(look_again_ms);
    static_cast<void>(waited);
  }
  co_return turn(*this, bytes);
}

}  // namespace millimetric::host
