#pragma once
// Turns of requests for a part of an instance's memory, of which there are 96 MB for all that are
// in flight: those that need more of it than is left wait until others have ended.

#include <cstddef>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "host/task.h"

namespace millimetric::host {

class context;

class turns {
 public:
  struct bounds {
    std::size_t small;         // below, a request takes no turn
    std::size_t most;          // of those whose turn it is, together
    std::size_t most_waiting;  // of those that wait, together
    bool in_order;             // whether nobody overtakes those that wait
  };
  // Nobody tells a request that another one has ended, so it looks again.
  static constexpr millis look_again_ms = 10;
  static constexpr int most_looks = 1000;

  // A request's turn, which ends with this. The turns must outlive it.
  class turn {
   public:
    explicit turn(turns& of, std::size_t bytes = 0) : of_(&of), bytes_(bytes) {
      of.taken_ += bytes;
    }
    turn(turn&& other) noexcept : of_(other.of_), bytes_(std::exchange(other.bytes_, 0)) {}
    turn& operator=(turn&&) = delete;
    ~turn() { of_->taken_ -= bytes_; }

    // Takes so many bytes more, without waiting. Once it has been refused, it always is: who waits
    // while it holds something may wait for somebody who waits for it.
    [[nodiscard]] bool grow(std::size_t bytes) noexcept;
    [[nodiscard]] bool refused() const noexcept { return refused_; }
    // All that it was to take, also where it was refused.
    [[nodiscard]] std::size_t wanted() const noexcept { return wanted_; }

   private:
    turns* of_;
    std::size_t bytes_;
    std::size_t wanted_ = 0;
    bool refused_ = false;
  };

  explicit turns(const bounds& b) : bounds_(b) {}

  // Ends when it is the turn of so many bytes.
  // @return rate_limited with details {"retry_after_s"} where too many wait, or one for too long.
  [[nodiscard]] task<result<turn>> take(context& ctx, std::size_t bytes);

 private:
  struct waiter;

  // Whether others leave room for so many bytes more of one who has `own`, as one alone always has.
  [[nodiscard]] bool fits(std::size_t bytes, std::size_t own = 0) const noexcept {
    return taken_ == own || taken_ + bytes <= bounds_.most;
  }

  bounds bounds_;
  std::size_t taken_ = 0;
  std::size_t waiting_ = 0;
  std::vector<const waiter*> order_;
};

}  // namespace millimetric::host
