#include "base/bytes.h"

#include <optional>

#include "../catch.h"
#include "base/archive.h"

using namespace millimetric;

namespace {

enum class colour : std::uint8_t { red, green };

struct leaf {
  std::string name;
  std::optional<double> weight;
  template <class A>
  void fields(A& a) {
    a(name, weight);
  }
  friend bool operator==(const leaf&, const leaf&) = default;
};

struct tree {
  std::int64_t number = 0;
  bool flag = false;
  colour hue = colour::red;
  std::vector<leaf> leaves;
  std::vector<std::vector<std::uint16_t>> nested;
  template <class A>
  void fields(A& a) {
    a(number, flag, hue, leaves, nested);
  }
  friend bool operator==(const tree&, const tree&) = default;
};

// A leaf whose name is somebody else's.
struct leaf_view {
  std::string_view name;
  std::optional<double> weight;
  template <class A>
  void fields(A& a) {
    a(name, weight);
  }
};

tree sample() {
  return {.number = -5,
          .flag = true,
          .hue = colour::green,
          .leaves = {{"one", 0.5}, {"", std::nullopt}, {"three", -0.0}},
          .nested = {{1, 2}, {}, {65535}}};
}

// What the reader may touch, and not a byte more.
std::string exactly(std::string_view bytes) {
  std::string out(bytes);
  out.shrink_to_fit();
  return out;
}

std::string with_count(std::uint32_t n, std::string_view rest) {
  std::string out;
  byte_writer(out).u32(n);
  return out.append(rest);
}

struct large {
  std::string name;
  char more[1000] = {};
  template <class A>
  void fields(A& a) {
    a(name);
  }
};

}  // namespace

TEST_CASE("numbers are little-endian, texts carry their length") {
  std::string out;
  byte_writer w(out);
  w.u8(0x01);
  w.u16(0x0203);
  w.u32(0x04050607);
  w.i64(-2);
  w.text("hi");
  CHECK(out == std::string("\x01\x03\x02\x07\x06\x05\x04\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                           "\x02\x00\x00\x00hi",
                           21));
  byte_reader r(out);
  CHECK(r.u8() == 0x01);
  CHECK(r.u16() == 0x0203);
  CHECK(r.u32() == 0x04050607);
  CHECK(r.i64() == -2);
  CHECK_FALSE(r.finished());
  CHECK(r.text() == "hi");
  CHECK(r.finished());
}

TEST_CASE("a reader that failed gives zeros and empty texts for ever") {
  const std::string in = exactly("\x05\x00\x00\x00only");
  byte_reader r(in);
  CHECK(r.text().empty());
  CHECK_FALSE(r.ok());
  CHECK(r.u8() == 0);
  CHECK(r.i64() == 0);
  CHECK(r.text().empty());
  CHECK(r.count(1) == 0);
  CHECK_FALSE(r.finished());
}

TEST_CASE("a count that the rest of the input cannot hold fails the reader") {
  struct sample {
    std::uint32_t count;
    std::size_t rest, least;
    bool good;
  };
  const sample samples[] = {
      {.count = 0, .rest = 0, .least = 8, .good = true},
      {.count = 3, .rest = 24, .least = 8, .good = true},
      {.count = 3, .rest = 23, .least = 8, .good = false},
      {.count = 1, .rest = 0, .least = 1, .good = false},
      {.count = UINT32_MAX, .rest = 100, .least = 1, .good = false},
  };
  for (const sample& s : samples) {
    INFO(s.count << " in " << s.rest);
    const std::string in = with_count(s.count, std::string(s.rest, 'x'));
    byte_reader r(in);
    CHECK(r.count(s.least) == (s.good ? s.count : 0));
    CHECK(r.ok() == s.good);
  }
}

TEST_CASE("a short copy copies as many bytes as there are, and no more") {
  std::string from;
  for (int i = 0; i < 300; ++i) from.push_back(static_cast<char>('a' + i % 26));
  for (std::size_t size = 0; size <= from.size(); ++size) {
    std::string to(size + 2, '.');
    copy_short(to.data() + 1, exactly(from.substr(0, size)));
    CHECK(to == "." + from.substr(0, size) + ".");
  }
}

TEST_CASE("a record comes back as it went") {
  const auto back = from_record<tree>(to_record(sample()));
  REQUIRE(back);
  CHECK(*back == sample());
}

TEST_CASE("a record longer than the room that was made at first is whole") {
  std::vector<leaf> leaves;
  for (std::size_t size = 0; size < 300; size += 7) leaves.push_back({std::string(size, 'x'), 0.5});
  const std::string record = to_record(leaves);
  CHECK(from_record<std::vector<leaf>>(record) == leaves);
  std::size_t bytes = 4;
  for (const leaf& l : leaves) bytes += 4 + l.name.size() + 1 + sizeof(double);
  CHECK(record.size() == bytes);
}

TEST_CASE("a view of text is written as the text, and read as a view of the record") {
  const std::string record = to_record(leaf{"name", 0.5});
  CHECK((to_record(leaf_view{"name", 0.5}) == record));
  const auto back = from_record<leaf_view>(record);
  REQUIRE(back);
  CHECK(back->name == "name");
  CHECK(back->name.data() == record.data() + 4);
  CHECK_FALSE(from_record<leaf_view>(exactly(record.substr(0, 6))));
}

TEST_CASE("a record that was cut anywhere, or has a byte too many, is refused") {
  const std::string whole = to_record(sample());
  for (std::size_t size = 0; size < whole.size(); ++size)
    if (from_record<tree>(exactly(whole.substr(0, size)))) FAIL("cut to " << size);
  CHECK_FALSE(from_record<tree>(whole + '\0'));
  CHECK(from_record<tree>(whole));
}

TEST_CASE("a record with any byte changed is read or refused, but never past its end") {
  const std::string whole = to_record(sample());
  std::size_t refused = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int change : {0x01, 0x80, 0xFF}) {
      std::string bytes = exactly(whole);
      bytes[i] = static_cast<char>(bytes[i] ^ change);
      if (!from_record<tree>(bytes)) ++refused;
    }
  }
  CHECK(refused > whole.size() / 2);  // every length and count among them
}

TEST_CASE("a hostile count of large items does not reserve their memory") {
  const std::uint32_t n = 100'000;
  const std::string hostile = with_count(n, std::string(n, '\xFF'));
  std::vector<large> items;
  decoder archive(hostile);
  archive(items);
  CHECK_FALSE(archive.finished());
  CHECK(items.capacity() * sizeof(large) < 2 * hostile.size());
}
