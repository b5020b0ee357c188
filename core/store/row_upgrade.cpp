#include "store/row_upgrade.h"

#include <numeric>
#include <vector>

#include "segment/writer.h"
#include "store/catalog.h"

namespace millimetric::store {
namespace {

using host::context;
using host::rows;
using host::task;

// Rows of one step: even the largest events, some 35 KB each, make a segment that fits a row.
constexpr std::int64_t step_rows = 50;

std::optional<std::string_view> optional_text(const rows& r, std::size_t row, std::size_t column) {
  if (r.is_null(row, column)) return std::nullopt;
  return r.text(row, column);
}

// A view of the rows: the columns behind the arrival and the time of reception, in the statement's
// order.
event::record_view read_row(const rows& r, std::size_t row) {
  std::size_t column = 2;
  const auto text = [&] { return r.text(row, column++); };
  const auto maybe = [&] { return optional_text(r, row, column++); };
  event::record_view e;
  e.timestamp = r.integer(row, column++);
  e.event_name = text();
  e.event_id = text();
  e.anonymous_id = text();
  e.user_id = maybe();
  e.session_id = text();
  e.source = text();
  e.medium = text();
  e.campaign = maybe();
  e.source_confidence = text();
  e.source_rule_id = text();
  e.country = maybe();
  e.device_type = maybe();
  e.browser = text();
  e.os = text();
  e.url = maybe();
  e.path = maybe();
  e.referrer = maybe();
  e.properties = text();
  e.ip_hash = maybe();
  return e;
}

host::statement next_rows() {
  return {
      "SELECT seq, COALESCE(received_at, 0), ts, event_name, e.event_id, anonymous_id, user_id, "
      "session_id, source, medium, campaign, source_confidence, source_rule_id, country, "
      "device_type, browser, os, url, path, referrer, properties, ip_hash FROM events AS e LEFT "
      "JOIN event_ids AS i ON i.event_id = e.event_id ORDER BY seq LIMIT ?",
      {step_rows}};
}

// Deleted rows stay in the free space of their pages, so each is written over with as many zeros
// before it goes: a row that keeps its size is changed where it stands.
void delete_rows(std::int64_t up_to, std::vector<host::statement>& to) {
  std::string zeros;
  for (const std::string_view c : {"event_id", "anonymous_id", "user_id", "session_id", "campaign",
                                   "url", "path", "referrer", "properties", "ip_hash"}) {
    const std::string name(c);
    zeros += (zeros.empty() ? "" : ", ") + name + " = zeroblob(length(CAST(" + name + " AS BLOB)))";
  }
  to.push_back({"UPDATE events SET " + zeros + " WHERE seq <= ?", {up_to}});
  to.push_back({"DELETE FROM events WHERE seq <= ?", {up_to}});
}

// The table's root page still has its first rows where it has been a leaf: rows of a page each, so
// that it lists many pages, take their place before it goes.
std::vector<host::statement> drop_tables() {
  std::vector<host::statement> out;
  out.push_back(
      {"WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 600) "
       "INSERT INTO events (ts, event_name, event_id, anonymous_id, session_id, source, medium, "
       "source_confidence, source_rule_id, browser, os, properties) SELECT 0, '', '', '', '', '', "
       "'', '', '', '', '', zeroblob(4000) FROM count",
       {}});
  for (const std::string_view table : {"events", "event_ids", "forgotten"})
    out.push_back({"DROP TABLE IF EXISTS " + std::string(table), {}});
  return out;
}

std::vector<host::statement> store_step(const rows& r, std::int64_t segment) {
  std::vector<event::record_view> events;
  std::vector<std::int64_t> arrivals;
  std::vector<std::int64_t> received;
  for (std::size_t row = 0; row < r.size(); ++row) {
    arrivals.push_back(r.integer(row, 0));
    received.push_back(r.integer(row, 1));
    events.push_back(read_row(r, row));
  }
  std::vector<const event::record_view*> pointers;
  for (const event::record_view& e : events) pointers.push_back(&e);
  std::vector<std::uint32_t> all(events.size());
  std::iota(all.begin(), all.end(), 0U);
  const segment::built_segment built =
      segment::build(segment::columns_of(pointers), all, arrivals, received, {});
  std::vector<host::statement> out;
  out.push_back(
      sql::insert_segment(segment, sql::frame_row(built.head, segment::encode_segment(built))));
  delete_rows(arrivals.back(), out);
  return out;
}

}  // namespace

task<result<void>> upgrade_rows(context& ctx, std::int64_t& last_segment) {
  std::vector<host::statement> one;
  one.push_back({"SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'", {}});
  auto found = co_await ctx.sql(std::move(one));
  if (!found) co_return fail(found.error());
  if (found->results.front().size() == 0) co_return result<void>{};
  for (;;) {
    std::vector<host::statement> next;
    next.push_back(next_rows());
    auto got = co_await ctx.sql(std::move(next));
    if (!got) co_return fail(got.error());
    if (got->results.front().size() == 0) break;
    auto stored = co_await ctx.sql(store_step(got->results.front(), last_segment + 1));
    if (!stored) co_return fail(stored.error());
    ++last_segment;
  }
  auto dropped = co_await ctx.sql(drop_tables());
  if (!dropped) co_return fail(dropped.error());
  co_return result<void>{};
}

}  // namespace millimetric::store
