#pragma once
// The event store of one project: the narrow interface behind which engines change. Answers are
// partial results that merge with those of other stores.

#include "host/request.h"
#include "store/answer_cache.h"
#include "store/protocol.h"

namespace millimetric::store {

class event_store {
 public:
  event_store() = default;
  event_store(const event_store&) = delete;
  event_store& operator=(const event_store&) = delete;
  virtual ~event_store() = default;

  // Stores the events in one transaction, each client-chosen id once within 7 days of its first
  // arrival. Durable when it answers.
  // Every operation may fail with upstream_failed (storage did not answer).
  virtual host::task<result<append_answer>> append(host::context& ctx,
                                                   const segment::event_columns& events) = 0;
  // @return also invalid_params when there are too many groups.
  virtual host::task<result<query::aggregate_partial>> aggregate(
      host::context& ctx, const query::aggregate_question& q) = 0;
  virtual host::task<result<query::funnel_partial>> funnel(host::context& ctx,
                                                           const query::funnel_question& q) = 0;
  virtual host::task<result<query::page_partial>> page(host::context& ctx,
                                                       const query::page_question& q) = 0;
  virtual host::task<result<query::schema_partial>> schema(host::context& ctx,
                                                           const schema_request& q) = 0;
  virtual host::task<result<query::values_partial>> values(host::context& ctx,
                                                           const values_request& q) = 0;
  virtual host::task<result<query::explanation>> explain(host::context& ctx,
                                                         const explain_request& q) = 0;
  virtual host::task<result<query::summary_partial>> summary(host::context& ctx,
                                                             const summary_request& q) = 0;
  // The events next to an instant.
  virtual host::task<result<neighbours>> around(host::context& ctx, millis instant) = 0;
  virtual host::task<result<expire_answer>> expire(host::context& ctx, const expire_request& q) = 0;
  // Gone from every later answer and from the stored bytes when this answers.
  virtual host::task<result<forget_answer>> forget(host::context& ctx, const forget_request& q) = 0;
  virtual host::task<result<maintain_answer>> maintain(host::context& ctx,
                                                       const maintain_request& q) = 0;
  virtual host::task<result<storage_answer>> storage(host::context& ctx,
                                                     const storage_request& q) = 0;
  virtual host::task<result<funnel_rows_answer>> funnel_rows(host::context& ctx,
                                                             const funnel_rows_request& q) = 0;

  // Resharding; docs/decisions/024-shards.md.
  virtual host::task<result<shard_answer>> shard(host::context& ctx, const shard_request& q) = 0;
  // Some events behind an arrival; up to the last one of all when there are no more.
  // @return also tool_failed when a segment is damaged.
  virtual host::task<result<copied_events>> copy_out(host::context& ctx,
                                                     const copy_out_request& q) = 0;
  // Stores, in one transaction, those of the events that it has not got yet.
  // @return also a refusal (store/layout.h) unless the store is filling, internal_error when
  // events between would be missing.
  virtual host::task<result<shard_answer>> copy_in(host::context& ctx,
                                                   const copied_event_views& q) = 0;
};

}  // namespace millimetric::store
