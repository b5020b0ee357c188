#include "query/read.h"

#include "../catch.h"
#include "reading.h"

using namespace millimetric;
using namespace millimetric::query;

namespace {

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a range is the last 7 days unless it is given") {
  struct sample {
    std::string_view json, from, to;
  };
  const sample samples[] = {
      {.json = "{}", .from = "2026-11-13T12:00:00.000Z", .to = "2026-11-20T12:00:00.000Z"},
      {.json = R"({"to":"2026-11-10"})",
       .from = "2026-11-03T00:00:00.000Z",
       .to = "2026-11-10T00:00:00.000Z"},
      {.json = R"({"from":"2026-11-01"})",
       .from = "2026-11-01T00:00:00.000Z",
       .to = "2026-11-20T12:00:00.000Z"},
      {.json = R"({"from":"2026-11-01T02:00+02:00","to":"2026-11-01T00:00:00.001Z"})",
       .from = "2026-11-01T00:00:00.000Z",
       .to = "2026-11-01T00:00:00.001Z"},
      {.json = R"({"from":null,"to":null})",
       .from = "2026-11-13T12:00:00.000Z",
       .to = "2026-11-20T12:00:00.000Z"},
      {.json = R"({"to":"1970-01-02"})",
       .from = "1969-12-26T00:00:00.000Z",
       .to = "1970-01-02T00:00:00.000Z"},
      {.json = R"({"from":"1900-01-01"})",
       .from = "1900-01-01T00:00:00.000Z",
       .to = "2026-11-20T12:00:00.000Z"},
      {.json = R"({"from":"0001-01-01","to":"1970-01-01T00:00:00+01:00"})",
       .from = "0001-01-01T00:00:00.000Z",
       .to = "1969-12-31T23:00:00.000Z"},
      {.json = R"({"to":"0001-01-01"})",
       .from = "0000-12-25T00:00:00.000Z",
       .to = "0001-01-01T00:00:00.000Z"},
  };
  for (const sample& s : samples) {
    INFO(s.json);
    reading r(s.json);
    const time_range range = read_top_sources(r.in(), reading::now).what.in.range;
    CHECK(r.errors() == "");
    CHECK(format_iso8601(range.from) == s.from);
    CHECK(format_iso8601(range.to) == s.to);
  }
}

TEST_CASE("a range must begin before it ends") {
  const auto errors = [](std::string_view json) {
    reading r(json);
    static_cast<void>(read_top_sources(r.in(), reading::now));
    return r.first_error("from");
  };
  CHECK(errors(R"({"from":"2026-11-02","to":"2026-11-02"})") ==
        R"(must be before "to" (2026-11-02T00:00:00.000Z); got 2026-11-02T00:00:00.000Z)");
  CHECK(errors(R"({"from":"2026-11-21"})") ==
        R"(must be before "to" (2026-11-20T12:00:00.000Z, the default: now); )"
        "got 2026-11-21T00:00:00.000Z");
  CHECK(errors(R"({"from":"soon","to":"2026-11-02"})").starts_with("must be an ISO 8601 date"));
}

TEST_CASE("filters take one text or a list, of every column") {
  const std::pair<std::string_view, column> filters[] = {{"event", column::event_name},
                                                         {"source", column::source},
                                                         {"medium", column::medium},
                                                         {"campaign", column::campaign},
                                                         {"country", column::country},
                                                         {"device_type", column::device_type},
                                                         {"browser", column::browser},
                                                         {"os", column::os},
                                                         {"path", column::path},
                                                         {"user_id", column::user_id},
                                                         {"anonymous_id", column::anonymous_id}};
  for (const auto& [name, col] : filters) {
    INFO(name);
    reading r("{\"" + std::string(name) + R"(":["b","a","","b"]})");
    const scope in = read_top_sources(r.in(), reading::now).what.in;
    CHECK(r.errors() == "");
    REQUIRE(in.filters.size() == 1);
    CHECK(in.filters[0].col == col);
    CHECK(in.filters[0].any_of == names{"", "a", "b"});  // in one order, each once
  }
}

TEST_CASE("what is stored in one letter case is asked for in any") {
  const std::pair<std::string_view, std::string_view> filters[] = {
      {R"({"source":"FaceBook \u00c9"})", "facebook \u00e9"},
      {R"({"medium":" Email "})", "email"},
      {R"({"country":" de "})", "DE"},
      {R"({"country":"uk"})", "GB"},
      {R"({"country":"Deutschland"})", "Deutschland"},
      {R"({"device_type":" Mobile "})", "mobile"},
      {R"({"browser":"Chrome"})", "chrome"},
      {R"({"os":"iOS"})", "ios"},
      {R"({"campaign":"Spring"})", "Spring"},
      {R"({"event":"Signup"})", "Signup"},
      {R"({"user_id":"U1"})", "U1"}};
  for (const auto& [asked, expected] : filters) {
    INFO(asked);
    reading r{std::string(asked)};
    const scope in = read_top_sources(r.in(), reading::now).what.in;
    REQUIRE(in.filters.size() == 1);
    CHECK(in.filters[0].any_of == names{std::string(expected)});
  }
}

