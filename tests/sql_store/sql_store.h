#pragma once
// The oracle of the segment store: the same event store as plain rows in SQLite: one table of
// events, one of recent event ids. Counting and grouping is SQLite's work, distinct values and
// funnels the core's. It reads all rows of a question at once: tests have few.

#include "store/event_store.h"
#include "store/remembered_ids.h"

namespace millimetric::store {

class sql_store final : public event_store {
 public:
  host::task<result<std::vector<std::uint8_t>>> append(
      host::context& ctx, const segment::event_columns& events) override;
  host::task<result<query::aggregate_partial>> aggregate(
      host::context& ctx, const query::aggregate_question& q) override;
  host::task<result<query::funnel_partial>> funnel(host::context& ctx,
                                                   const query::funnel_question& q) override;
  host::task<result<query::page_partial>> page(host::context& ctx,
                                               const query::page_question& q) override;
  host::task<result<query::schema_partial>> schema(host::context& ctx,
                                                   const schema_request& q) override;
  host::task<result<query::values_partial>> values(host::context& ctx,
                                                   const values_request& q) override;
  host::task<result<query::explanation>> explain(host::context& ctx,
                                                 const explain_request& q) override;
  host::task<result<query::summary_partial>> summary(host::context& ctx,
                                                     const summary_request& q) override;
  host::task<result<neighbours>> around(host::context& ctx, millis instant) override;
  host::task<result<expire_answer>> expire(host::context& ctx, const expire_request& q) override;
  host::task<result<forget_answer>> forget(host::context& ctx, const forget_request& q) override;
  // Rows need no upkeep and are no segments: both answer with nothing.
  host::task<result<maintain_answer>> maintain(host::context& ctx,
                                               const maintain_request& q) override;
  host::task<result<storage_answer>> storage(host::context& ctx, const storage_request& q) override;
  host::task<result<funnel_rows_answer>> funnel_rows(host::context&,
                                                     const funnel_rows_request&) override {
    co_return fail(no_shards());
  }
  host::task<result<shard_answer>> shard(host::context&, const shard_request&) override {
    co_return fail(no_shards());
  }
  host::task<result<copied_events>> copy_out(host::context&, const copy_out_request&) override {
    co_return fail(no_shards());
  }
  host::task<result<shard_answer>> copy_in(host::context&, const copied_event_views&) override {
    co_return fail(no_shards());
  }

 private:
  static error no_shards() { return {error_code::internal_error, "The oracle has no shards."}; }
  host::task<result<void>> make_ready(host::context& ctx);
  host::task<result<void>> count_distinct(host::context& ctx, const query::aggregate_question& q,
                                          query::group_table& groups);
  bool ready_ = false;  // the tables exist
};

}  // namespace millimetric::store
