#include "event/receive.h"

#include "base/archive.h"
#include "event/country.h"

#include "../catch.h"

using namespace millimetric;
using event::circumstances;
using event::received;

namespace {

constexpr millis now = 1'795'176'000'000;  // 2026-11-20T12:00:00Z

// What was read, with texts of its own.
struct owned {
  event::record what;
  std::string ip;
};

struct reading {
  owned event;
  std::string errors;  // as JSON; empty when there are none
};

owned own(const received& e) {
  return {*from_record<event::record>(to_record(e.what)), std::string(e.ip)};
}

// The short way for plain events must read what the long one reads, or leave it alone.
void check_plain(const json::object& sent, const circumstances& about, json::parser_pool& pool,
                 const reading& expected) {
  event::batch batch;
  random_stream random("seed");
  if (!event::receiver(about, random, pool, batch).receive_plain(sent)) {
    CHECK(batch.events.empty());
    CHECK(random.next() == random_stream("seed").next());
    return;
  }
  CHECK(expected.errors.empty());
  const received& plain = batch.events.back();
  CHECK(plain.ip == expected.event.ip);
  CHECK((to_record(plain.what) == to_record(expected.event.what)));
}

reading read(std::string_view json, const circumstances& about = {.now = now}) {
  json::parser_pool pool;
  json::parser_lease parser = pool.lease();
  const auto document = parser.parse(json);
  json::object members;
  REQUIRE((document && json::as_object(*document, members)));
  json::arguments in(&members, pool);
  random_stream random("seed");
  event::batch batch;
  reading out;
  event::receiver(about, random, pool, batch).receive(in);
  out.event = own(batch.events.back());
  if (!in.errors().empty()) out.errors = in.errors().details();
  check_plain(members, about, pool, out);
  return out;
}

std::string wrong(std::string_view field, std::string_view message) {
  return "{\"fieldErrors\":{\"" + std::string(field) + "\":[\"" + std::string(message) + "\"]}}";
}

// {"event":"e","NAME":VALUE}
std::string with(std::string_view name, std::string_view value) {
  return "{\"event\":\"e\",\"" + std::string(name) + "\":" + std::string(value) + "}";
}

// Events of one batch, as they come out of the parser.
struct parsed_list {
  template <class Texts>
  explicit parsed_list(const Texts& items) {
    std::string body = "[";
    for (const std::string_view item : items) body.append(body.size() > 1 ? "," : "").append(item);
    REQUIRE(json::as_array(*parser.parse(body + "]"), events));
  }
  json::parser_pool pool;
  json::parser_lease parser = pool.lease();
  json::array events;
};

std::string text(std::size_t code_points) {
  std::string out = "\"";
  for (std::size_t i = 0; i < code_points; ++i) out += "\xC3\xA9";  // two bytes each
  return out + "\"";
}

}  // namespace

TEST_CASE("an event needs a name of 1 to 128 characters") {
  CHECK(read(R"({"event":"signup"})").event.what.event_name == "signup");
  CHECK(read(R"({"event":"$pageview"})").errors.empty());
  CHECK(read("{}").errors ==
        wrong("event", "is required: the name of what happened, 1 to 128 characters"));
  CHECK(read(R"({"event":null})").errors == read("{}").errors);
  CHECK(read(R"({"event":""})").errors == wrong("event", "must have 1 to 128 characters; got 0"));
  CHECK(read(R"({"event":["a"]})").errors == wrong("event", "must be a string; got a list"));
}

TEST_CASE("each text is taken to its limit in code points, and refused one beyond") {
  struct sample {
    std::string_view field;
    std::size_t most;
  };
  const sample samples[] = {
      {.field = "event_id", .most = 128}, {.field = "anonymous_id", .most = 128},
      {.field = "user_id", .most = 256},  {.field = "session_id", .most = 128},
      {.field = "path", .most = 2048},    {.field = "referrer", .most = 2048},
  };
  for (const sample& s : samples) {
    INFO(s.field);
    CHECK(read(with(s.field, text(1))).errors.empty());
    CHECK(read(with(s.field, text(s.most))).errors.empty());
    const std::string message = "must have 1 to " + std::to_string(s.most) + " characters; got " +
                                std::to_string(s.most + 1);
    CHECK(read(with(s.field, text(s.most + 1))).errors == wrong(s.field, message));
    CHECK(read(with(s.field, "{}")).errors == wrong(s.field, "must be a string; got an object"));
  }
  CHECK(read("{\"event\":" + text(128) + "}").errors.empty());
  CHECK(read("{\"event\":" + text(129) + "}").errors ==
        wrong("event", "must have 1 to 128 characters; got 129"));
}

