#pragma once
// The segments of a store: what its tables hold of them, and the list of their headers in memory.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "host/effects.h"
#include "query/question.h"
#include "segment/format.h"

namespace millimetric::store {

// What the row of a segment holds: its header, and the chunks that are not apart behind one
// another.
struct segment_row {
  segment::damage found = segment::damage::none;
  segment::header head;  // of a damaged one only events, first and last
  std::string body;
  // What it takes in memory.
  [[nodiscard]] std::size_t bytes() const noexcept;
};
using row_ref = std::shared_ptr<const segment_row>;

// A segment as the catalog knows it: where its events are, and which chunks tell of them without
// their columns. The row of a large one is read when a question needs it, as its other chunks are.
struct segment_entry {
  std::int64_t id = 0;
  mutable segment::damage found = segment::damage::none;  // also later, when its row is read
  // Its chunks are, of a large segment, those of the columns from the summary on, and otherwise
  // none.
  segment::header head;
  std::uint64_t stored_bytes = 0;  // of all its chunks
  row_ref row;                     // of a small segment, all of whose chunks are there
  [[nodiscard]] bool is_small() const noexcept { return row != nullptr; }
  [[nodiscard]] bool overlaps(query::time_range r) const noexcept {
    return head.first < r.to && head.last >= r.from;
  }
  [[nodiscard]] bool lies_in(query::time_range r) const noexcept {
    return head.first >= r.from && head.last < r.to;
  }
};

// The bytes of a chunk that is not apart.
[[nodiscard]] std::string_view inside(const segment_row& row,
                                      const segment::chunk_entry& chunk) noexcept;

// Entries are shared, so that a question under way outlives a change of the list.
using segment_ref = std::shared_ptr<const segment_entry>;

class catalog {
 public:
  void clear();
  void add(segment_ref s);
  void remove(std::int64_t id);
  [[nodiscard]] const std::vector<segment_ref>& all() const noexcept { return entries_; }
  // Those that may have events in the range, by their first event.
  [[nodiscard]] std::vector<segment_ref> in(query::time_range r) const;
  [[nodiscard]] segment_ref find(std::int64_t id) const;
  // What the rows of small ones hold in memory.
  [[nodiscard]] std::size_t row_bytes() const noexcept { return row_bytes_; }
  // What all of it holds in memory.
  [[nodiscard]] std::size_t bytes() const noexcept { return row_bytes_ + entry_bytes_; }
  // Of the largest segment so far, as it is stored.
  [[nodiscard]] std::uint64_t largest_bytes() const noexcept { return largest_bytes_; }

 private:
  std::vector<segment_ref> entries_;  // by id
  std::size_t row_bytes_ = 0;
  std::size_t entry_bytes_ = 0;
  std::uint64_t largest_bytes_ = 0;
};

// Reads a row of a segment, or what is to become one.
[[nodiscard]] segment_row read_row(std::string_view bytes);
// The entry of a segment with this row, which a small one that can be read keeps.
[[nodiscard]] segment_ref make_entry(std::int64_t id, segment_row row);
// Reads a row of the list of large segments; null when it is damaged, or of a newer version.
[[nodiscard]] segment_ref read_listed(std::int64_t id, std::string_view bytes);

// The row number of a large segment's chunk: those of one column and part lie side by side.
[[nodiscard]] std::int64_t chunk_key(std::int64_t segment, std::uint8_t column, std::uint8_t part);
[[nodiscard]] std::int64_t segment_of_key(std::int64_t key) noexcept;

// The statements of the tables. Values travel as parameters.
namespace sql {
[[nodiscard]] std::vector<host::statement> create_tables();
// How large the rows of all segments are, by id.
[[nodiscard]] host::statement measure_segments();
// What is listed of large segments, by id. The database itself takes out those that are deleted.
[[nodiscard]] host::statement read_list();
[[nodiscard]] host::statement list_segment(const segment_entry& large);
// A damaged segment is not listed: whoever opens the store must know of it.
[[nodiscard]] host::statement unlist_segment(std::int64_t segment);
// Id and row of these segments, by id.
[[nodiscard]] host::statement read_segments(std::span<const std::int64_t> ids);
// Rows are framed (segment/frame.h): `content` is a header with what stands behind it.
[[nodiscard]] std::string frame_row(const segment::header& head, std::string_view content);
[[nodiscard]] host::statement insert_segment(std::int64_t id, std::string row);
[[nodiscard]] host::statement insert_chunk(std::int64_t segment, segment::chunk c);
[[nodiscard]] host::statement delete_chunk(std::int64_t key);
// The bytes of a chunk's row.
[[nodiscard]] std::string_view chunk_bytes(const segment::chunk_entry& c,
                                           std::string_view row) noexcept;
// A host allows a statement 100 parameters.
inline constexpr std::size_t most_keys = 100;
// Key and bytes of these rows, by key.
[[nodiscard]] host::statement read_chunks(std::span<const std::int64_t> keys);
// Chunks of one column and part over all segments.
[[nodiscard]] host::statement read_chunks_of(std::uint8_t column, std::uint8_t part);
// Deletes segments with their chunks. Their bytes are written over with zeros first, so that the
// free pages of the database do not keep them: whoever is forgotten later may have been in one.
void delete_segments(std::span<const segment_ref> segments, std::vector<host::statement>& to);
// A large segment's chunks are put aside before it is there: until then it is unfinished.
[[nodiscard]] host::statement note_unfinished(std::int64_t segment);
[[nodiscard]] host::statement note_finished(std::int64_t segment);
// The numbers of unfinished segments, and 0 where each one was noted: earlier versions did not.
[[nodiscard]] host::statement list_unfinished();
// Deletes the chunks of unfinished segments, and writes them over like those of others.
void delete_unfinished(std::vector<host::statement>& to);
// The same if there are some in `noted`, which list_unfinished gave. A store in which not each one
// was noted is looked through for chunks without a segment, once.
void delete_orphans(const std::vector<std::int64_t>& noted, std::vector<host::statement>& to);
// The keys of a column's part over all segments.
[[nodiscard]] host::statement list_chunks_of(segment::column_id column, std::uint8_t part);
// So many pages that the database takes in what its log of writes holds and begins it anew, and, in
// a further commit, that the log is written over. As long as it can be it is behind a merge, which
// writes the largest segment, and zeros over its inputs.
[[nodiscard]] host::statement make_noise(std::uint64_t largest_segment_bytes);
// Most of it takes no room for long.
[[nodiscard]] host::statement drop_noise();
// Adds to what a month counts; a number below zero takes away.
[[nodiscard]] host::statement add_usage(std::string month, std::int64_t events);
// One number: of a month's events, or of all there ever were.
[[nodiscard]] host::statement sum_usage(std::string month);
[[nodiscard]] host::statement sum_all_usage();
// Each month but one with its events.
[[nodiscard]] host::statement list_usage_except(std::string month);
// The highest number that a segment has; 0 without any.
[[nodiscard]] host::statement last_segment();
// The shard's state is a record, in no row or one.
[[nodiscard]] host::statement read_state();
[[nodiscard]] host::statement write_state(std::string record);
}  // namespace sql

}  // namespace millimetric::store
