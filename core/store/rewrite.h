#pragma once
// Makes one segment of the rows of several (merging) or of some rows of one (forgetting, expiry),
// column by column in bounded steps. The old segments stay until the last step, one transaction
// that puts the new one in their place; whatever is interrupted leaves them as they are.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "segment/summary.h"
#include "segment/writer.h"
#include "store/catalog.h"
#include "store/chunks.h"
#include "store/merged_rows.h"

namespace millimetric::store {

class rewrite {
 public:
  // `output` is the new segment's number. Rows of the inputs without a mark in `keep` (one list per
  // input; none: all are kept) are left out. `remembered_from`: older receptions are forgotten.
  // `id_key`: by which event ids are hashed. The limits must outlive the rewrite, and so must what
  // `make_room_for` refers to, which is told how many bytes a step is about to take.
  rewrite(std::int64_t output, std::vector<segment_ref> inputs,
          std::vector<std::vector<std::uint8_t>> keep, millis remembered_from, std::uint64_t id_key,
          const segment::limits& limits, std::function<void(std::size_t)> make_room_for);

  // Does one step: at most one column of a segment's size. True when the segment has been put in
  // the inputs' place.
  // @return tool_failed for a damaged input, upstream_failed. The inputs stand then, and the
  // rewrite is given up; chunks that it had put aside are orphans.
  [[nodiscard]] host::task<result<bool>> step(host::context& ctx);

  [[nodiscard]] const std::vector<segment_ref>& inputs() const noexcept { return inputs_; }
  // After tool_failed: the number of the input that cannot be read.
  [[nodiscard]] std::int64_t unreadable() const noexcept { return unreadable_; }
  // After the last step: the new segment, or null when no row was left.
  [[nodiscard]] const segment_ref& output() const noexcept { return result_; }
  [[nodiscard]] std::size_t rows() const noexcept { return order_.size(); }

 private:
  enum class stage : std::uint8_t { times, texts, indexes, summary, commit };

  struct time_columns;

  // Reads the rows of the inputs and what says when.
  host::task<result<void>> read_times(host::context& ctx);
  // The rows that are kept, in the order of the new segment.
  [[nodiscard]] std::vector<row_place> sorted_rows(const time_columns& columns) const;
  // What says when as chunks of the writer, which it makes.
  void add_times(const time_columns& columns);
  host::task<result<void>> write_column(host::context& ctx);
  host::task<result<std::vector<input_column>>> read_column(host::context& ctx);
  // The column as chunks of the writer; it is not needed any more then.
  void add_column(std::vector<input_column> columns);
  host::task<result<void>> write_indexes(host::context& ctx);
  host::task<result<void>> write_summary(host::context& ctx);
  host::task<result<void>> commit(host::context& ctx);
  // Puts a large segment's finished chunks where they belong.
  host::task<result<void>> put_aside(host::context& ctx);
  // Places the first of the chunks, as many as one transaction puts aside, and takes them off.
  // Gives the statements for those that are apart.
  std::vector<host::statement> place_some(std::span<segment::chunk>& chunks);
  [[nodiscard]] bool large() const noexcept;

  std::int64_t id_;
  chunk_cache cache_;  // without room: each chunk is read once, and then nobody's any more
  std::vector<segment_ref> inputs_;
  std::vector<row_ref> rows_;  // of the inputs
  std::vector<std::vector<std::uint8_t>> keep_;
  millis remembered_from_;
  std::uint64_t id_key_;
  const segment::limits& limits_;
  std::function<void(std::size_t)> make_room_for_;

  stage at_ = stage::times;
  std::size_t field_ = 0;  // of segment::text_fields()
  std::vector<row_place> order_;
  std::unique_ptr<segment::writer> writer_;
  std::vector<segment::chunk_entry> stored_;  // chunks of a large segment that are done
  std::string inside_;                        // those of them that go into its row
  bool noted_ = false;                        // in the database, as unfinished
  std::vector<std::uint64_t> visitors_;       // for the index
  std::vector<std::uint64_t> event_ids_;      // hashes
  segment::summary_input summarised_;
  std::vector<std::uint32_t> name_codes_;  // for the summary, per row
  std::vector<std::uint32_t> path_codes_;
  segment_ref result_;
  std::int64_t unreadable_ = 0;
};

}  // namespace millimetric::store
