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

  // A store is asked one thing at a time, and the request and the context must live until the task
  // ends. Times are milliseconds since 1970, UTC. Beside what it says itself, each operation may
  // fail with
  // - upstream_failed: storage did not answer; a change may have been made or not;
  // - tool_failed: a segment that it needs is damaged;
  // - a refusal (store/layout.h): the store does not serve, while its project is resharded. Not so
  //   expire, forget, maintain and shard, which go on there.

  // Stores the events in one transaction, each client-chosen id once within 7 days of its first
  // arrival. Durable when it answers. Views in `events` must outlive the task.
  // @return per event 1 where it was stored, 0 where it was there already; also a refusal while the
  // store is sealed, internal_error when an event is too large for a row of the database. None of
  // them is stored then. A damaged segment is no reason to fail: at worst an id of its is stored
  // twice.
  virtual host::task<result<std::vector<std::uint8_t>>> append(
      host::context& ctx, const segment::event_columns& events) = 0;

  // Counts the events of a scope, and their distinct visitors, users or sessions, by group and
  // interval.
  // @return the groups in no order; also invalid_params when there are too many, or their distinct
  // values take too much memory (query/partial.h).
  virtual host::task<result<query::aggregate_partial>> aggregate(
      host::context& ctx, const query::aggregate_question& q) = 0;

  // Counts how far the visitors of a scope come in an ordered list of steps. A question has at most
  // query::max_funnel_steps of them.
  // @return a group per value of the column that divides it; also invalid_params when there are too
  // many visitors to be counted in memory, or too many identified ones.
  virtual host::task<result<query::funnel_partial>> funnel(host::context& ctx,
                                                           const query::funnel_question& q) = 0;

  // Gives whole events of a scope in an order, at most `limit`, and of them no more than the bytes
  // that the question allows, but one at least.
  // @return the events, and whether there are more behind them.
  virtual host::task<result<query::page_partial>> page(host::context& ctx,
                                                       const query::page_question& q) = 0;

  // Describes the events at `since` and behind it: per name how many there are, from when until
  // when, and the keys and JSON types of their properties.
  // @return the names, most frequent first.
  virtual host::task<result<query::schema_partial>> schema(host::context& ctx,
                                                           const schema_request& q) = 0;

  // Counts the values of a column over all events, those that are not null.
  // @return the `limit` most frequent ones, most frequent first. Of a column with more values than
  // an answer has groups, those that were counted before there were too many.
  virtual host::task<result<query::values_partial>> values(host::context& ctx,
                                                           const values_request& q) = 0;

  // Says why a question may have found nothing: how many events there are, how many are left after
  // its range and after each of its filters, and which of its names were never seen.
  // @return these, with at most query::most_known_events names to compare with; also
  // invalid_params as `aggregate`.
  virtual host::task<result<query::explanation>> explain(host::context& ctx,
                                                         const explain_request& q) = 0;

  // Sums a project up.
  // @return how many events there are from `since` to now, how many were taken in this month, and
  // the time of the last one; also invalid_params as `aggregate`.
  virtual host::task<result<query::summary_partial>> summary(host::context& ctx,
                                                             const summary_request& q) = 0;

  // Finds the events next to an instant.
  // @return the time of the last one before it, and of the first one at it or behind it.
  virtual host::task<result<neighbours>> around(host::context& ctx, millis instant) = 0;

  // Deletes events before an instant, in a bounded step: it ends behind the segment with which
  // `limit` events are gone, or those of a full segment were written anew. Damaged segments
  // stay until all their events are old.
  // @return how many went, and whether there are more.
  virtual host::task<result<expire_answer>> expire(host::context& ctx, const expire_request& q) = 0;

  // Deletes a visitor's events, in a bounded step: it ends behind the segment with which as many
  // events as a full one has were written anew. Gone from every later answer and from the stored
  // bytes when a step answers that there is no more, but for the log of writes, which a further
  // step writes over. A step that fails, or is not followed by another, leaves what the next one
  // needs to go on.
  // @return how many went, and whether there are more; tool_failed when a segment is damaged, with
  // the last step: all others are without the visitor then.
  virtual host::task<result<forget_answer>> forget(host::context& ctx, const forget_request& q) = 0;

  // Takes a bounded step of what a store does by itself, which is merging, and dropping what is not
  // needed any more. Once it has failed over a damaged segment, the next step leaves that one out.
  // @return whether there is more to do.
  virtual host::task<result<maintain_answer>> maintain(host::context& ctx,
                                                       const maintain_request& q) = 0;

  // Weighs the store: events, segments by kind, and bytes by column. Reads no segment.
  // @return these; damaged segments are counted, and are no reason to fail.
  virtual host::task<result<storage_answer>> storage(host::context& ctx,
                                                     const storage_request& q) = 0;

  // Gives the rows that may be steps of a funnel, of a part of the visitors, for those whose events
  // are in several shards.
  // @return the rows by time, then arrival, or only that there are more than `most`; also
  // invalid_params when there are too many identified visitors.
  virtual host::task<result<funnel_rows_answer>> funnel_rows(host::context& ctx,
                                                             const funnel_rows_request& q) = 0;

  // Takes a step of resharding (docs/decisions/024-shards.md), or looks. A step that does not
  // fit what the store is changes nothing.
  // @return what it is after the step, with its events and its usage; durable when it answers.
  virtual host::task<result<shard_answer>> shard(host::context& ctx, const shard_request& q) = 0;

  // Gives some of the events behind an arrival, in the order of their arrival.
  // @return these, up to the last one of all when there are no more.
  virtual host::task<result<copied_events>> copy_out(host::context& ctx,
                                                     const copy_out_request& q) = 0;

  // Stores, in one transaction, those of the events that it has not got yet. Durable when it
  // answers. Views in `q` must outlive the task.
  // @return as `shard`, without events and usage; a refusal unless the store is filling,
  // internal_error when events between would be missing or one is too large for a row.
  virtual host::task<result<shard_answer>> copy_in(host::context& ctx,
                                                   const copied_event_views& q) = 0;
};

}  // namespace millimetric::store
