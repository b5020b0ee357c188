#pragma once
// The sizes at which segments change their form. They are values and not constants so that tests
// meet every form with few events; nothing that is stored says which ones were in force.

#include <array>
#include <cstddef>
#include <cstdint>

#include "query/funnel_table.h"
#include "segment/bit_packing.h"
#include "segment/format.h"

namespace millimetric::segment {

struct limits {
  // Of one segment, by merging; one request may bring more characters.
  std::uint32_t events = max_events;
  std::uint64_t raw_bytes = max_raw_bytes;
  // Below both, a segment stays a single row.
  std::uint32_t small_events = 4096;
  std::uint64_t small_raw_bytes = 512UL * 1024;
  // From this many events on, a segment is not merged further and carries a summary.
  std::uint32_t sealed_events = max_events / 2;
  // Chunks of a large segment that are no smaller, and all of the columns from remembered_ids on,
  // are rows of their own; the others stand in the segment's row, since most questions need them.
  std::size_t least_apart = 2048;
  // Values of a block at most, by number and by characters: what is decompressed for one row.
  std::size_t block_values = 765;
  std::size_t block_bytes = 32UL * 1024;
  // And in a large segment by the bytes that they become, which is what is read for one row: with
  // their frame so many fill two pages of SQLite's and a leaf's part. Smaller blocks would waste
  // more, half a kilobyte of each.
  std::size_t stored_block_bytes = 8155;
  // Codes and times of a large segment are cut into groups of rows of at most so many bytes, which
  // are what is read for one row: a leaf page of SQLite's holds one such row and nothing else.
  std::size_t group_bytes = 4057;
  // Rows of a group are a multiple of this: no block of packed numbers is cut.
  std::size_t group_rows = pack_block;
  // Referrers that are urls of the segment are not stored again where there are at least so many:
  // not in a request's segment, as a rule.
  std::size_t least_url_references = 64;
  // Merging goes by sizes: so many segments of one size make one of the next. The sizes' ends, the
  // last of which is `sealed_events`.
  std::size_t merge_inputs = 8;
  std::array<std::uint32_t, 3> level_ends{64, 512, 4096};
  // Rows times columns that one step of upkeep handles at least: some milliseconds.
  std::size_t upkeep_rows = 2UL * max_events;
  // Rows for each count by day, name and path at least; with fewer the columns themselves are
  // hardly larger than the counts.
  std::size_t rows_per_count = 4;
  // Fewer segments are scanned for distinct visitors at no more cost than their summaries have.
  std::size_t least_summarised = 12;
  // Segments that are read together where events of several are wanted: some 250 KB of each are in
  // memory at once.
  std::size_t segments_together = 8;
  // Rows of a page that are read at once: 9 MB of the largest events.
  std::size_t rows_at_once = 256;
  // Rows in which an instant is looked for first, to both sides of a guess.
  std::size_t guess_rows = 1024;
  // Events of a funnel in memory at once.
  std::size_t funnel_events = query::funnel_table::max_events;
};

// Blocks of a column that end by their characters, at most: with more text they are larger.
inline constexpr std::size_t most_text_blocks = 132;

// Parts with values end where those with row groups begin.
static_assert(max_events / limits{}.block_values + most_text_blocks + 2 <
              further_rows_part - first_values_part);

}  // namespace millimetric::segment
