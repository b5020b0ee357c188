#include "../catch.h"
#include "base/archive.h"
#include "base/ids.h"
#include "query/funnel.h"
#include "query/read.h"
#include "reading.h"

using namespace millimetric;
using namespace millimetric::query;

namespace {

using names = std::vector<std::string>;

// The steps of a funnel as "event" or "event@path", or the first error.
std::string steps(std::string_view json) {
  reading r("{\"steps\":" + std::string(json) + "}");
  const funnel_question q = read_funnel(r.in(), reading::now);
  if (r.errors() != "") return r.first_error("steps");
  std::string out;
  for (const funnel_step& s : q.steps) out += s.event + (s.path ? "@" + *s.path : "") + " ";
  return out;
}

std::string list_of(std::size_t n) {
  std::string out = "[\"s\"";
  for (std::size_t i = 1; i < n; ++i) out += ",\"s\"";
  return out + "]";
}

// A cursor for the question in `json`, behind an event of "prj_a".
std::string cursor_of(std::string_view json) {
  reading r(json);
  const events_question q = read_query_events(r.in(), reading::now);
  REQUIRE(r.errors() == "");
  return make_cursor(q, 7, {.timestamp = 1'795'000'000'000, .arrival = 7}, "prj_a");
}

std::string with_cursor(std::string_view members, const std::string& cursor) {
  return "{" + std::string(members) + (members.empty() ? "" : ",") + "\"cursor\":\"" + cursor +
         "\"}";
}

std::string cursor_error(const std::string& json, millis now = reading::now) {
  reading r(json);
  static_cast<void>(read_query_events(r.in(), now));
  return r.first_error("cursor");
}

constexpr std::string_view no_cursor =
    "must be a next_cursor of an earlier answer, unchanged; leave it out to start at the newest "
    "event";
constexpr std::string_view other_question =
    "belongs to a question with other filters, another range or other projects; repeat the same "
    "arguments or leave the cursor out";

}  // namespace