TEST_CASE("empty ids are refused, empty places are absent") {
  for (const std::string_view field : {"event_id", "anonymous_id", "user_id", "session_id"})
    CHECK_FALSE(read(with(field, R"("")")).errors.empty());
  const auto r = read(R"({"event":"e","url":"","path":"","referrer":""})");
  CHECK(r.errors.empty());
  CHECK_FALSE(r.event.what.url);
  CHECK_FALSE(r.event.what.path);
  CHECK_FALSE(r.event.what.referrer);
}

TEST_CASE("what is not sent gets its default") {
  const auto r = read(R"({"event":"e"})");
  const event::record& e = r.event.what;
  CHECK(r.errors.empty());
  CHECK(e.timestamp == now);
  CHECK(e.event_id.size() == 36);
  CHECK(e.event_id.substr(0, 15) == "01a1f8d3-ea00-7");
  CHECK_FALSE(e.client_event_id);
  CHECK(e.anonymous_id.size() == 36);
  CHECK(e.anonymous_id[14] == '8');
  CHECK(e.session_id == e.anonymous_id + "-" + std::to_string(now / 1000 / 1800));
  CHECK_FALSE(e.user_id);
  CHECK_FALSE(e.url);
  CHECK_FALSE(e.path);
  CHECK_FALSE(e.country);
  CHECK_FALSE(e.device_type);
  CHECK_FALSE(e.campaign);
  CHECK(e.browser.empty());
  CHECK(e.os.empty());
  CHECK(e.properties == "{}");
  CHECK(e.source == "direct");
  CHECK(e.source_rule_id == "direct");
  CHECK(r.event.ip.empty());
}

TEST_CASE("what is sent is kept as it is") {
  const auto r = read(
      R"({"event":"e","event_id":"i","anonymous_id":"a","user_id":"u","session_id":"s",)"
      R"("timestamp":"2026-11-19T01:02:03.004+01:00","url":"https://x.example/p?utm_source=n",)"
      R"("path":"/other","referrer":"https://t.co/","properties":{"b":[1,2.0],"a":null}})");
  const event::record& e = r.event.what;
  CHECK(r.errors.empty());
  CHECK(e.event_id == "i");
  CHECK(e.client_event_id);
  CHECK(e.anonymous_id == "a");
  CHECK(e.user_id == "u");
  CHECK(e.session_id == "s");
  CHECK(format_iso8601(e.timestamp) == "2026-11-19T00:02:03.004Z");
  CHECK(e.url == "https://x.example/p?utm_source=n");
  CHECK(e.path == "/other");
  CHECK(e.referrer == "https://t.co/");
  CHECK(e.properties == R"({"b":[1,2],"a":null})");
  CHECK(e.source == "n");
  CHECK(e.source_rule_id == "utm");
}

TEST_CASE("the session of a visitor changes every half hour of the event's own time") {
  const auto session = [](std::string_view time) {
    return read(R"({"event":"e","anonymous_id":"a","timestamp":")" + std::string(time) + "\"}")
        .event.what.session_id;
  };
  CHECK(session("1970-01-01T00:29:59.999Z") == "a-0");
  CHECK(session("1970-01-01T00:30:00.000Z") == "a-1");
  CHECK(session("2026-11-20T12:00:00.000Z") == session("2026-11-20T12:29:59.999Z"));
  CHECK(session("2026-11-20T12:00:00.000Z") != session("2026-11-20T12:30:00.000Z"));
}

