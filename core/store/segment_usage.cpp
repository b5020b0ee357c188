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

void segment_store::find_unsettled() {
  last_arrival_ = settled_;
  for (const segment_ref& s : catalog_.all()) {
    if (s->head.last_arrival <= last_arrival_) continue;
    last_arrival_ = s->head.last_arrival;
    unsettled_month_ = format_month(s->head.last_received);
  }
}

}  // namespace millimetric::store
