#include "shards/funnel.h"

#include <algorithm>

#include "query/funnel_table.h"
#include "shards/call.h"

namespace millimetric::shards {
namespace {

using host::context;
using host::task;

// Rows of all shards in memory at once: some 30 MB, in the answers and out of them.
constexpr std::uint32_t most_rows = 512 * 1024;

// Puts the rows of all shards into the table in the order of time; at equal times in that of the
// shards, then by arrival. False when there are too many for one pass.
result<bool> feed(const std::vector<std::string>& parts, query::funnel_table& to) {
  std::vector<query::funnel_event> all;
  for (const std::string& bytes : parts) {
    auto got = store::decode_answer<store::funnel_rows_answer>(bytes);
    if (!got) return fail(storage_failed(got.error()));
    if (got->too_many) return false;
    std::vector<std::uint32_t> groups;
    for (const auto& key : got->groups) {
      auto number = to.group(key);
      if (!number) return fail(number.error());
      groups.push_back(*number);
    }
    for (query::funnel_event& r : got->rows) {
      if (r.group >= groups.size()) return fail(storage_failed({}));
      r.group = groups[r.group];
    }
    all.insert(all.end(), got->rows.begin(), got->rows.end());
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return to.add(all);
}

// In passes, each for some of the subjects, as in one store (store/segment_funnel.cpp).
task<result<query::funnel_partial>> bring_together(context& ctx, const control::project& p,
                                                   const query::funnel_question& q,
                                                   store::layout at) {
  for (std::uint32_t passes = 1; passes <= query::max_funnel_passes; passes *= 2) {
    query::funnel_table table(q);
    bool fits = true;
    for (std::uint32_t pass = 0; pass < passes && fits; ++pass) {
      store::funnel_rows_request request{q, pass, passes, most_rows / at.shards};
      auto got = co_await call(
          ctx, p.id, at, store::encode_request(store::operation::funnel_rows, std::move(request)));
      if (!got) co_return fail(got.error());
      at = got->at;
      auto fed = feed(got->of, table);
      if (!fed) co_return fail(fed.error());
      fits = *fed && table.count();
    }
    if (fits) co_return table.take();
  }
  co_return fail(query::too_many_visitors());
}

}  // namespace

task<result<query::funnel_partial>> ask_funnel(context& ctx, const control::project& p,
                                               const query::funnel_question& q) {
  store::layout at = p.at;
  const bool local = q.by == query::identity::anonymous_id;
  if (local || at.shards == 1) {
    auto got = co_await call(ctx, p.id, at, store::encode_request(store::operation::funnel, q));
    if (!got) co_return fail(got.error());
    if (local || got->of.size() == 1) co_return merged<query::funnel_partial>(got->of);
    at = got->at;
  }
  auto together = co_await bring_together(ctx, p, q, at);
  co_return together;
}

}  // namespace millimetric::shards