TEST_CASE("a timestamp may be a day ahead and no older than the retention, to the millisecond") {
  struct sample {
    std::string_view timestamp;
    int retention;
    std::string_view error;
  };
  const sample samples[] = {
      {.timestamp = "2026-11-21T12:00:00.000Z", .retention = 30, .error = ""},
      {.timestamp = "2026-11-21T12:00:00.001Z",
       .retention = 30,
       .error = "must not be more than 24 hours ahead of the server's time "
                "(2026-11-20T12:00:00.000Z); got 2026-11-21T12:00:00.001Z"},
      {.timestamp = "2026-10-21T12:00:00.000Z", .retention = 30, .error = ""},
      {.timestamp = "2026-10-21T11:59:59.999Z",
       .retention = 30,
       .error = "must not be older than the project's retention of 30 days "
                "(2026-10-21T12:00:00.000Z); got 2026-10-21T11:59:59.999Z"},
      {.timestamp = "1970-01-01", .retention = 0, .error = ""},
      {.timestamp = "1969-12-31T23:59:59.999Z",
       .retention = 0,
       .error = R"(must not be before 1970; got \"1969-12-31T23:59:59.999Z\")"},
      {.timestamp = "9999-12-31",
       .retention = 0,
       .error = "must not be more than 24 hours ahead of the server's time "
                "(2026-11-20T12:00:00.000Z); got 9999-12-31T00:00:00.000Z"},
  };
  for (const sample& s : samples) {
    INFO(s.timestamp);
    const auto r = read(with("timestamp", "\"" + std::string(s.timestamp) + "\""),
                        {.now = now, .retention_days = s.retention});
    CHECK(r.errors == (s.error.empty() ? "" : wrong("timestamp", s.error)));
  }
  CHECK_FALSE(read(with("timestamp", "\"yesterday\"")).errors.empty());
  CHECK_FALSE(read(with("timestamp", "1795176000")).errors.empty());
}

TEST_CASE("a URL must be absolute http(s) and gives the path that was not sent") {
  const auto path = [](std::string_view url) {
    const auto r = read(with("url", "\"" + std::string(url) + "\""));
    CHECK(r.errors.empty());
    return r.event.what.path.value_or("(none)");
  };
  CHECK(path("https://shop.example/a/b?c=d#e") == "/a/b");
  CHECK(path("http://shop.example") == "/");
  CHECK(path("HTTPS://SHOP.EXAMPLE:8443/x") == "/x");
  CHECK(path(" https://shop.example/a b\\n") == "/a%20b");
  for (const std::string_view url : {"/pricing", "shop.example", "ftp://x.example/", "https://",
                                     "javascript:alert(1)", "https:///x", "https://a b.example/"}) {
    INFO(url);
    const auto r = read(with("url", "\"" + std::string(url) + "\""));
    CHECK(r.errors == wrong("url",
                            "must be an absolute http or https URL such as "
                            "\\\"https://example.com/pricing\\\"; got \\\"" +
                                std::string(url) + "\\\""));
  }
  const std::string longest = "https://x.example/" + std::string(2048 - 18, 'p');
  CHECK(read(with("url", "\"" + longest + "\"")).errors.empty());
  CHECK(read(with("url", "\"" + longest + "p\"")).errors ==
        wrong("url", "must have 1 to 2048 characters; got 2049"));
  const auto spaced = read(with("url", "\"\\thttps://x.example/a b?utm_source=a b#c d\""));
  CHECK(spaced.event.what.url == "https://x.example/a%20b?utm_source=a%20b#c%20d");
  CHECK(spaced.event.what.source == "a b");
  CHECK(read(with("url", "\"" + longest.substr(0, 2046) + " \"")).errors.empty());
  CHECK(read(with("url", "\"" + longest.substr(0, 2045) + " p\"")).errors ==
        wrong("url", "must have 1 to 2048 characters with each space as \\\"%20\\\"; got 2049"));
}

