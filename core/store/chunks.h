#pragma once
// Rows and chunks of segments on their way from the database: checked, and the last ones kept.

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "host/request.h"
#include "segment/reader.h"
#include "store/catalog.h"

namespace millimetric::store {

using shared_bytes = std::shared_ptr<const std::string>;

// The chunks read last, and the rows of large segments, up to a number of bytes. A segment's chunks
// never change, and its number is not used again before the store is opened anew, which clears
// this: nothing here is out of date.
class chunk_cache {
 public:
  chunk_cache() = default;
  chunk_cache(const chunk_cache&) = delete;
  chunk_cache& operator=(const chunk_cache&) = delete;

  // A call begins, and with it the limit may be another one. What a call has used is not given up
  // for what it uses next: of a call that reads more than there is room for, some is then there for
  // the next one like it, instead of always the part that was read last.
  void begin(std::size_t most_bytes);

  [[nodiscard]] shared_bytes find(std::int64_t key);
  void keep(std::int64_t key, shared_bytes bytes);
  [[nodiscard]] row_ref find_row(std::int64_t segment);
  void keep_row(std::int64_t segment, row_ref row);
  // There is less room until the next call begins. What this one has used goes as well.
  void shrink(std::size_t most_bytes);
  void clear();

 private:
  // A shared_bytes, or by a key below zero a row_ref.
  using content = std::shared_ptr<const void>;
  struct kept {
    content what;
    std::size_t bytes;
    std::list<std::int64_t>::iterator place;
    std::uint64_t call;  // that used it last
  };
  [[nodiscard]] content find_any(std::int64_t key);
  void keep_any(std::int64_t key, content what, std::size_t bytes);
  // Drops what was used longest ago. False when there is nothing, or when this call has used it
  // and `whose` are others'.
  enum class of : std::uint8_t { others, all };
  [[nodiscard]] bool drop_oldest(of whose);

  std::unordered_map<std::int64_t, kept> chunks_;
  std::list<std::int64_t> used_;  // the last one first
  std::size_t bytes_ = 0;
  std::size_t most_bytes_ = 0;
  std::uint64_t call_ = 0;
};

// A segment being read, with its row and the chunks that were fetched for it.
struct open_segment {
  explicit open_segment(segment_ref s)
      : entry(std::move(s)), row(entry->row), reader(row ? row->head : entry->head) {}
  open_segment(const open_segment&) = delete;
  open_segment& operator=(const open_segment&) = delete;
  void set_row(row_ref r) {
    row = std::move(r);
    if (row) reader = segment::reader(row->head);
  }

  segment_ref entry;
  row_ref row;  // of a large one null, until it is read
  segment::reader reader;
  std::vector<shared_bytes> held;
};

// What of a segment is needed. It is asked once the segment's row is there.
using needed = std::function<std::vector<segment::chunk_place>(const segment::reader&)>;

struct chunk_request {
  open_segment* of;
  needed chunks;
};

// Whether chunks that are read are kept for the next question. Those that a few rows are picked
// from are many: they would take the place of what all other questions read.
enum class keeping : std::uint8_t { yes, no };

// Gives the readers these chunks where they have them not yet, and the segments their rows first;
// all of a call in one round each, which is much of what a few chunks of each of many segments
// would cost otherwise.
// @return tool_failed when a segment is damaged; upstream_failed.
[[nodiscard]] host::task<result<void>> fetch(host::context& ctx, chunk_cache& cache,
                                             std::vector<chunk_request> wanted,
                                             keeping keep = keeping::yes);
[[nodiscard]] host::task<result<void>> fetch(host::context& ctx, chunk_cache& cache,
                                             open_segment& s, needed chunks);
// All of a column but its values.
[[nodiscard]] needed codes_of(segment::column_id c);

// The hash64 by a key of each event id of a small segment; none when it is damaged.
[[nodiscard]] std::vector<std::uint64_t> small_ids(const segment_entry& s, std::uint64_t key);

// The error of a segment whose bytes are not what they should be.
[[nodiscard]] error damaged(const segment_entry& s);
// Whether an error says that a segment cannot be read, rather than that the database failed.
[[nodiscard]] bool is_damage(const error& e) noexcept;

}  // namespace millimetric::store
