#pragma once
// How many large bodies are read at once. The parser of a body holds some fifteen times its size,
// of events until they are read, otherwise until the request is answered; and an instance has 96 MB
// for all requests in flight.

#include <cstddef>
#include <utility>

#include "base/result.h"
#include "host/frames.h"
#include "host/request.h"

namespace millimetric::api {

class body_turns {
 public:
  // Below, a body takes no turn: almost every request of an agent, and every single event.
  static constexpr std::size_t small_bytes = 4096;
  // Of the bodies whose turn it is; some 35 MB with their parsers.
  static constexpr std::size_t most_bytes = 2UL * host::max_body_bytes;
  // Of those that wait, each in one copy.
  static constexpr std::size_t most_waiting_bytes = 24UL * host::max_body_bytes;
  // Nobody tells a request that another one has ended, so it looks again.
  static constexpr millis look_again_ms = 10;
  static constexpr int most_looks = 1000;

  // A body's turn, which ends with this. The turns must outlive it.
  class turn {
   public:
    turn() = default;
    turn(std::size_t& taken, std::size_t bytes) : taken_(&taken), bytes_(bytes) { taken += bytes; }
    turn(turn&& other) noexcept
        : taken_(std::exchange(other.taken_, nullptr)), bytes_(other.bytes_) {}
    turn& operator=(turn&&) = delete;
    ~turn() {
      if (taken_ != nullptr) *taken_ -= bytes_;
    }

   private:
    std::size_t* taken_ = nullptr;
    std::size_t bytes_ = 0;
  };

  // Ends when it is the turn of a body of this size.
  // @return rate_limited with details {"retry_after_s"} where too many wait, or one for too long.
  [[nodiscard]] host::task<result<turn>> take(host::context& ctx, std::size_t bytes);

 private:
  [[nodiscard]] bool fits(std::size_t bytes) const noexcept {
    return taken_ == 0 || taken_ + bytes <= most_bytes;
  }

  std::size_t taken_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace millimetric::api