TEST_CASE("a referrer may be anything of at most 2,048 characters") {
  const auto r = read(with("referrer", R"("android-app://com.google.android.gm")"));
  CHECK(r.errors.empty());
  CHECK(r.event.what.medium == "email");
  CHECK(read(with("referrer", R"("nonsense")")).event.what.source == "direct");
}

TEST_CASE("properties are an object of at most 8 KB serialised; more is refused, never cut") {
  const auto sized = [](std::size_t bytes) {  // {"a":"xxx"} of so many bytes
    return R"({ "a" : ")" + std::string(bytes - 8, 'x') + "\" }";
  };
  const auto r = read(with("properties", sized(8192)));
  CHECK(r.errors.empty());
  CHECK(r.event.what.properties.size() == 8192);
  CHECK(read(with("properties", sized(8193))).errors ==
        wrong("properties", "must serialise to at most 8192 bytes of JSON; got 8193"));
  CHECK(read(with("properties", "[1]")).errors ==
        wrong("properties", "must be a JSON object; got a list"));
  CHECK(read(with("properties", "\"{\\\"a\\\": 1}\"")).event.what.properties == R"({"a":1})");
  CHECK(read(with("properties", "null")).event.what.properties == "{}");
}

TEST_CASE("the visitor is as the request shows them") {
  const circumstances about{.now = now,
                            .user_agent =
                                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) "
                                "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
                                "Mobile/15E148 Safari/604.1",
                            .country = "de",
                            .ip = "203.0.113.9",
                            .host = "shop.example"};
  const auto r = read(R"({"event":"e","referrer":"https://www.shop.example/"})", about);
  CHECK(r.event.what.device_type == "mobile");
  CHECK(r.event.what.browser == "safari");
  CHECK(r.event.what.os == "ios");
  CHECK(r.event.what.country == "DE");
  CHECK(r.event.what.source == "internal");
  CHECK(r.event.ip == "203.0.113.9");
  CHECK_FALSE(r.event.what.ip_hash);
}

TEST_CASE("context speaks for the visitor only where the key allows it") {
  const std::string sent =
      with("context",
           R"({"user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 )"
           R"(Firefox/120.0","ip":"198.51.100.7","country":"fr","library":{"name":"ignored"}})");
  circumstances about{.now = now,
                      .context_counts = true,
                      .user_agent = "curl/8.0",
                      .country = "DE",
                      .ip = "203.0.113.9"};
  about.hints.platform = "\"macOS\"";
  const auto r = read(sent, about);
  CHECK(r.errors.empty());
  CHECK(r.event.what.browser == "firefox");
  CHECK(r.event.what.os == "windows");
  CHECK(r.event.what.country == "FR");
  CHECK(r.event.ip == "198.51.100.7");
  about.context_counts = false;
  const auto ignored = read(sent, about);
  CHECK(ignored.errors.empty());
  CHECK(ignored.event.what.country == "DE");
  CHECK(ignored.event.ip == "203.0.113.9");
}

TEST_CASE("what a context does not say of the visitor is not known") {
  const circumstances about{.now = now,
                            .context_counts = true,
                            .user_agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/120.0",
                            .country = "DE",
                            .ip = "203.0.113.9"};
  for (const std::string_view context :
       {R"({"country":"","user_agent":"","ip":""})", R"({"country":null,"user_agent":null})",
        R"({"country":"XX"})", R"({"country":"t1"})", "{}", R"({"library":"ignored"})"}) {
    INFO(context);
    const auto r = read(with("context", context), about);
    CHECK(r.errors.empty());
    CHECK_FALSE(r.event.what.country);
    CHECK_FALSE(r.event.what.device_type);
    CHECK(r.event.what.browser.empty());
    CHECK(r.event.ip.empty());
  }
  const auto some = read(with("context", R"({"country":"FR"})"), about);
  CHECK(some.event.what.country == "FR");
  CHECK_FALSE(some.event.what.device_type);
  const auto none = read(with("context", "null"), about);
  CHECK(none.event.what.country == "DE");
  CHECK(none.event.what.browser == "firefox");
  CHECK(none.event.ip == "203.0.113.9");
}

TEST_CASE("events of one batch are read one by one, whatever was remembered of those before") {
  const std::string_view sent[] = {
      R"({"event":"a","url":"https://a.example/?gclid=1","referrer":"https://t.co/"})",
      R"({"event":"a","url":"https://a.example/?gclid=1"})",
      R"({"event":"a","referrer":"https://t.co/"})",
      R"({"event":"a","url":"https://t.co/"})",
      R"({"event":"a","context":{"user_agent":"Firefox/1.0","country":"FR","ip":"192.0.2.1"}})",
      R"({"event":"a","context":{"user_agent":"","country":"DE"}})",
      R"({"event":"a"})",
  };
  const circumstances about{.now = now, .context_counts = true, .user_agent = "OPR/1.0"};
  parsed_list list(sent);
  event::batch batch;
  random_stream random("seed");
  event::receiver receiver(about, random, list.pool, batch);
  for (int round = 0; round < 2; ++round) {
    std::size_t i = 0;
    for (const json::element item : list.events) {
      json::object o;
      REQUIRE((json::as_object(item, o) && receiver.receive_plain(o)));
      const owned alone = read(sent[i++], about).event;
      const event::record_view& r = batch.events.back().what;
      CHECK(r.source == alone.what.source);
      CHECK(r.source_rule_id == alone.what.source_rule_id);
      CHECK(r.browser == alone.what.browser);
      CHECK(r.country.value_or("") == alone.what.country.value_or(""));
      CHECK(batch.events.back().ip == alone.ip);
    }
  }
}

