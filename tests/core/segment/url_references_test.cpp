#include "segment/url_references.h"

#include <algorithm>
#include <numeric>

#include "../catch.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "opened.h"
#include "segment/bit_packing.h"

using namespace millimetric;
using namespace millimetric::segment;

namespace {

using addresses = std::vector<std::optional<std::string>>;

constexpr std::uint8_t referrer = static_cast<std::uint8_t>(column_id::referrer);
constexpr std::uint8_t url = static_cast<std::uint8_t>(column_id::url);
constexpr std::uint8_t referrer_urls = static_cast<std::uint8_t>(column_id::referrer_urls);

limits few() {
  limits l;
  l.least_url_references = 1;
  l.block_values = 3;
  return l;
}

std::vector<event::record> events_of(const addresses& urls, const addresses& referrers) {
  std::vector<event::record> out(urls.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i].timestamp = static_cast<millis>(i);
    out[i].event_id = std::to_string(i);
    out[i].session_id = "s";
    out[i].properties = "{}";
    out[i].url = urls[i];
    out[i].referrer = referrers[i];
  }
  return out;
}

std::vector<std::string> values_of(const reader& from, column_id c) {
  texts values;
  REQUIRE(from.values(c, values));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < values.size(); ++i) out.emplace_back(values[i]);
  return out;
}

// All ways to read the column say the same, and what went in.
void check_referrers(opened& s, const std::vector<event::record>& events) {
  std::vector<std::uint32_t> rows(events.size());
  std::iota(rows.begin(), rows.end(), 0U);
  check_rows(s, events, rows);
  for (const std::uint32_t row : rows) check_rows(s, events, {row});
  const std::vector<std::string> values = values_of(*s, column_id::referrer);
  std::uint32_t count = 0;
  CHECK(s->count_values(column_id::referrer, count));
  CHECK(count == values.size());
  std::vector<std::uint64_t> hashes;
  CHECK(s->hashes(column_id::referrer, hashes));
  REQUIRE(hashes.size() == values.size());
  row_codes codes;
  CHECK(s->codes(column_id::referrer, codes));
  CHECK(codes.null_code == values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    CHECK(hashes[i] == hash64(values[i]));
    bool bad = false;
    CHECK(s->code_of(column_id::referrer, values[i], bad) == i);
    CHECK_FALSE(bad);
  }
  bool bad = false;
  CHECK_FALSE(s->code_of(column_id::referrer, "https://nobody.example", bad));
  CHECK_FALSE(s->code_of(column_id::referrer, "https://x.example/only-url", bad));
  CHECK_FALSE(bad);
}

// Some referrers of other sites, some that are urls of the segment, some without one.
struct mixed {
  addresses urls;
  addresses referrers;
  mixed() {
    urls.emplace_back("https://x.example/only-url");
    referrers.emplace_back();
    for (int i = 0; i < 20; ++i) {
      urls.emplace_back("https://x.example/" + std::to_string(i));
      const bool outside = i % 5 == 0;
      referrers.emplace_back((outside ? "https://a.example/" : "https://x.example/") +
                             std::to_string(i * 7 % 20));
      urls.emplace_back();
      referrers.emplace_back(i % 2 == 0 ? std::nullopt : referrers.back());
    }
  }
};

}  // namespace

TEST_CASE("referrers that are urls are stored once") {
  const mixed m;
  const std::vector<event::record> events = events_of(m.urls, m.referrers);
  opened s(events, few());
  CHECK(s.head().has(column_id::referrer_urls));
  CHECK(s.bytes()[4] == 2);  // version
  check_referrers(s, events);
  const auto r = decode_url_references(s->chunk({referrer_urls, codes_part}));
  REQUIRE(r);
  CHECK(r->own == 4);
  CHECK(r->urls.size() == 16);
  opened plain(events, limits{});
  CHECK_FALSE(plain.head().has(column_id::referrer_urls));
  CHECK(plain.bytes()[4] == 1);
  CHECK(plain.head().raw_bytes == s.head().raw_bytes);
  check_referrers(plain, events);
}

TEST_CASE("all referrers may be urls, and all urls referrers") {
  addresses same;
  for (int i = 0; i < 10; ++i) same.emplace_back("https://x.example/" + std::to_string(i));
  const std::vector<event::record> events = events_of(same, same);
  opened s(events, few());
  CHECK(s->values_need(column_id::referrer).front().first == referrer_urls);  // none of its own
  check_referrers(s, events);
}

