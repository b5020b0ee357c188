#include "sql_store/sql_text.h"

#include <array>

#include "json/writer.h"

namespace millimetric::store {
namespace {

using host::statement;
using host::value;

constexpr std::array<std::string_view, 20> event_columns{"ts",
                                                         "event_name",
                                                         "event_id",
                                                         "anonymous_id",
                                                         "user_id",
                                                         "session_id",
                                                         "source",
                                                         "medium",
                                                         "campaign",
                                                         "source_confidence",
                                                         "source_rule_id",
                                                         "country",
                                                         "device_type",
                                                         "browser",
                                                         "os",
                                                         "url",
                                                         "path",
                                                         "referrer",
                                                         "properties",
                                                         "ip_hash"};

std::string joined_columns() {
  std::string out;
  for (const std::string_view c : event_columns) {
    if (!out.empty()) out += ", ";
    out += c;
  }
  return out;
}

value text_value(std::string_view v) { return std::string(v); }

value optional_value(const std::optional<std::string_view>& v) {
  return v ? text_value(*v) : value(std::monostate{});
}

std::vector<value> event_values(const event::record& r) {
  return {r.timestamp,
          text_value(r.event_name),
          text_value(r.event_id),
          text_value(r.anonymous_id),
          optional_value(r.user_id),
          text_value(r.session_id),
          text_value(r.source),
          text_value(r.medium),
          optional_value(r.campaign),
          text_value(r.source_confidence),
          text_value(r.source_rule_id),
          optional_value(r.country),
          optional_value(r.device_type),
          text_value(r.browser),
          text_value(r.os),
          optional_value(r.url),
          optional_value(r.path),
          optional_value(r.referrer),
          text_value(r.properties),
          optional_value(r.ip_hash)};
}

std::string json_list(const std::vector<std::string>& values) {
  std::string out;
  json::writer w(out);
  w.begin_array();
  for (const std::string& v : values) w.string(v);
  w.end_array();
  return out;
}

// What the indexes hold of an id: its end, then its beginning. Never the id: what leaves an index
// stays in the free space of its pages, and a visitor who is forgotten must not stay there.
std::string outline(std::string_view id) {
  const std::string of(id);
  return "substr(" + of + ", -4), substr(" + of + ", 1, 4)";
}

// "a = b" between ids, in words that find the index.
std::string same_id(std::string_view a, std::string_view b) {
  return "(" + outline(a) + ") = (" + outline(b) + ") AND " + std::string(a) + " = " +
         std::string(b);
}

void add_one_of(statement& s, std::string_view column, const std::vector<std::string>& any_of) {
  s.sql += " AND ";
  if (any_of.size() == 1 && (column == "anonymous_id" || column == "user_id")) {
    s.sql += same_id(column, "?");
    s.params.insert(s.params.end(), 3, any_of.front());
    return;
  }
  s.sql += column;
  if (any_of.size() == 1) {
    s.sql += " = ?";
    s.params.emplace_back(any_of.front());
    return;
  }
  s.sql += " IN (SELECT value FROM json_each(?))";
  s.params.emplace_back(json_list(any_of));
}

void add_scope(statement& s, const query::scope& in) {
  s.sql += " WHERE ts >= ? AND ts < ?";
  s.params.emplace_back(in.range.from);
  s.params.emplace_back(in.range.to);
  for (const query::filter& f : in.filters) add_one_of(s, query::describe(f.col).name, f.any_of);
}

std::string_view bucket_sql(query::interval every) {
  switch (every) {
    case query::interval::hour: return "ts - ts % 3600000";
    case query::interval::day: return "ts - ts % 86400000";
    // 345600000: 1970-01-05, a Monday.
    case query::interval::week: return "ts - (ts - 345600000 + 604800000) % 604800000";
    case query::interval::month:
      return "CAST(strftime('%s', ts / 1000, 'unixepoch', 'start of month') AS INTEGER) * 1000";
    case query::interval::none: break;
  }
  return "0";
}

std::string group_list(const query::aggregate_question& q) {
  std::string out(bucket_sql(q.every));
  for (const query::column c : q.group_by) {
    out += ", ";
    out += query::describe(c).name;
  }
  return out;
}

std::string ordinals(std::size_t n) {
  std::string out = "1";
  for (std::size_t i = 2; i <= n; ++i) out += ", " + std::to_string(i);
  return out;
}

std::string_view distinct_column(query::metric of) {
  switch (of) {
    case query::metric::users: return "user_id";
    case query::metric::sessions: return "session_id";
    default: return "anonymous_id";
  }
}

// The user that each anonymous id was last identified as.
constexpr std::string_view identities =
    "WITH identities AS (SELECT anonymous_id AS known_id, user_id AS person FROM (SELECT "
    "anonymous_id, user_id, ROW_NUMBER() OVER (PARTITION BY anonymous_id ORDER BY ts DESC, seq "
    "DESC) AS latest FROM events WHERE event_name = '$identify' AND user_id IS NOT NULL) WHERE "
    "latest = 1) ";

}  // namespace

std::vector<statement> schema_statements() {
  std::vector<statement> out;
  out.push_back(
      {"CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY AUTOINCREMENT, "
       "ts INTEGER NOT NULL, event_name TEXT NOT NULL, event_id TEXT NOT NULL, "
       "anonymous_id TEXT NOT NULL, user_id TEXT, session_id TEXT NOT NULL, "
       "source TEXT NOT NULL, medium TEXT NOT NULL, campaign TEXT, "
       "source_confidence TEXT NOT NULL, source_rule_id TEXT NOT NULL, country TEXT, "
       "device_type TEXT, browser TEXT NOT NULL, os TEXT NOT NULL, url TEXT, path TEXT, "
       "referrer TEXT, properties TEXT NOT NULL, ip_hash TEXT)",
       {}});
  out.push_back({"CREATE INDEX IF NOT EXISTS events_by_time ON events (ts)", {}});
  out.push_back({"CREATE INDEX IF NOT EXISTS events_by_name ON events (event_name, ts)", {}});
  out.push_back({"CREATE INDEX IF NOT EXISTS events_by_visitor_outline ON events (" +
                     outline("anonymous_id") + ", ts)",
                 {}});
  out.push_back({"CREATE INDEX IF NOT EXISTS events_by_user_outline ON events (" +
                     outline("user_id") + ", ts)",
                 {}});
  for (const std::string_view former : {"events_by_visitor", "events_by_user"})
    out.push_back({"DROP INDEX IF EXISTS " + std::string(former), {}});
  out.push_back(
      {"CREATE TABLE IF NOT EXISTS event_ids (event_id TEXT PRIMARY KEY, "
       "received_at INTEGER NOT NULL) WITHOUT ROWID",
       {}});
  out.push_back({"CREATE INDEX IF NOT EXISTS event_ids_by_time ON event_ids (received_at)", {}});
  out.push_back(
      {"CREATE TABLE IF NOT EXISTS usage (month TEXT PRIMARY KEY, "
       "events INTEGER NOT NULL) WITHOUT ROWID",
       {}});
  out.push_back({"CREATE TABLE IF NOT EXISTS forgotten (seq INTEGER PRIMARY KEY)", {}});
  out.push_back({"CREATE TABLE IF NOT EXISTS noise (n INTEGER PRIMARY KEY, bytes BLOB)", {}});
  return out;
}

statement insert_statement(const event::record& r, millis remembered_from) {
  static const std::string columns = joined_columns();
  static const std::string marks = [] {
    std::string out = "?";
    for (std::size_t i = 1; i < event_columns.size(); ++i) out += ", ?";
    return out;
  }();
  statement s{"INSERT INTO events (" + columns + ")", event_values(r)};
  if (!r.client_event_id) {
    s.sql += " VALUES (" + marks + ") RETURNING 1";
    return s;
  }
  s.sql += " SELECT " + marks +
           " WHERE NOT EXISTS (SELECT 1 FROM event_ids WHERE event_id = ? AND received_at > ?) "
           "RETURNING 1";
  s.params.emplace_back(text_value(r.event_id));
  s.params.emplace_back(remembered_from);
  return s;
}

statement note_id_statement(const event::record& r, millis now, millis remembered_from) {
  return {
      "INSERT INTO event_ids (event_id, received_at) VALUES (?, ?) ON CONFLICT (event_id) DO "
      "UPDATE SET received_at = excluded.received_at WHERE event_ids.received_at <= ?",
      {text_value(r.event_id), now, remembered_from}};
}

statement usage_statement(millis now, usage_edge edge) {
  const std::string sign = edge == usage_edge::before ? "-" : "";
  return {
      "INSERT INTO usage (month, events) SELECT ?, " + sign +
          "COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'events' ON CONFLICT (month) "
          "DO UPDATE SET events = events + excluded.events",
      {format_month(now)}};
}

statement count_statement(const query::aggregate_question& q) {
  statement s{"SELECT " + group_list(q) + ", COUNT(*), SUM(medium = 'paid') FROM events", {}};
  add_scope(s, q.in);
  s.sql += " GROUP BY " + ordinals(q.group_by.size() + 1);
  return s;
}

statement distinct_statement(const query::aggregate_question& q) {
  const std::string_view counted = distinct_column(q.of);
  statement s{"SELECT " + group_list(q) + ", ", {}};
  s.sql += counted;
  s.sql += " FROM events";
  add_scope(s, q.in);
  s.sql += " AND ";
  s.sql += counted;
  s.sql += " IS NOT NULL GROUP BY " + ordinals(q.group_by.size() + 2);
  return s;
}

statement funnel_statement(const query::funnel_question& q) {
  const bool person = q.by == query::identity::person;
  std::string visitor = q.by == query::identity::user_id ? "user_id" : "anonymous_id";
  // Marked by kind: a user's id may be another visitor's anonymous id.
  if (person) visitor = "COALESCE('u' || COALESCE(user_id, person), 'a' || anonymous_id)";
  statement s{person ? std::string(identities) : std::string(), {}};
  s.sql += "SELECT " + visitor + " AS visitor, ts, event_name, path, ";
  s.sql += q.group_by ? query::describe(*q.group_by).name : std::string_view("NULL");
  s.sql += " FROM events";
  if (person) s.sql += " LEFT JOIN identities ON known_id = anonymous_id";
  add_scope(s, q.in);
  std::vector<std::string> names;
  for (const query::funnel_step& step : q.steps) names.push_back(step.event);
  add_one_of(s, "event_name", names);
  s.sql += " AND visitor IS NOT NULL ORDER BY visitor, ts, seq";
  return s;
}

statement page_statement(const query::page_question& q) {
  const bool oldest_first = q.order == query::page_order::oldest_first;
  statement s{"SELECT seq, " + joined_columns() + " FROM events", {}};
  add_scope(s, q.in);
  if (q.after) {
    s.sql += oldest_first ? " AND (ts, seq) > (?, ?)" : " AND (ts, seq) < (?, ?)";
    s.params.emplace_back(q.after->timestamp);
    s.params.emplace_back(q.after->arrival);
  }
  s.sql += oldest_first ? " ORDER BY ts, seq LIMIT ?" : " ORDER BY ts DESC, seq DESC LIMIT ?";
  s.params.emplace_back(static_cast<std::int64_t>(q.limit) + 1);
  return s;
}

event::record read_event(const host::rows& rows, std::size_t row) {
  std::size_t column = 1;
  const auto text = [&] { return std::string(rows.text(row, column++)); };
  const auto optional_text = [&] {
    const bool null = rows.is_null(row, column);
    std::string got = text();
    return null ? std::nullopt : std::optional(std::move(got));
  };
  event::record r;
  r.timestamp = rows.integer(row, column++);
  r.event_name = text();
  r.event_id = text();
  r.anonymous_id = text();
  r.user_id = optional_text();
  r.session_id = text();
  r.source = text();
  r.medium = text();
  r.campaign = optional_text();
  r.source_confidence = text();
  r.source_rule_id = text();
  r.country = optional_text();
  r.device_type = optional_text();
  r.browser = text();
  r.os = text();
  r.url = optional_text();
  r.path = optional_text();
  r.referrer = optional_text();
  r.properties = text();
  r.ip_hash = optional_text();
  return r;
}

// Ids go with the events that they were noted for, the last ones that came with them.
statement forget_ids_statement(std::string_view which, std::vector<value> params) {
  return {"DELETE FROM event_ids WHERE event_id IN (SELECT event_id FROM events AS e WHERE " +
              std::string(which) +
              " AND NOT EXISTS (SELECT 1 FROM events AS later WHERE later.event_id = e.event_id "
              "AND later.seq > e.seq))",
          std::move(params)};
}

// Deleted rows stay in the free space of their pages, so each is written over with as many zeros
// before it goes: a row that keeps its size is changed where it stands.
std::vector<statement> forget_statements(const forget_request& q) {
  const std::string& id = q.user_id ? *q.user_id : q.anonymous_id.value_or("");
  std::string whose = "SELECT seq FROM events WHERE " + same_id("anonymous_id", "?1");
  if (q.user_id)
    whose = "SELECT seq FROM events WHERE " + same_id("user_id", "?1") +
            " UNION SELECT e.seq FROM events AS i CROSS JOIN events AS e ON " +
            same_id("e.anonymous_id", "i.anonymous_id") + " WHERE i.event_name = '$identify' AND " +
            same_id("i.user_id", "?1") + " AND e.user_id IS NULL";
  std::string zeros;
  for (const std::string_view c : {"event_id", "anonymous_id", "user_id", "session_id", "campaign",
                                   "url", "path", "referrer", "properties", "ip_hash"}) {
    const std::string name(c);
    zeros += (zeros.empty() ? "" : ", ") + name + " = replace(hex(zeroblob(length(CAST(" + name +
             " AS BLOB)))), '00', '0')";
  }
  const std::string these = " IN (SELECT seq FROM forgotten)";
  std::vector<statement> out;
  out.push_back({"INSERT INTO forgotten " + whose, {id}});
  out.push_back({"SELECT COUNT(*) FROM forgotten", {}});
  out.push_back(forget_ids_statement("seq" + these, {}));
  out.push_back({"UPDATE events SET " + zeros + " WHERE seq" + these, {}});
  out.push_back({"DELETE FROM events WHERE seq" + these, {}});
  out.push_back({"DELETE FROM forgotten", {}});
  // The table's root page still has its first rows where it has been a leaf: rows of a page each,
  // so that it lists many pages, take their place and go again.
  out.push_back(
      {"WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < "
       "600) INSERT INTO events (seq, ts, event_name, event_id, anonymous_id, "
       "session_id, source, medium, source_confidence, source_rule_id, browser, os, "
       "properties) SELECT n - 1000, 0, '', '', '', '', '', '', '', '', '', '', "
       "hex(zeroblob(2000)) FROM count",
       {}});
  out.push_back({"DELETE FROM events WHERE seq < 0", {}});
  // The log of writes keeps old pages until it is written over. So many pages make the database
  // take in what is in the log, and the next write begin it anew.
  out.push_back(
      {"WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < "
       "6) INSERT OR REPLACE INTO noise SELECT n, randomblob(1000000) FROM count",
       {}});
  return out;
}

statement scope_count_statement(const query::scope& in) {
  statement s{"SELECT COUNT(*) FROM events", {}};
  add_scope(s, in);
  return s;
}

}  // namespace millimetric::store