TEST_CASE("commas separate the values of columns without commas, and are text in others") {
  for (const column_entry& c : columns) {
    INFO(c.name);
    const bool separate = c.col == column::country || c.col == column::device_type ||
                          c.col == column::browser || c.col == column::os;
    for (const std::string_view json : {R"("a, b")", R"(["a, b"])", R"("[\"a, b\"]")"}) {
      reading r("{\"" + std::string(c.argument) + "\":" + std::string(json) + "}");
      const scope in = read_top_sources(r.in(), reading::now).what.in;
      CHECK(r.errors() == "");
      REQUIRE(in.filters.size() == 1);
      CHECK(in.filters[0].any_of == (separate ? names{"a", "b"} : names{"a, b"}));
    }
    reading unknown("{\"" + std::string(c.argument) + R"(":""})");
    CHECK(read_top_sources(unknown.in(), reading::now).what.in.filters.at(0).any_of == names{""});
  }
  reading none(R"({"os":" , "})");
  static_cast<void>(read_top_sources(none.in(), reading::now));
  CHECK(none.first_error("os") == R"(must not have a blank value; got " , ")");
  reading two(R"({"source":"google, inc","event":5})");
  const scope in = read_top_sources(two.in(), reading::now).what.in;
  REQUIRE(in.filters.size() == 2);
  CHECK(in.filters[0].any_of == names{"5"});
  CHECK(in.filters[1].any_of == names{"google, inc"});
}

TEST_CASE("a filter has at most 100 values") {
  const auto errors = [](std::size_t n) {
    std::string list = "\"v\"";
    for (std::size_t i = 1; i < n; ++i) list += ",\"v\"";
    reading r("{\"event\":[" + list + "]}");
    static_cast<void>(read_top_sources(r.in(), reading::now));
    return r.first_error("event");
  };
  CHECK(errors(100) == "");
  CHECK(errors(101) == "must have 1 to 100 values; got 101");
}

TEST_CASE("what a store refuses is noted at the argument that it comes of") {
  const auto about = [](std::string_view json) {
    reading r(json);
    note_refusal(r.in(), "too many groups");
    return r.errors();
  };
  CHECK(about("{}") == R"({"fieldErrors":{"from":["too many groups"]}})");
  CHECK(about(R"({"interval":"hour"})") ==
        R"({"fieldErrors":{"from":["too many groups, or give a longer interval"]}})");
  CHECK(about(R"({"group_by":"path"})") == R"({"fieldErrors":{"group_by":["too many groups"]}})");
  CHECK(about(R"({"group_by":["path,event"]})") ==
        R"({"fieldErrors":{"group_by":["too many groups, or group by fewer columns"]}})");
  CHECK(about(R"({"cursor":"c"})") == R"({"fieldErrors":{"cursor":["too many groups"]}})");
}

TEST_CASE("get_stats reads its metric, interval, groups and limit") {
  reading r(
      R"({"metric":"users","interval":"week","group_by":"source, Medium,source","limit":"7"})");
  const stats_question q = read_get_stats(r.in(), endpoint::project, reading::now);
  CHECK(r.errors() == "");
  CHECK(q.what.of == metric::users);
  CHECK(q.what.every == interval::week);
  CHECK(q.what.group_by == std::vector<column>{column::source, column::medium});
  CHECK(q.limit == 7);
  CHECK_FALSE(q.project_column);
  reading bare("{}");
  const stats_question d = read_get_stats(bare.in(), endpoint::project, reading::now);
  CHECK(d.what.of == metric::count);
  CHECK(d.what.every == interval::none);
  CHECK(d.what.group_by.empty());
  CHECK(d.limit == 100);
}

TEST_CASE("every metric and interval is read as named") {
  const std::pair<std::string_view, metric> metrics[] = {{"count", metric::count},
                                                         {"uniques", metric::uniques},
                                                         {"users", metric::users},
                                                         {"sessions", metric::sessions}};
  for (const auto& [name, is] : metrics) {
    reading r("{\"metric\":\"" + std::string(name) + "\"}");
    CHECK(read_get_stats(r.in(), endpoint::project, reading::now).what.of == is);
  }
  const std::pair<std::string_view, interval> intervals[] = {{"hour", interval::hour},
                                                             {"day", interval::day},
                                                             {"week", interval::week},
                                                             {"month", interval::month}};
  for (const auto& [name, is] : intervals) {
    reading r("{\"interval\":\"" + std::string(name) + "\"}");
    CHECK(read_get_stats(r.in(), endpoint::project, reading::now).what.every == is);
  }
}

