#pragma once
// The event store as columnar segments inside SQLite: every request that brings events becomes one
// small segment, and segments are merged into larger ones in the background. A store is asked one
// thing at a time: hosts do not begin a call before the one before it has ended.

#include <memory>
#include <optional>
#include <set>

#include "query/funnel_table.h"
#include "query/partial.h"
#include "segment/funnel_scan.h"
#include "segment/limits.h"
#include "store/catalog.h"
#include "store/chunks.h"
#include "store/event_store.h"
#include "store/page_rows.h"
#include "store/remembered_ids.h"
#include "store/rewrite.h"

namespace millimetric::store {

class segment_store final : public event_store {
 public:
  explicit segment_store(const segment::limits& limits = {}) : limits_(limits) {}

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
  host::task<result<maintain_answer>> maintain(host::context& ctx,
                                               const maintain_request& q) override;
  host::task<result<storage_answer>> storage(host::context& ctx, const storage_request& q) override;
  host::task<result<funnel_rows_answer>> funnel_rows(host::context& ctx,
                                                     const funnel_rows_request& q) override;
  host::task<result<shard_answer>> shard(host::context& ctx, const shard_request& q) override;
  host::task<result<copied_events>> copy_out(host::context& ctx,
                                             const copy_out_request& q) override;
  host::task<result<shard_answer>> copy_in(host::context& ctx,
                                           const copied_event_views& q) override;

 private:
  struct new_events {
    std::vector<std::uint32_t> rows;
    std::vector<std::uint64_t> ids;  // hashes of their ids
  };

  // New events on their way into segments: their rows in a request's columns, and per row the hash
  // of the id, the number of the arrival, and when it was received.
  struct new_rows {
    std::span<const std::uint32_t> rows;
    std::span<const std::uint64_t> ids;
    std::span<const std::int64_t> arrivals;
    std::span<const std::int64_t> received;
    [[nodiscard]] new_rows part(std::size_t at, std::size_t n) const {
      return {rows.subspan(at, n), ids.subspan(at, n), arrivals.subspan(at, n),
              received.subspan(at, n)};
    }
  };
  // A segment's row, and the hashes of its events' ids.
  struct built_row {
    std::string row;
    std::span<const std::uint64_t> ids;
  };

  // Makes the tables and reads the catalog, once, and again after a write that failed.
  host::task<result<void>> load(host::context& ctx);
  // As load, for what only a serving store does.
  // @return also a refusal (store/layout.h).
  host::task<result<void>> open(host::context& ctx);
  // Notes that a write failed: whether it was carried out is not known, so that what is remembered
  // may be wrong. Gives the error back; one that tells of damage (tool_failed) notes nothing.
  tl::unexpected<error> in_doubt(error e);
  host::task<result<void>> read_catalog(host::context& ctx);
  // Takes the segments of some rows into the catalog, and large ones into their list.
  host::task<result<void>> add_rows_of(host::context& ctx, std::span<const std::int64_t> ids);
  // All that is remembered beside the catalog. What rewrites that did not come to their end have
  // put aside is deleted.
  host::task<result<void>> read_state(host::context& ctx);

  // Which of the events are not there yet, and not twice among themselves.
  host::task<result<new_events>> fresh(host::context& ctx, const segment::event_columns& events);
  host::task<result<void>> mark_known(host::context& ctx, const segment_ref& s,
                                      std::span<const std::string_view> event_ids,
                                      const std::vector<std::size_t>& suspects,
                                      std::vector<std::uint8_t>& known);

