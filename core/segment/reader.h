#pragma once
// Reads columns of one segment from chunks that were loaded for it. Every function gives false for
// bytes that are not what the format says: the segment is damaged then, and no row of it counts.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/record.h"
#include "segment/fields.h"
#include "segment/format.h"
#include "segment/text_list.h"

namespace millimetric::segment {

using chunk_place = std::pair<std::uint8_t, std::uint8_t>;  // column, part

// A text column by its rows' codes.
struct row_codes {
  std::vector<std::uint32_t> codes;  // one per event
  std::uint32_t null_code = 0;       // also the number of values
};

class reader {
 public:
  // The header must outlive the reader.
  explicit reader(const header& head) : head_(&head) {}

  // What must be given before a column's codes or values can be read; nothing for an absent column.
  [[nodiscard]] std::vector<chunk_place> codes_need(column_id c) const;
  [[nodiscard]] std::vector<chunk_place> values_need(column_id c) const;
  // The parts of values that hold these numbers (codes, or rows of a column kept by rows).
  [[nodiscard]] std::vector<chunk_place> values_need(
      column_id c, const std::vector<std::uint32_t>& numbers) const;

  // The bytes of a chunk, checked by whoever loaded them; they must outlive the reader.
  void give(chunk_place at, std::string_view bytes) { chunks_[at] = bytes; }
  [[nodiscard]] bool has(chunk_place at) const { return chunks_.contains(at); }
  [[nodiscard]] std::string_view chunk(chunk_place at) const;

  [[nodiscard]] const header& head() const noexcept { return *head_; }
  [[nodiscard]] bool integers(column_id c, std::vector<std::int64_t>& out) const;
  // A column whose rows are kept one by one gives the rows' own numbers.
  [[nodiscard]] bool codes(column_id c, row_codes& out) const;
  // All values in the order of their codes.
  [[nodiscard]] bool values(column_id c, texts& out) const;
  // Their hash64.
  [[nodiscard]] bool hashes(column_id c, std::vector<std::uint64_t>& out) const;

  [[nodiscard]] bool by_rows(column_id c) const {
    return head_->find(c, codes_part) == nullptr && head_->has(c);
  }

 private:
  const header* head_;
  std::map<chunk_place, std::string_view> chunks_;
};

// Whole events of chosen rows, for answers that show them.
class row_reader {
 public:
  row_reader(const reader& from, std::vector<std::uint32_t> rows)
      : from_(from), rows_(std::move(rows)) {}

  // The chunks to load first: times and codes of all columns.
  [[nodiscard]] std::vector<chunk_place> first_need() const;
  // Then, after read_codes: the parts of values that the rows refer to.
  [[nodiscard]] bool read_codes();
  [[nodiscard]] std::vector<chunk_place> then_need() const;
  // The events in the order of the rows, with their arrivals.
  [[nodiscard]] bool read(std::vector<std::pair<std::int64_t, event::record>>& out) const;

 private:
  bool read_column(const text_field& f, std::size_t index,
                   std::vector<std::pair<std::int64_t, event::record>>& out) const;

  const reader& from_;
  std::vector<std::uint32_t> rows_;
  std::vector<std::vector<std::uint32_t>> numbers_;  // per text field: codes of the rows
  std::vector<std::uint32_t> nulls_;                 // per text field: its null code
};

}  // namespace millimetric::segment
