#pragma once
// Reads columns of one segment from chunks that were loaded for it. Every function gives false for
// bytes that are not what the format says: the segment is damaged then, and no row of it counts.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "segment/codes.h"
#include "segment/format.h"
#include "segment/integers.h"
#include "segment/text_list.h"
#include "segment/url_references.h"

namespace millimetric::segment {

using chunk_place = std::pair<std::uint8_t, std::uint8_t>;  // column, part

inline void append(std::vector<chunk_place>& to, const std::vector<chunk_place>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// Rows [begin, end) of a segment.
struct row_range {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
};

// A text column by its rows' codes.
struct row_codes {
  std::vector<std::uint16_t> codes;  // one per row that was asked for
  std::uint32_t null_code = 0;       // also the number of values
};

class reader {
 public:
  // The header must outlive the reader.
  explicit reader(const header& head) : head_(&head) {}

  // What must be given before a column's codes or values can be read; nothing for an absent column.
  [[nodiscard]] std::vector<chunk_place> codes_need(column_id c) const {
    return codes_need(c, all());
  }
  [[nodiscard]] std::vector<chunk_place> codes_need(column_id c, row_range rows) const;
  // The same for some rows, which rise.
  [[nodiscard]] std::vector<chunk_place> codes_need(column_id c,
                                                    std::span<const std::uint32_t> rows) const;
  [[nodiscard]] std::vector<chunk_place> values_need(column_id c) const;
  // The parts of values that hold these numbers (codes, or rows of a column kept by rows).
  [[nodiscard]] std::vector<chunk_place> values_need(column_id c,
                                                     std::span<const std::uint16_t> numbers) const;

  // The bytes of a chunk, checked by whoever loaded them; they must outlive the reader.
  void give(chunk_place at, std::string_view bytes);
  [[nodiscard]] bool has(chunk_place at) const;
  [[nodiscard]] std::string_view chunk(chunk_place at) const;

  [[nodiscard]] const header& head() const noexcept { return *head_; }
  [[nodiscard]] row_range all() const noexcept { return {0, head_->events}; }
  [[nodiscard]] bool integers(column_id c, integer_column& out) const {
    return integers(c, all(), out);
  }
  [[nodiscard]] bool integers(column_id c, row_range rows, integer_column& out) const;
  // For these rows alone, which rise.
  [[nodiscard]] bool integers(column_id c, std::span<const std::uint32_t> rows,
                              integer_column& out) const;
  [[nodiscard]] bool integers(column_id c, row_range rows, std::vector<std::int64_t>& out) const;
  [[nodiscard]] bool integers(column_id c, std::vector<std::int64_t>& out) const {
    return integers(c, all(), out);
  }
  // A column whose rows are kept one by one gives the rows' own numbers.
  [[nodiscard]] bool codes(column_id c, row_range rows, row_codes& out) const;
  [[nodiscard]] bool codes(column_id c, row_codes& out) const { return codes(c, all(), out); }
  // What a table by code, null included, has for the rows.
  template <class T>
  [[nodiscard]] bool look_up(column_id c, row_range rows, std::vector<T> by_code,
                             std::vector<T>& out) const;
  // The rows, rising, that a table by code, null included, has 1 for; it has 0 for others.
  [[nodiscard]] bool find(column_id c, row_range rows, std::vector<std::uint8_t> by_code,
                          std::vector<std::uint32_t>& out) const;
  // The codes of these rows, which rise.
  [[nodiscard]] bool codes_of(column_id c, std::span<const std::uint32_t> rows,
                              row_codes& out) const;
  // All values in the order of their codes.
  [[nodiscard]] bool values(column_id c, texts& out) const;
  // The values of these codes, which rise, appended.
  [[nodiscard]] bool values_of(column_id c, std::span<const std::uint16_t> codes, texts& out) const;
  [[nodiscard]] bool count_values(column_id c, std::uint32_t& out) const;
  // The code of a value; nothing when no row has it. `bad` is set when the segment is damaged.
  [[nodiscard]] std::optional<std::uint32_t> code_of(column_id c, std::string_view value,
                                                     bool& bad) const;
  // The rows with the wanted values, which are different ones, of a column kept by rows.
  [[nodiscard]] bool rows_of(column_id c, std::span<const std::string_view> wanted,
                             std::vector<text_match>& out) const;
  // Their hash64.
  [[nodiscard]] bool hashes(column_id c, std::vector<std::uint64_t>& out) const;
  // Their keys (key_texts).
  [[nodiscard]] bool keys(column_id c, std::vector<std::uint64_t>& out) const;

  [[nodiscard]] bool by_rows(column_id c) const {
    return head_->find(c, codes_part) == nullptr && head_->has(c);
  }

 private:
  // Codes by the lists that have their values, with the numbers in these.
  struct listed {
    std::vector<std::uint16_t> own;
    std::vector<std::uint16_t> urls;
  };
  // Whether some of a column's values are in the list of urls.
  [[nodiscard]] bool refers_to_urls(column_id c) const;
  [[nodiscard]] bool find_lists(column_id c, std::span<const std::uint16_t> codes,
                                listed& out) const;
  // The parts with the values that the column has itself, or with some of them, in their order.
  [[nodiscard]] std::vector<const chunk_entry*> value_parts(column_id c) const;
  [[nodiscard]] std::vector<const chunk_entry*> value_parts(
      column_id c, std::span<const std::uint16_t> rising) const;
  // The same as without `own`, of such values alone.
  [[nodiscard]] bool own_values(column_id c, texts& out) const;
  [[nodiscard]] bool own_values_of(column_id c, std::span<const std::uint16_t> rising,
                                   texts& out) const;
  [[nodiscard]] std::optional<std::uint32_t> own_code_of(column_id c, std::string_view value,
                                                         bool& bad) const;
  // A part of a column's codes or times, and the rows that it has.
  struct row_group {
    chunk_place at;
    row_range rows;
  };
  // In the order of their rows; none when the column has none, or when the directory makes no
  // sense.
  [[nodiscard]] std::vector<row_group> row_groups(column_id c) const;
  [[nodiscard]] std::vector<row_group> row_groups(column_id c,
                                                  std::span<const std::uint32_t> rows) const;
  [[nodiscard]] std::vector<row_group> row_groups(column_id c, row_range rows) const;
  [[nodiscard]] std::vector<chunk_place> codes_need(column_id c,
                                                    const std::vector<row_group>& groups) const;
  [[nodiscard]] bool open_integers(const std::vector<row_group>& groups, integer_column& out) const;
  // The first row group of some rows: it tells what the column's codes are.
  [[nodiscard]] bool open_first(column_id c, row_range rows, code_reader& out) const;
  // Reads codes of events, row group after row group: `read` gets the group's codes, the first of
  // its rows that is wanted, that one's place among the wanted rows, and how many are.
  template <class Read>
  [[nodiscard]] bool read_codes(column_id c, row_range rows, std::uint32_t null_code,
                                Read read) const;
  [[nodiscard]] bool pick_codes(const std::vector<row_group>& groups,
                                std::span<const std::uint32_t> rows, row_codes& out) const;
  [[nodiscard]] bool open_codes(const row_group& group, code_reader& out) const;
  // What `append` makes of the lists of a column's values, one behind the other.
  [[nodiscard]] bool for_each_list(column_id c, std::vector<std::uint64_t>& out,
                                   bool (*append)(std::string_view,
                                                  std::vector<std::uint64_t>&)) const;

  const header* head_;
  std::vector<std::pair<chunk_place, std::string_view>> chunks_;  // by their places, which rise
  std::optional<url_references> references_;
};

}  // namespace millimetric::segment