TEST_CASE("what was wrong once in a batch is wrong again, whichever way it is read") {
  const circumstances about{.now = now};
  const std::string_view wrong = R"({"event":"e","url":"ftp://a.example/"})";
  const std::string long_one =
      R"({"event":"e","referrer":")" + std::string(event::max_url + 1, 'r') + "\"}";
  const std::string_view sent[] = {wrong, wrong, long_one, long_one};
  parsed_list list(sent);
  event::batch batch;
  random_stream random("seed");
  event::receiver receiver(about, random, list.pool, batch);
  for (const json::element item : list.events) {
    json::object o;
    REQUIRE(json::as_object(item, o));
    json::field_errors errors;
    receiver.receive(o, errors);
    CHECK_FALSE(errors.empty());
    CHECK_FALSE(receiver.receive_plain(o));
  }
}

TEST_CASE("visitors who take turns in a batch keep their sessions, agents and addresses") {
  const circumstances about{.now = now, .context_counts = true};
  const auto event_of = [](std::string_view who, std::string_view time, std::string_view agent) {
    return R"({"event":"e","anonymous_id":")" + std::string(who) + R"(","timestamp":")" +
           std::string(time) + R"(","context":{"user_agent":")" + std::string(agent) +
           R"(","ip":")" + std::string(who) + R"("}})";
  };
  const std::vector<std::string> sent{
      event_of("1", "2026-11-20T11:00:00Z", "Firefox/1.0"),
      event_of("1", "2026-11-20T11:29:59Z", "Firefox/1.0"),
      event_of("2", "2026-11-20T11:29:59Z", "Firefox/1.0"),
      event_of("2", "2026-11-20T11:30:00Z", "OPR/1.0"),
      event_of("1", "2026-11-20T11:30:00Z", "OPR/1.0"),
      R"({"event":"e","anonymous_id":"1","timestamp":"2026-11-20T11:30:00Z","session_id":"own"})",
      event_of("1", "2026-11-20T11:30:00Z", ""),
  };
  parsed_list list(sent);
  event::batch batch;
  random_stream random("seed");
  event::classification_cache known;
  event::receiver receiver(about, random, list.pool, batch, &known);
  std::size_t i = 0;
  for (const json::element item : list.events) {
    json::object o;
    REQUIRE((json::as_object(item, o) && receiver.receive_plain(o)));
    const owned alone = read(sent[i++], about).event;
    const received& together = batch.events.back();
    CHECK(together.what.session_id == alone.what.session_id);
    CHECK(together.what.anonymous_id == alone.what.anonymous_id);
    CHECK(together.what.browser == alone.what.browser);
    CHECK(together.what.device_type.value_or("") == alone.what.device_type.value_or(""));
    CHECK(together.ip == alone.ip);
  }
}

TEST_CASE("a wrong context is refused member by member") {
  const circumstances about{.now = now, .context_counts = true};
  const auto errors = [&](std::string_view context) {
    return read(with("context", context), about).errors;
  };
  for (const std::string_view unknown : {"", "XX", "xx", "T1"})
    CHECK(errors(R"({"country":")" + std::string(unknown) + "\"}").empty());
  CHECK(errors(R"({"country":null,"ip":null,"user_agent":null})").empty());
  CHECK(errors(R"({"country":"Germany"})") ==
        wrong("context.country",
              "must be an ISO 3166-1 alpha-2 code such as \\\"DE\\\"; got \\\"Germany\\\""));
  CHECK(errors(R"({"ip":1})") == wrong("context.ip", "must be a string; got 1"));
  CHECK(errors(R"({"user_agent":{}})") ==
        wrong("context.user_agent", "must be a string; got an object"));
  CHECK(errors("[]") == wrong("context", "must be a JSON object; got a list"));
}

TEST_CASE("countries are two letters, and neither unknown nor Tor") {
  CHECK(event::country_code("de") == "DE");
  CHECK(event::country_code("US") == "US");
  for (const std::string_view text : {"", "D", "DEU", "XX", "xx", "T1", "1A", "D\xC3", "--"}) {
    INFO(text);
    CHECK_FALSE(event::country_code(text));
  }
}

TEST_CASE("every wrong field of an event is named at once") {
  const auto r = read(R"({"event":"","user_id":"","url":"x","properties":1,"timestamp":"x"})");
  for (const std::string_view field : {"event", "user_id", "url", "properties", "timestamp"}) {
    INFO(field);
    CHECK(r.errors.find("\"" + std::string(field) + "\":[") != std::string::npos);
  }
}
