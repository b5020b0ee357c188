#include "base/time.h"

#include "../catch.h"

using namespace millimetric;

namespace {

struct reading {
  std::string_view text;
  std::string_view is;  // as it is written; empty when it is refused
};

void check(const reading& r) {
  INFO(r.text);
  const auto t = parse_iso8601(r.text);
  CHECK((t ? format_iso8601(*t) : "") == r.is);
}

millis at(std::string_view text) {
  const auto t = parse_iso8601(text);
  REQUIRE(t);
  return *t;
}

}  // namespace

TEST_CASE("times are read in every ISO 8601 shape that clients send") {
  const reading readings[] = {
      {.text = "1970-01-01", .is = "1970-01-01T00:00:00.000Z"},
      {.text = "1969-12-31", .is = "1969-12-31T00:00:00.000Z"},
      {.text = "1970-01-01T00:00:00+01:00", .is = "1969-12-31T23:00:00.000Z"},
      {.text = "1900-01-01", .is = "1900-01-01T00:00:00.000Z"},
      {.text = "1600-02-29T01:02:03.004Z", .is = "1600-02-29T01:02:03.004Z"},
      {.text = "0001-01-01", .is = "0001-01-01T00:00:00.000Z"},
      {.text = "2026-11-20", .is = "2026-11-20T00:00:00.000Z"},
      {.text = "2026-11-20T12:34", .is = "2026-11-20T12:34:00.000Z"},
      {.text = "2026-11-20T12:34:56", .is = "2026-11-20T12:34:56.000Z"},
      {.text = "2026-11-20 12:34:56Z", .is = "2026-11-20T12:34:56.000Z"},
      {.text = "2026-11-20t12:34:56z", .is = "2026-11-20T12:34:56.000Z"},
      {.text = "2026-11-20T12:34:56.7Z", .is = "2026-11-20T12:34:56.700Z"},
      {.text = "2026-11-20T12:34:56,78Z", .is = "2026-11-20T12:34:56.780Z"},
      {.text = "2026-11-20T12:34:56.789999999Z", .is = "2026-11-20T12:34:56.789Z"},
      {.text = "2026-11-20T12:34:56+02:00", .is = "2026-11-20T10:34:56.000Z"},
      {.text = "2026-11-20T12:34:56-0530", .is = "2026-11-20T18:04:56.000Z"},
      {.text = "2026-11-20T12:34 02:00", .is = "2026-11-20T10:34:00.000Z"},
      {.text = "2026-12-31T24:00:00.000Z", .is = "2027-01-01T00:00:00.000Z"},
      {.text = "2026-11-20T12:34+14", .is = "2026-11-19T22:34:00.000Z"},
      {.text = "2026-12-31T23:59:59.999-00:01", .is = "2027-01-01T00:00:59.999Z"},
      {.text = "  2026-11-20 ", .is = "2026-11-20T00:00:00.000Z"},
      {.text = "9999-12-31T23:59:59.999Z", .is = "9999-12-31T23:59:59.999Z"},
      {.text = "2000-02-29", .is = "2000-02-29T00:00:00.000Z"},
      {.text = "2024-02-29", .is = "2024-02-29T00:00:00.000Z"},
      {.text = "20261120", .is = "2026-11-20T00:00:00.000Z"},
      {.text = "20261120T123456Z", .is = "2026-11-20T12:34:56.000Z"},
      {.text = "20261120T123456.7+0200", .is = "2026-11-20T10:34:56.700Z"},
      {.text = "20261120T1234-05", .is = "2026-11-20T17:34:00.000Z"},
      {.text = "2026-11-20T12", .is = "2026-11-20T12:00:00.000Z"},
      {.text = "2026-11-20T12Z", .is = "2026-11-20T12:00:00.000Z"},
      {.text = "2026-11-20T12+02:00", .is = "2026-11-20T10:00:00.000Z"},
      {.text = "2016-12-31T23:59:60Z", .is = "2017-01-01T00:00:00.000Z"},  // a leap second
      {.text = "2017-01-01T00:59:60+01:00", .is = "2017-01-01T00:00:00.000Z"},
  };
  for (const reading& r : readings) check(r);
}

TEST_CASE("what is no time of the years 1 to 9999 is refused") {
  for (const std::string_view text : {"",
                                      " ",
                                      "today",
                                      "2026",
                                      "2026-11",
                                      "2026-11-20T",
                                      "2026-11-20T1",
                                      "2026-1120",
                                      "202611-20",
                                      "20261320",
                                      "2026112",
                                      "202611201",
                                      "20261120123456",
                                      "20261120T12345",
                                      "2026-11-20T12:3456",
                                      "2026-11-20T1234:56",
                                      "2026-11-20T12:34:61",
                                      "2026-11-20T12:34:60",
                                      "2026-11-20T12:3",
                                      "2026-11-20T12:34:",
                                      "2026-11-20T12:34:56.",
                                      "2026-11-20T12:34:56.Z",
                                      "2026-11-20Z",
                                      "2026-11-20T24:01",
                                      "2026-11-20T24:00:00.001",
                                      "2026-11-20T25:00",
                                      "2026-11-20T12:34  02:00",
                                      "2026-11-20T12:60",
                                      "2026-11-20T12:34:60",
                                      "2026-11-20T12:34:56+24:00",
                                      "2026-11-20T12:34:56+1",
                                      "2026-11-20T12:34:56+02:60",
                                      "2026-11-20T12:34:56Z+02:00",
                                      "2026-11-20T12:34:56 +02:00",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-01-00",
                                      "2026-01-32",
                                      "2026-04-31",
                                      "2025-02-29",
                                      "2026-02-30",
                                      "2100-02-29",
                                      "1900-02-29",
                                      "0000-12-31",
                                      "-0001-01-01",
                                      "2026-1-1",
                                      "+2026-11-20",
                                      "1795176000000",
                                      "2026-11-20T12:34:56ZZ",
                                      "0001-01-01T00:00:00+00:01",
                                      "9999-12-31T23:59:59-00:01"})
    check({.text = text, .is = ""});
}