TEST_CASE("get_stats groups by the contract's columns, and by the project on an account only") {
  const names columns{"event_name",  "source",  "medium", "campaign", "country",
                      "device_type", "browser", "os",     "path"};
  CHECK(group_names(endpoint::project) == columns);
  for (const std::string& c : columns) {
    reading r("{\"group_by\":[\"" + c + "\"]}");
    const auto q = read_get_stats(r.in(), endpoint::project, reading::now);
    CHECK(r.errors() == "");
    REQUIRE(q.what.group_by.size() == 1);
    CHECK(describe(q.what.group_by[0]).name == c);
  }
  reading r(R"({"group_by":["source","project_id","path"]})");
  const auto q = read_get_stats(r.in(), endpoint::account, reading::now);
  CHECK(r.errors() == "");
  CHECK(q.project_column == 1);
  CHECK(q.what.group_by == std::vector<column>{column::source, column::path});
  reading wrong(R"({"group_by":["sorce","user_id"]})");
  static_cast<void>(read_get_stats(wrong.in(), endpoint::project, reading::now));
  CHECK(wrong.first_error("group_by") ==
        R"(must be one or more of "event_name", "source", "medium", "campaign", "country", )"
        R"("device_type", "browser", "os" or "path"; got "sorce"; did you mean "source"?)");
}

TEST_CASE("limits are the contract's, and nothing is clamped") {
  const auto error = [](std::string_view tool, std::string_view limit) {
    reading r("{\"limit\":" + std::string(limit) + "}");
    if (tool == "query_events") static_cast<void>(read_query_events(r.in(), reading::now));
    if (tool == "get_stats")
      static_cast<void>(read_get_stats(r.in(), endpoint::project, reading::now));
    if (tool == "top_sources") static_cast<void>(read_top_sources(r.in(), reading::now));
    return r.first_error("limit");
  };
  const std::string thousand = "must be a whole number from 1 to 1000; got ";
  for (const std::string_view tool : {"query_events", "get_stats"}) {
    CHECK(error(tool, "1") == "");
    CHECK(error(tool, "1000") == "");
    CHECK(error(tool, "0") == thousand + "0");
    CHECK(error(tool, "1001") == thousand + "1001");
  }
  CHECK(error("top_sources", "200") == "");
  CHECK(error("top_sources", "201") == "must be a whole number from 1 to 200; got 201");
}

TEST_CASE("top_sources counts uniques by source and medium, or by source") {
  reading r("{}");
  const auto q = read_top_sources(r.in(), reading::now);
  CHECK(q.what.of == metric::uniques);
  CHECK(q.what.group_by == std::vector<column>{column::source, column::medium});
  CHECK(q.limit == 50);
  reading s(R"({"breakdown":"source"})");
  CHECK(read_top_sources(s.in(), reading::now).what.group_by ==
        std::vector<column>{column::source});
  reading w(R"({"breakdown":"medium"})");
  static_cast<void>(read_top_sources(w.in(), reading::now));
  CHECK(w.first_error("breakdown") ==
        R"(must be one of "source_medium" or "source"; got "medium")");
}

TEST_CASE("compare_projects compares counts or uniques, of one event if named") {
  reading r(R"({"metric":"uniques","event":"signup"})");
  const auto q = read_compare_projects(r.in(), reading::now);
  CHECK(r.errors() == "");
  CHECK(q.of == metric::uniques);
  REQUIRE(q.in.filters.size() == 1);
  CHECK(q.in.filters[0].any_of == names{"signup"});
  reading w(R"({"metric":"users"})");
  static_cast<void>(read_compare_projects(w.in(), reading::now));
  CHECK(w.first_error("metric") == R"(must be one of "count" or "uniques"; got "users")");
}

TEST_CASE("a selection names projects in one way, on the account endpoint only") {
  const auto select = [](std::string_view json, endpoint where = endpoint::account) {
    reading r(json);
    const selection s = read_selection(r.in(), where);
    std::string out = r.first_error("project_id") + "|" + std::to_string(static_cast<int>(s.how));
    for (const std::string& n : s.names) out += "," + n;
    return out;
  };
  CHECK(select("{}") == "|0");
  CHECK(select(R"({"project_id":"p"})") == "|1,p");
  CHECK(select(R"({"project_slug":"s"})") == "|2,s");
  CHECK(select(R"({"project_slug":" S "})") == "|2,s");
  CHECK(select(R"({"project_ids":["b","a","b"]})") == "|3,a,b");
  CHECK(select(R"({"project_ids":"b,a"})") == "|3,a,b");
  CHECK(select(R"({"project_id":"p"})", endpoint::project) == "|0");
  CHECK(select(R"({"project_id":"p","project_slug":"s"})") ==
        R"(give only one of "project_id", "project_slug" and "project_ids", or none of them for )"
        "every project|0");
}