TEST_CASE("where no referrer is an url, and where there are no urls, nothing refers to any") {
  addresses urls;
  addresses referrers;
  for (int i = 0; i < 10; ++i) {
    urls.emplace_back("https://x.example/" + std::to_string(i));
    referrers.emplace_back("https://r.example/" + std::to_string(i));
  }
  const addresses none(urls.size());
  for (const auto& [u, r] : {std::pair(urls, referrers), std::pair(none, referrers),
                             std::pair(urls, none), std::pair(none, none)}) {
    const std::vector<event::record> events = events_of(u, r);
    opened s(events, few());
    CHECK_FALSE(s.head().has(column_id::referrer_urls));
    check_referrers(s, events);
  }
}

TEST_CASE("a few references among many urls are not worth a bit of each") {
  for (const int urls : {63, 64, 65, 200}) {
    addresses all;
    for (int i = 0; i < urls; ++i) all.emplace_back("https://x.example/" + std::to_string(i));
    addresses one(all.size());
    one.front() = all.back();
    const std::vector<event::record> events = events_of(all, one);
    opened s(events, few());
    CHECK(s.head().has(column_id::referrer_urls) == (urls <= 64));
    check_referrers(s, events);
  }
}

TEST_CASE("only the parts of urls that the rows' referrers are in need be read") {
  const mixed m;
  const std::vector<event::record> events = events_of(m.urls, m.referrers);
  opened s(events, few());
  const std::vector<std::uint16_t> own{0, 1};
  const std::vector<std::uint16_t> first_url{4};
  using places = std::vector<chunk_place>;
  CHECK(s->values_need(column_id::referrer, own) == places{{referrer, 1}});
  CHECK(s->values_need(column_id::referrer, first_url) == places{{url, 1}});
  CHECK(s->values_need(column_id::referrer).size() == 2 + 1 + 7);
}

TEST_CASE("references that do not fit the urls or the referrers give no values") {
  const mixed m;
  opened s(events_of(m.urls, m.referrers), few());
  const auto values_with = [&](const url_references& r, std::uint32_t url_values) {
    const std::string bytes = encode_url_references(r, url_values);
    s->give({referrer_urls, codes_part}, bytes);
    texts values;
    std::uint32_t count = 0;
    const bool counted = s->count_values(column_id::referrer, count);
    return s->values(column_id::referrer, values) ? counted : false;
  };
  CHECK(values_with({4, {1, 2}}, 21));
  CHECK_FALSE(values_with({3, {1, 2}}, 21));
  CHECK_FALSE(values_with({5, {1, 2}}, 21));
  CHECK_FALSE([&] {
    const std::string bytes = encode_url_references({4, {1, 21}}, 22);
    s->give({referrer_urls, codes_part}, bytes);
    texts values;
    return s->values(column_id::referrer, values);
  }());
  // None, and fewer than the rows' codes refer to.
  for (const std::string& bytes : {std::string(), encode_url_references({4, {1, 2}}, 21)}) {
    s->give({referrer_urls, codes_part}, bytes);
    std::vector<std::uint32_t> all(s.head().events);
    std::iota(all.begin(), all.end(), 0U);
    row_reader rows(*s, all);
    std::vector<std::pair<std::int64_t, event::record>> got;
    CHECK(rows.read_codes());
    CHECK_FALSE(rows.read(got));
  }
  s->give({referrer_urls, codes_part}, {});
  texts values;
  CHECK_FALSE(s->values(column_id::referrer, values));
}

TEST_CASE("references are read as they were written, within their bounds") {
  for (const std::uint32_t urls : {0U, 1U, 127U, 128U, 129U, max_events}) {
    url_references r{7, {}};
    for (std::uint32_t u = 0; u < urls && r.urls.size() < max_events - 7; u += u % 3 + 1)
      r.urls.push_back(static_cast<std::uint16_t>(u));
    const std::string bytes = encode_url_references(r, urls);
    const auto got = decode_url_references(bytes);
    REQUIRE(got);
    CHECK(got->own == 7);
    CHECK(got->urls == r.urls);
    CHECK_FALSE(decode_url_references(bytes + "x"));
    CHECK_FALSE(decode_url_references(bytes.substr(0, bytes.size() - 1)));
  }
  CHECK_FALSE(decode_url_references(encode_url_references({max_events + 1, {}}, 0)));
  CHECK_FALSE(decode_url_references(encode_url_references({max_events, {0}}, 1)));
  CHECK(decode_url_references(encode_url_references({max_events - 1, {0}}, 1)));
  CHECK_FALSE(decode_url_references(encode_url_references({0, {}}, max_events + 1)));
}

TEST_CASE("a header says the version that its columns need") {
  const mixed m;
  opened s(events_of(m.urls, m.referrers), few());
  for (const char version : {'\0', '\1', '\3', '\4', 'd'}) {
    std::string bytes = s.bytes();
    bytes[4] = version;
    const bool known = version == '\1' || version == '\3';
    CHECK(decode_header(bytes).found == (known ? damage::checksum : damage::version));
  }
}
