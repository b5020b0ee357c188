#include "api/body_turns.h"

namespace millimetric::api {

host::task<result<body_turns::turn>> body_turns::take(host::context& ctx, std::size_t bytes) {
  if (bytes < small_bytes) co_return turn();
  if (!fits(bytes)) {
    const bool too_many = waiting_ + bytes > most_waiting_bytes;
    const turn waits(waiting_, bytes);
    for (int looks = 0; !fits(bytes); ++looks) {
      if (too_many || looks == most_looks)
        co_return fail(rate_limited(
            "Too many large requests at once; try again in 1 s, or send smaller ones.", 1));
      auto waited = co_await ctx.wake(look_again_ms);
      static_cast<void>(waited);
    }
  }
  co_return turn(taken_, bytes);
}

}  // namespace millimetric::api