  // The filter by whose visitors segments are looked up, if there is one.
  [[nodiscard]] static const query::filter* visitor_filter(const query::scope& in);
  // The segments that may have events of a scope: by its range, and by the visitors it names.
  host::task<result<std::vector<segment_ref>>> segments_of(host::context& ctx,
                                                           const query::scope& in);
  // Whether the scope has rows in a segment, and which, as a segment::selection or chosen_rows;
  // loads `more`, if any, along with what that needs.
  template <class Rows>
  host::task<result<bool>> select(host::context& ctx, open_segment& s, const query::scope& in,
                                  needed more, Rows& rows);
  host::task<result<std::uint64_t>> count(host::context& ctx, const query::scope& in);
  // How often each value of a column occurs, over everything.
  host::task<result<std::vector<query::frequent_value>>> count_by(host::context& ctx,
                                                                  query::column col);
  host::task<result<void>> scan_aggregate(host::context& ctx, const query::aggregate_question& q,
                                          const std::vector<segment_ref>& segments,
                                          query::group_table& to);
  host::task<result<void>> add_summary_of(host::context& ctx, const segment_ref& entry,
                                          const query::aggregate_question& q, std::uint8_t part,
                                          query::group_table& to);
  host::task<result<bool>> sum_up(host::context& ctx, const query::aggregate_question& q,
                                  const std::vector<segment_ref>& segments, query::group_table& to);
  host::task<result<void>> find_page(host::context& ctx, std::span<const segment_ref> segments,
                                     const query::page_question& q, page_rows& found);
  // Looks for a page's rows in some segments, which are read together.
  host::task<result<void>> find_rows(host::context& ctx, std::span<const segment_ref> segments,
                                     const query::page_question& q, page_rows& found);
  host::task<result<std::size_t>> add_rows(host::context& ctx, open_segment& s,
                                           const query::page_question& q,
                                           std::vector<std::uint32_t> rows, page_rows& found);
  struct picked_rows {
    segment_ref of;
    std::vector<std::uint32_t> rows;
  };
  // The events of rows of some segments, which are read together.
  host::task<result<void>> read_rows(host::context& ctx, std::span<const picked_rows> picked,
                                     keeping keep, std::vector<query::stored_event>& to);
  host::task<result<std::vector<query::stored_event>>> read_events(host::context& ctx,
                                                                   std::span<const page_row> rows,
                                                                   keeping keep);

  // What a pass of a funnel takes from each of its segments.
  struct wanted_steps {
    const query::funnel_question& q;
    const query::scope& names;  // what a segment must have for a step
    const segment::identities& known;
    segment::visitor_part of;
  };
  // The rows of a segment that may be steps; none where it has no event of their names.
  host::task<result<void>> read_steps(host::context& ctx, const segment_ref& entry,
                                      const wanted_steps& wanted, segment::tie_order ties,
                                      segment::funnel_work& work, segment::funnel_rows& to);
  // One pass over the segments, until it is too much for the memory. Gives which part of them it
  // has gone through: 1 when that is all.
  host::task<result<double>> funnel_pass(host::context& ctx, const wanted_steps& wanted,
                                         const std::vector<segment_ref>& segments,
                                         query::funnel_table& to);
  host::task<result<segment::identities>> who_is_who(host::context& ctx);

  // Leaves kept chunks the room that they have beside so many bytes of an answer in the making.
  void make_room_for(std::size_t answer_bytes);

  // Asks to be woken when there is upkeep to do: at once, or after a while in which more comes in,
  // which ends when enough has come.
  host::task<result<void>> wake_if_due(host::context& ctx);
  // Whether what came since the store asked to be woken may be enough.
  [[nodiscard]] bool may_be_enough() const;
  [[nodiscard]] millis upkeep_after() const;
  [[nodiscard]] bool upkeep_is_due(millis now) const;
  // The merge that is due most; null when none is.
  [[nodiscard]] std::unique_ptr<rewrite> next_merge(millis now);
  host::task<result<void>> merge_step(host::context& ctx);
  // Notes which inputs the merge under way failed over, so that the next one leaves them out.
  // @return what becomes of its error.
  error leave_out(error why);
  // Ends a merge under way, and removes what it has put aside.
  host::task<result<void>> give_up_merge(host::context& ctx);
  // Counts, in the table of usage, the arrivals that are not counted there yet. Until then segments
  // tell of them: before one of these goes, or their month has gone by, they must be.
  host::task<result<void>> settle_usage(host::context& ctx);
  // Finds them when the store is opened. Those of a damaged segment are believed to be behind those
  // of the segment before it, so that their numbers are not given again.
  void find_unsettled(millis now);
  // Takes the outcome of a rewrite into the catalog.
  void commit(const rewrite& work, millis now);
  // Takes segments that were deleted out of the catalog.
  void let_go(std::span<const segment_ref> segments);
  host::task<result<void>> drop_old_receptions(host::context& ctx);
  // Rewrites a segment without the rows that are not marked, at once. Gives how many went.
  host::task<result<std::uint64_t>> drop_rows(host::context& ctx, const segment_ref& s,
                                              std::vector<std::uint8_t> keep);