TEST_CASE("times are written with milliseconds, also before 1970") {
  CHECK(format_iso8601(0) == "1970-01-01T00:00:00.000Z");
  CHECK(format_iso8601(-1) == "1969-12-31T23:59:59.999Z");
  CHECK(format_iso8601(year_1) == "0001-01-01T00:00:00.000Z");
  CHECK(format_iso8601(year_10000 - 1) == "9999-12-31T23:59:59.999Z");
  CHECK(format_iso8601(951'782'400'000) == "2000-02-29T00:00:00.000Z");
  CHECK(format_iso8601(1'795'176'000'001) == "2026-11-20T12:00:00.001Z");
  CHECK(format_day(1'795'176'000'001) == "2026-11-20");
  CHECK(format_month(1'795'176'000'001) == "2026-11");
}

TEST_CASE("every day from 1600 to 2100 is read as it is written") {
  std::string before;
  for (millis t = at("1600-01-01"); t < at("2100-01-01"); t += day_ms) {
    const std::string text = format_iso8601(t);
    if (parse_iso8601(text) != t || text <= before) FAIL(text);
    before = text;
  }
  CHECK(before == "2099-12-31T00:00:00.000Z");
}

TEST_CASE("a time's calendar units start where the calendar says") {
  struct floors {
    std::string_view t, hour, day, week, month;
  };
  const floors samples[] = {
      {.t = "2026-11-20T12:34:56.789Z",
       .hour = "2026-11-20T12:00",
       .day = "2026-11-20",
       .week = "2026-11-16",
       .month = "2026-11-01"},
      {.t = "2026-11-16T00:00:00.000Z",
       .hour = "2026-11-16",
       .day = "2026-11-16",
       .week = "2026-11-16",
       .month = "2026-11-01"},
      {.t = "2026-11-15T23:59:59.999Z",
       .hour = "2026-11-15T23:00",
       .day = "2026-11-15",
       .week = "2026-11-09",
       .month = "2026-11-01"},
      {.t = "2024-02-29T23:00:00.000Z",
       .hour = "2024-02-29T23:00",
       .day = "2024-02-29",
       .week = "2024-02-26",
       .month = "2024-02-01"},
      {.t = "2027-01-01T00:00:00.000Z",
       .hour = "2027-01-01",
       .day = "2027-01-01",
       .week = "2026-12-28",
       .month = "2027-01-01"},
      {.t = "1970-01-05T00:00:00.000Z",
       .hour = "1970-01-05",
       .day = "1970-01-05",
       .week = "1970-01-05",
       .month = "1970-01-01"},
  };
  for (const floors& s : samples) {
    INFO(s.t);
    CHECK(floor_hour(at(s.t)) == at(s.hour));
    CHECK(floor_day(at(s.t)) == at(s.day));
    CHECK(floor_week(at(s.t)) == at(s.week));
    CHECK(floor_month(at(s.t)) == at(s.month));
  }
  CHECK(format_iso8601(floor_week(0)) == "1969-12-29T00:00:00.000Z");
  CHECK(floor_hour(-1) == -hour_ms);
  CHECK(floor_day(-1) == -day_ms);
}

TEST_CASE("a duration is a positive whole number and a unit") {
  struct sample {
    std::string_view text;
    millis is;
  };
  const sample good[] = {
      {.text = "1s", .is = 1000},
      {.text = "90m", .is = 90 * minute_ms},
      {.text = "12h", .is = 12 * hour_ms},
      {.text = " 7d ", .is = 7 * day_ms},
      {.text = "2w", .is = 14 * day_ms},
      {.text = "0007d", .is = 7 * day_ms},
      {.text = "3660d", .is = 3660 * day_ms},
      {.text = "316224000s", .is = 3660 * day_ms},
  };
  for (const sample& s : good) {
    INFO(s.text);
    CHECK(parse_duration(s.text) == s.is);
  }
  for (const std::string_view text :
       {"", "d", "7", "0d", "-1d", "+1d", "1.5h", "7 d", "7D", "7days", "1y", "3661d", "523w",
        "316224001s", "99999999999s", "9999999999s", "1e3s"}) {
    INFO(text);
    CHECK_FALSE(parse_duration(text));
  }
}
