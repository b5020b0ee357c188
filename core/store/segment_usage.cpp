// How many events were taken in each month. One more statement and one more page for each request
// would be a tenth of what a single event costs: the table of usage is behind, and small segments,
// whose arrivals are numbered, tell of the rest.

#include <algorithm>

#include "base/time.h"
#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;

task<result<void>> segment_store::settle_usage(context& ctx) {
  if (last_arrival_ == settled_) co_return result<void>{};
  std::vector<host::statement> one;
  one.push_back(sql::add_usage(unsettled_month_, last_arrival_ - settled_));
  auto counted = co_await ctx.sql(std::move(one));
  if (!counted) co_return in_doubt(counted.error());
  settled_ = last_arrival_;
  co_return result<void>{};
}

void segment_store::find_unsettled(millis now) {
  unsettled_month_ = format_month(now);
  std::int64_t last = 0;  // arrival that a segment tells of, and behind it what damaged ones have
  for (const segment_ref& s : catalog_.all()) {
    if (s->found != segment::damage::none) {
      // Of more events it would be one that was merged, and they were counted before that.
      if (s->head.events <= limits_.small_events) last += s->head.events;
    } else if (s->head.last_arrival > last) {
      last = s->head.last_arrival;
      unsettled_month_ = format_month(s->head.last_received);
    }
  }
  last_arrival_ = std::max(settled_, last);
}

}  // namespace millimetric::store