  host::task<result<std::uint64_t>> cut_off(host::context& ctx, const segment_ref& s,
                                            millis before);

  // How far a forget has come: the rows that went, how many the segments had that were written anew
  // in this call, whether that is enough for it, and the first segment that could not be read.
  struct forgetting {
    std::uint64_t deleted = 0;
    std::uint64_t rewritten = 0;
    bool more = false;
    std::optional<error> damage;
  };
  // Rows of a visitor: all of a scope, or those where nobody was signed in.
  struct visitor_rows {
    query::scope in;
    bool signed_out = false;
    bool stay = false;  // also where those before say that they go
  };
  // A part of forgetting, which is done before the next one begins: the rows that go, but for some
  // of them that a later part needs.
  using forget_part = std::vector<visitor_rows>;
  host::task<result<std::vector<std::string>>> identified_as(host::context& ctx,
                                                             const std::string& user,
                                                             forgetting& so_far);
  // Stores events as a small segment, or as several where their texts are too long for a row, with
  // further statements in the same transaction.
  host::task<result<void>> put(host::context& ctx, const segment::event_columns& events,
                               const new_events& fresh, std::vector<std::int64_t> received,
                               std::vector<host::statement> also);
  // The rows of the database for new events: one, or more where one would be too large.
  // @return internal_error for one event that is.
  [[nodiscard]] result<void> build_rows(const segment::event_columns& events, const new_rows& of,
                                        std::vector<built_row>& to) const;
  host::task<result<void>> put_state(host::context& ctx, shard_state next,
                                     std::vector<host::statement> also);
  host::task<result<void>> empty_some(host::context& ctx);
  host::task<result<void>> read_copied(host::context& ctx, const segment_ref& entry,
                                       const std::vector<std::size_t>& places,
                                       std::vector<std::uint32_t> rows, copied_events& to);

  [[nodiscard]] static std::vector<forget_part> parts_of(const forget_request& q,
                                                         std::vector<std::string> known);
  host::task<result<std::vector<std::uint8_t>>> others(host::context& ctx, const segment_ref& entry,
                                                       const forget_part& part);
  host::task<result<void>> forget_some(host::context& ctx, const forget_part& part,
                                       const query::scope& in, forgetting& so_far);

  // Chunks, rows of segments, filters of ids and the list of segments in memory together: about
  // what a month's question reads at 10 million events, and half of the 64 MB that a store may
  // take.
  static constexpr std::size_t kept_bytes = 32UL * 1024 * 1024;
  // What of it is left to chunks.
  [[nodiscard]] std::size_t chunk_bytes() const noexcept {
    return kept_bytes - std::min(kept_bytes, ids_.filter_bytes() + catalog_.bytes());
  }

  segment::limits limits_;
  bool open_ = false;
  shard_state state_;
  catalog catalog_;
  chunk_cache cache_;
  remembered_ids ids_;
  std::uint64_t id_key_ = 0;                // by which event ids are hashed
  std::int64_t last_segment_ = 0;           // the highest number given to a segment
  std::int64_t last_arrival_ = 0;           // events ever taken in
  std::int64_t settled_ = 0;                // how many of them the table of usage counts
  std::string unsettled_month_;             // in which all the others came
  std::unique_ptr<rewrite> merge_;          // under way, step by step
  bool orphans_ = false;                    // a merge was given up and left chunks behind
  std::optional<millis> waits_;             // how long, since it has asked to be woken
  std::size_t came_since_asked_ = 0;        // segments
  std::set<std::int64_t> unmergeable_;      // failed to be merged; as long as this object lives
  std::uint32_t refused_merges_ = 0;        // by the database, one behind the other
  std::set<std::int64_t> with_receptions_;  // large segments whose ids are still remembered
};

}  // namespace millimetric::store
