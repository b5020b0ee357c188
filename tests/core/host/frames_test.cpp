#include "host/frames.h"

#include <cmath>
#include <limits>

#include "../catch.h"

using namespace millimetric;
using namespace millimetric::host;

namespace {

http_request sample_request() {
  return {.now = 1'795'176'000'000,
          .seed = {"\x01\0\0\0", 4},
          .method = "POST",
          .target = "/mcp?x=1",
          .headers = {{"content-type", "application/json"}, {"x-empty", ""}, {"accept", "*/*"}},
          .body_cut = true,
          .body = {"a\nb\0c", 5}};
}

http_response sample_response() {
  return {.status = 429,
          .headers = {{"retry-after", "3"}, {"x-empty", ""}, {"vary", "Origin"}},
          .body = "line\nline"};
}

sql_answer sample_rows() {
  sql_answer a;
  a.results.push_back({2, {std::int64_t{-1}, 0.5, std::monostate{}, std::string("t\n")}});
  a.results.push_back({0, {}});
  a.results.push_back({1, {blob{std::string("\0\1", 2)}}});
  return a;
}

// Every proper beginning, and the whole with a byte behind it, must be refused.
template <class Decode>
void check_truncations(const std::string& whole, Decode decode) {
  REQUIRE(decode(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string cut = whole.substr(0, size);
    cut.shrink_to_fit();
    if (decode(cut)) FAIL("cut to " << size << " of " << whole.size());
  }
  CHECK_FALSE(decode(whole + "x"));
}

}  // namespace

TEST_CASE("an http request's frame comes back as it went") {
  const http_request r = sample_request();
  const std::string frame = encode(r);
  const auto back = decode_http_request(frame);
  REQUIRE(back);
  CHECK(back->now == r.now);
  CHECK(back->seed == r.seed);
  CHECK(back->method == r.method);
  CHECK(back->target == r.target);
  CHECK(back->headers == r.headers);
  CHECK(back->body_cut);
  CHECK_FALSE(back->body_broken);
  CHECK(back->body == r.body);
  const std::string broken = encode(http_request{.method = "POST", .body_broken = true});
  REQUIRE(decode_http_request(broken));
  CHECK(decode_http_request(broken)->body_broken);
  CHECK_FALSE(decode_http_request(broken)->body_cut);
  const std::string bare = encode(http_request{.method = "GET", .target = "/"});
  REQUIRE(decode_http_request(bare));
  CHECK(decode_http_request(bare)->headers.empty());
  CHECK(decode_http_request(bare)->target == "/");
}

TEST_CASE("an http response's frame comes back as it went") {
  const http_response r = sample_response();
  const auto back = decode_http_response(encode(r));
  REQUIRE(back);
  CHECK(back->status == r.status);
  CHECK(back->headers == r.headers);
  CHECK(back->body == r.body);
  const auto bare =
      decode_http_response(encode(http_response{.status = 204, .headers = {}, .body = ""}));
  REQUIRE(bare);
  CHECK(bare->headers.empty());
}

TEST_CASE("a header is found whatever its case, the first of its name") {
  http_request r;
  r.headers = {{"X-One", "a"}, {"x-one", "b"}};
  CHECK(r.header("x-one") == "a");
  CHECK(r.header("x-two").empty());
}

TEST_CASE("a store request's frame comes back as it went") {
  const std::string frame = encode(store_request{5, "seed", {"\0record", 7}});
  const auto back = decode_store_request(frame);
  REQUIRE(back);
  CHECK(back->now == 5);
  CHECK(back->seed == "seed");
  CHECK(back->record == std::string_view("\0record", 7));
}

TEST_CASE("answers of every kind come back as they went") {
  const auto rows_back = decode_answer(encode(answer(sample_rows())));
  REQUIRE(rows_back);
  const auto& a = std::get<sql_answer>(*rows_back);
  REQUIRE(a.results.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(a.results[i].width == sample_rows().results[i].width);
    CHECK((a.results[i].cells == sample_rows().results[i].cells));
  }
  const auto bytes = decode_answer(encode(answer(std::string("\0x", 2))));
  REQUIRE(bytes);
  CHECK(std::get<std::string>(*bytes) == std::string("\0x", 2));
  const auto failed = decode_answer(encode(answer(failure{"why"})));
  REQUIRE(failed);
  CHECK(std::get<failure>(*failed).reason == "why");
}

TEST_CASE("values keep their type and every bit") {
  const value values[] = {std::monostate{},
                          INT64_MIN,
                          INT64_MAX,
                          -0.0,
                          std::numeric_limits<double>::infinity(),
                          5e-324,
                          std::string(),
                          std::string("\0\n", 2),
                          blob{},
                          blob{std::string("\xFF\0", 2)}};
  for (const value& v : values) {
    std::string frame;
    byte_writer out(frame);
    write_value(out, v);
    byte_reader in(frame);
    const value back = read_value(in);
    CHECK(in.finished());
    CHECK(back.index() == v.index());
    CHECK((back == v));
    if (const auto* d = std::get_if<double>(&v))
      CHECK(std::signbit(std::get<double>(back)) == std::signbit(*d));
  }
}

TEST_CASE("every truncation of every frame is refused") {
  check_truncations(encode(sample_request()),
                    [](std::string_view f) { return decode_http_request(f).has_value(); });
  check_truncations(encode(sample_response()),
                    [](std::string_view f) { return decode_http_response(f).has_value(); });
  check_truncations(encode(store_request{5, "seed", "record"}),
                    [](std::string_view f) { return decode_store_request(f).has_value(); });
  for (const answer& a :
       {answer(sample_rows()), answer(std::string("bytes")), answer(failure{"why"})})
    check_truncations(encode(a), [](std::string_view f) { return decode_answer(f).has_value(); });
}

TEST_CASE("answers of unknown kinds, unknown value types and ragged rows are refused") {
  const auto frame = [](auto write) {
    std::string out;
    byte_writer w(out);
    write(w);
    return out;
  };
  const auto rows_frame = [&](std::uint32_t width, std::uint32_t cells, std::uint8_t type) {
    return frame([&](byte_writer& w) {
      w.u8(1);
      w.u32(1);
      w.u32(width);
      w.u32(cells);
      for (std::uint32_t i = 0; i < cells; ++i) w.u8(type);
    });
  };
  CHECK(decode_answer(rows_frame(2, 4, 0)));
  CHECK_FALSE(decode_answer(rows_frame(2, 3, 0)));
  CHECK_FALSE(decode_answer(rows_frame(0, 1, 0)));
  CHECK_FALSE(decode_answer(rows_frame(1, 1, 5)));
  CHECK_FALSE(decode_answer(frame([](byte_writer& w) { w.u8(3); })));
  CHECK_FALSE(decode_answer(""));
  const std::string hostile = frame([](byte_writer& w) {
    w.u8(1);
    w.u32(UINT32_MAX);
    w.u32(1);
  });
  CHECK_FALSE(decode_answer(hostile));
}

TEST_CASE("effects are laid out as the hosts read them") {
  std::vector<pending_effect> effects;
  effects.push_back({1, sql_effect{{{"S", {std::int64_t{2}, std::string("t")}}}}});
  effects.push_back({2, store_effect{"p", "r"}});
  effects.push_back({3, hmac_effect{hmac_effect::key_source::given, "k", {"d", ""}}});
  effects.push_back({4, random_effect{6}});
  const std::string frame = encode(effects);
  byte_reader in(frame);
  CHECK(in.u32() == 4);
  CHECK((in.u32() == 1 && in.u8() == 1 && in.u32() == 1));
  CHECK(in.text() == "S");
  CHECK((in.u32() == 2 && in.u8() == 1 && in.i64() == 2 && in.u8() == 3 && in.text() == "t"));
  CHECK((in.u32() == 2 && in.u8() == 2 && in.text() == "p" && in.text() == "r"));
  CHECK((in.u32() == 3 && in.u8() == 3 && in.u8() == 1 && in.text() == "k" && in.u32() == 2));
  CHECK((in.text() == "d" && in.text().empty()));
  CHECK((in.u32() == 4 && in.u8() == 4 && in.u32() == 6));
  CHECK(in.finished());
}

TEST_CASE("a frame of many rows to store is made in one piece, with the room that it needs") {
  std::vector<statement> statements;
  for (std::int64_t key = 0; key < 500; ++key)
    statements.push_back({"INSERT INTO chunks (key, bytes) VALUES (?, ?)",
                          {key, blob{std::string(4000, 'x')}, std::string(30, 'y'), 0.5}});
  const std::string frame = encode({{1, sql_effect{std::move(statements)}}});
  REQUIRE(frame.size() > 2'000'000);
  CHECK(frame.capacity() < frame.size() + 20'000);
}
