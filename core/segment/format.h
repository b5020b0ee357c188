#pragma once
// What a segment consists of: a header and chunks of columns. docs/storage-format.md has the bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace millimetric::segment {

// Events of one segment at most: row numbers fit 16 bits, and a column's codes 256 KB.
inline constexpr std::uint32_t max_events = 65'536;
// Characters of all columns of one segment at most, by merging; one request may bring more.
inline constexpr std::uint64_t max_raw_bytes = 16UL * 1024 * 1024;

// Numbers are stored: a column keeps its number for ever.
enum class column_id : std::uint8_t {
  timestamp = 0,
  arrival = 1,   // the order in which the store took events in, from 1
  received = 2,  // when; only while the event's id is remembered
  event_name = 3,
  event_id = 4,
  anonymous_id = 5,
  user_id = 6,
  session_id = 7,  // null: the default made of anonymous_id and time
  source = 8,
  medium = 9,
  campaign = 10,
  source_confidence = 11,
  source_rule_id = 12,
  country = 13,
  device_type = 14,
  browser = 15,
  os = 16,
  url = 17,
  path = 18,
  referrer = 19,
  properties = 20,
  ip_hash = 21,
  referrer_urls = 22,   // segment/url_references.h
  summary = 40,         // segment/summary.h
  remembered_ids = 41,  // segment/id_filter.h
  visitors = 64,        // segment/visitor_index.h; and the numbers behind it, one per partition
};

// The column's name, for people; all partitions of visitors have one.
[[nodiscard]] std::string_view name_of(column_id column) noexcept;

// Part 0 of a text column has the codes of its rows; parts from 1 have values. Codes and times that
// are many are cut into row groups: part 0 and those from `further_rows_part` on.
inline constexpr std::uint8_t codes_part = 0;
inline constexpr std::uint8_t first_values_part = 1;
inline constexpr std::uint8_t further_rows_part = 224;
inline constexpr std::size_t most_row_groups = 32;

[[nodiscard]] constexpr bool has_rows(std::uint8_t part) noexcept {
  return part == codes_part || part >= further_rows_part;
}

// In memory by the hundred thousand: 16 bytes.
struct chunk_entry {
  std::uint64_t checksum = 0;   // hash64 of its bytes
  std::uint32_t size : 31 = 0;  // a row of the database has 2 GB at most
  bool apart : 1 = false;       // in a row of its own; otherwise behind the header
  std::uint16_t first = 0;      // the number of its first value, or of its first row
  std::uint8_t column = 0;
  std::uint8_t part = 0;
  template <class A>
  void fields(A& a) {
    std::uint32_t first_number = first;
    std::uint32_t bytes = size;
    bool is_apart = apart;
    a(column, part, first_number, bytes, is_apart, checksum);
    if constexpr (A::reads) {
      first = static_cast<std::uint16_t>(first_number);
      size = bytes & 0x7FFFFFFF;
      apart = is_apart;
    }
  }
};
static_assert(sizeof(chunk_entry) == 16);

struct header {
  std::uint32_t events = 0;
  millis first = 0;  // earliest and latest timestamp
  millis last = 0;
  std::int64_t first_arrival = 0;
  std::int64_t last_arrival = 0;
  millis first_received = 0;
  millis last_received = 0;
  std::uint64_t raw_bytes = 0;  // characters of all texts: what the segment weighs when merged
  std::vector<chunk_entry> chunks;
  // Numbers of `chunks` by column and part, once index() was called; it must be again where they
  // change.
  std::vector<std::uint16_t> sorted;
  template <class A>
  void fields(A& a) {
    a(events, first, last, first_arrival, last_arrival, first_received, last_received, raw_bytes,
      chunks);
  }

  // For readers, who look up chunks many times.
  void index();
  // Null when there is none.
  [[nodiscard]] const chunk_entry* find(column_id column, std::uint8_t part) const noexcept;
  [[nodiscard]] bool has(column_id column) const noexcept;
  // A column's chunks, in the order of their parts.
  [[nodiscard]] std::vector<const chunk_entry*> parts_of(column_id column) const;
};

struct chunk {
  std::uint8_t column = 0;
  std::uint8_t part = 0;
  std::uint16_t first = 0;
  std::string bytes;
};

// A segment in memory: its header, whose directory is made when it is written, and its chunks.
struct built_segment {
  header head;
  std::vector<chunk> chunks;
};

// A header with its directory and checksum; behind it belong the chunks that are not apart, in the
// directory's order.
[[nodiscard]] std::string encode_header(header head);
// The header of a segment in memory with all its chunks behind it: a small segment's row.
[[nodiscard]] std::string encode_segment(const built_segment& s);

[[nodiscard]] chunk_entry entry_of(const chunk& c);

// Why bytes are no segment of ours.
enum class damage : std::uint8_t { none, version, checksum };

// A header read back; `body` is a view of what stands behind it.
struct read_header {
  damage found = damage::none;
  header head;
  std::string_view body;
};
[[nodiscard]] read_header decode_header(std::string_view bytes);

[[nodiscard]] bool is_intact(const chunk_entry& entry, std::string_view bytes) noexcept;

}  // namespace millimetric::segment