TEST_CASE("funnel steps come as names, objects, JSON text or a comma list") {
  CHECK(steps(R"(["a","b"])") == "a b ");
  CHECK(steps(R"("a, b,c")") == "a b c ");
  CHECK(steps(R"("[\"a\",{\"event\":\"b\",\"path\":\"/p\"}]")") == "a b@/p ");
  CHECK(steps(R"([{"event":"a","path":"/x"},{"event":"b"}])") == "a@/x b ");
  CHECK(steps(R"(["a",{"event":"b","path":null}])") == "a b ");
}

TEST_CASE("a funnel has 2 to 10 steps, each with an event name") {
  const std::string size =
      "must be a list of 2 to 10 event names or {event, path?} objects, in "
      "order; got ";
  CHECK(steps(list_of(2)) != "");
  CHECK(steps(list_of(10)).size() == 20);
  CHECK(steps(list_of(11)) == size + "11");
  CHECK(steps(R"(["a"])") == size + "1");
  CHECK(steps("null") == size + "none");
  CHECK(steps(R"(["a",""])") ==
        R"(a step's "event" must be a string of 1 to 128 characters; got "")");
  CHECK(steps(R"(["a",5])") == "a 5 ");
  CHECK(steps(R"(["a",true])") ==
        R"(a step's "event" must be a string of 1 to 128 characters; got true)");
  CHECK(steps(R"(["a",{"path":"/p"}])") == R"(a step given as an object needs an "event")");
  CHECK(steps(R"(["a",{"event":"b","paht":"/p"}])") ==
        R"(a step is an event name or {"event","path"?}; got a member "paht")");
  CHECK(steps(R"(["a",{"event":"b","path":[]}])") ==
        R"(a step's "path" must be a string of 1 to 2048 characters; got a list)");
  CHECK(steps("[\"a\",\"" + std::string(129, 'x') + "\"]").starts_with("a step's \"event\""));
}

TEST_CASE("a funnel has a window, an identity and one group") {
  reading r(R"({"steps":["a","b"],"window":"30m","by":"person","group_by":"source"})");
  const auto q = read_funnel(r.in(), reading::now);
  CHECK(r.errors() == "");
  CHECK(q.window == 30 * minute_ms);
  CHECK(q.by == identity::person);
  CHECK(q.group_by == column::source);
  reading d(R"({"steps":["a","b"],"by":"user_id","group_by":["path"]})");
  const auto e = read_funnel(d.in(), reading::now);
  CHECK(d.errors() == "");
  CHECK_FALSE(e.window);
  CHECK(e.by == identity::user_id);
  CHECK(e.group_by == column::path);
  reading bare(R"({"steps":["a","b"]})");
  const auto f = read_funnel(bare.in(), reading::now);
  CHECK(f.by == identity::anonymous_id);
  CHECK_FALSE(f.group_by);
  reading w(R"({"steps":["a","b"],"window":"week","by":"session","group_by":["source","path"]})");
  static_cast<void>(read_funnel(w.in(), reading::now));
  CHECK(w.first_error("window").starts_with("must be a whole number and a unit"));
  CHECK(w.first_error("by") ==
        R"(must be one of "anonymous_id", "user_id" or "person"; got "session")");
  CHECK(w.first_error("group_by").starts_with("must be one value"));
}

TEST_CASE("a cursor brings back its place and its range, also when now has moved on") {
  const std::string cursor = cursor_of(R"({"event":"signup"})");
  reading r(with_cursor(R"("event":"signup","limit":5)", cursor));
  const auto q = read_query_events(r.in(), reading::now + hour_ms);
  CHECK(r.errors() == "");
  CHECK(format_iso8601(q.in.range.from) == "2026-11-13T12:00:00.000Z");
  CHECK(format_iso8601(q.in.range.to) == "2026-11-20T12:00:00.000Z");
  REQUIRE(q.after);
  CHECK(q.after->timestamp == 1'795'000'000'000);
  CHECK(q.after->arrival == 7);
  CHECK(q.after_place == "prj_a");
  CHECK(q.limit == 5);
}

TEST_CASE("a cursor brings back a range from the earliest year there is") {
  const std::string range = R"("from":"0001-01-01")";
  reading r(with_cursor(range, cursor_of("{" + range + "}")));
  const auto q = read_query_events(r.in(), reading::now);
  CHECK(r.errors() == "");
  CHECK(q.in.range.from == year_1);
  CHECK(q.after);
}

TEST_CASE("a cursor belongs to its range, and says of which question it is") {
  const std::string cursor =
      cursor_of(R"({"event":["a","b"],"from":"2026-11-01","to":"2026-11-02"})");
  const std::string range = R"("from":"2026-11-01","to":"2026-11-02")";
  CHECK(cursor_error(with_cursor(R"("event":["a","b"],)" + range, cursor)) == "");
  CHECK(cursor_error(with_cursor(R"("event":["a","b"])", cursor)) == "");
  reading r(with_cursor(R"("event":["a","b"])", cursor));
  CHECK(read_query_events(r.in(), reading::now).after_question == 7);
  CHECK(cursor_error(with_cursor(R"("event":["a","b"],"from":"2026-11-01T01:00")", cursor)) ==
        other_question);
  CHECK(cursor_error(with_cursor(R"("event":["a","b"],"to":"2026-11-03")", cursor)) ==
        other_question);
}

TEST_CASE("a question is its filters, and its projects where they are several") {
  const auto question = [](std::string_view json, const std::vector<std::string>& several) {
    reading r(json);
    return question_of(read_query_events(r.in(), reading::now).in, several);
  };
  const auto a = question(R"({"event":"a"})", {});
  CHECK(question(R"({"event":"a","from":"2026-11-01"})", {}) == a);
  for (const std::string_view other : {"{}", R"({"event":"b"})", R"({"event":"a","source":"x"})"})
    CHECK(question(other, {}) != a);
  CHECK(question(R"({"event":"a"})", {"prj_a", "prj_b"}) != a);
  CHECK(question(R"({"event":"a"})", {"prj_a", "prj_b"}) !=
        question(R"({"event":"a"})", {"prj_a", "prj_c"}));
}

TEST_CASE("what is no cursor is refused, every truncation and made-up place included") {
  const std::string cursor = cursor_of("{}");
  REQUIRE(cursor_error(with_cursor("", cursor)) == "");
  for (std::size_t size = 1; size < cursor.size(); ++size)
    if (cursor_error(with_cursor("", cursor.substr(0, size))) != no_cursor) FAIL(size);
  CHECK(cursor_error(with_cursor("", cursor + "A")) == no_cursor);
  CHECK(cursor_error(with_cursor("", "not a cursor")) == no_cursor);
  std::string bytes;
  REQUIRE(from_base64url(cursor, bytes));
  bytes[0] = 2;  // another version
  CHECK(cursor_error(with_cursor("", to_base64url(bytes))) == no_cursor);
  REQUIRE(from_base64url(cursor, bytes));
  bytes[8 + 1 + 7] = '\x7F';  // a range that begins in the far future
  CHECK(cursor_error(with_cursor("", to_base64url(bytes))) == no_cursor);
  CHECK(cursor_error(with_cursor("", "")) == "must have 1 to 4096 characters; got 0");
}

TEST_CASE("the tools' arguments are the contract's, with those of projects on an account") {
  const names shared{"from",     "to",      "event",       "source",  "medium",
                     "campaign", "country", "device_type", "browser", "os",
                     "path",     "user_id", "anonymous_id"};
  const names projects{"project_id", "project_slug", "project_ids"};
  const auto expected = [&](names own, endpoint where) {
    own.insert(own.end(), shared.begin(), shared.end());
    if (where == endpoint::account) own.insert(own.end(), projects.begin(), projects.end());
    return own;
  };
  for (const endpoint where : {endpoint::project, endpoint::account}) {
    CHECK(query_events_arguments(where) == expected({"limit", "cursor"}, where));
    CHECK(get_stats_arguments(where) ==
          expected({"metric", "group_by", "interval", "limit"}, where));
    CHECK(top_sources_arguments(where) == expected({"breakdown", "limit"}, where));
    CHECK(funnel_arguments(where) == expected({"steps", "window", "by", "group_by"}, where));
  }
  CHECK(compare_projects_arguments() == expected({"metric"}, endpoint::account));
}
