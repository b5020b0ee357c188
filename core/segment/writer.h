#pragma once
// Makes a segment column by column. Rows are in the order of (timestamp, arrival) throughout.

#include <span>
#include <utility>
#include <vector>

#include "segment/event_columns.h"
#include "segment/fields.h"
#include "segment/format.h"
#include "segment/interner.h"
#include "segment/limits.h"
#include "segment/text_list.h"

namespace millimetric::segment {

class writer {
 public:
  // The limits must outlive the writer.
  writer(std::size_t rows, const limits& most) : limits_(most) {
    out_.head.events = static_cast<std::uint32_t>(rows);
  }

  // Timestamps, arrivals or times of reception, one per row; they set the header's edges.
  void add_integers(column_id column, std::span<const std::int64_t> values);
  // A text column: rows as numbers of different values, which all have rows, or
  // interner::null_number. `url` must come before `path` and `referrer`.
  // Gives the codes of the rows as they are stored, or nothing where none are.
  std::vector<std::uint32_t> add_texts(const text_field& field,
                                       std::span<const std::string_view> values,
                                       std::vector<std::uint32_t> numbers);
  // A column whose rows are kept one by one.
  void add_rows(column_id column, std::span<const std::string_view> rows);
  // A chunk made elsewhere; no bytes, no chunk.
  void add_chunk(column_id column, std::uint8_t part, std::string bytes, std::uint32_t first = 0);

  // For events whose times of reception are not kept any more.
  void set_received(millis first, millis last);

  [[nodiscard]] built_segment take() { return std::move(out_); }
  // The header so far, and the chunks made since the last call: for storing a large segment piece
  // by piece.
  [[nodiscard]] const header& head() const noexcept { return out_.head; }
  [[nodiscard]] std::vector<chunk> take_chunks() { return std::exchange(out_.chunks, {}); }

 private:
  // The first values: so many characters at least, which is 1 or more, and then up to so many.
  [[nodiscard]] std::span<const std::string_view> block_of(std::span<const std::string_view> values,
                                                           std::uint64_t least,
                                                           std::uint64_t most) const noexcept;
  void add_values(column_id column, std::span<const std::string_view> values);
  // Whether the segment is certain to be stored in several rows.
  [[nodiscard]] bool large() const noexcept;
  // How many rows of a column, all of which take so many bytes, make a group.
  [[nodiscard]] std::size_t rows_per_group(std::size_t rows, std::size_t bytes) const noexcept;
  // Part 0 of a column of so many rows and, where it is large, its further row groups; `encode`
  // gives the bytes of rows [begin, end).
  template <class Encode>
  void add_row_groups(column_id column, std::size_t rows, Encode encode);
  void add_codes(column_id column, std::uint32_t null_code, std::span<const std::uint32_t> codes);
  bool add_codes_by_url(const coded_column& path);
  void keep_urls(const coded_column& url);
  void refer_to_urls(coded_column& referrer);

  const limits& limits_;
  built_segment out_;
  std::vector<std::uint32_t> url_codes_;
  std::uint32_t url_cards_ = 0;  // different codes of urls, null included
  texts urls_;                   // the values of the url column, until the referrers are written
};

// The segment of some of a request's events, whose rows rise; `arrivals` and `received` have a
// number for each of them.
[[nodiscard]] built_segment build(const event_columns& events, std::span<const std::uint32_t> rows,
                                  std::span<const std::int64_t> arrivals,
                                  std::span<const std::int64_t> received, const limits& most);

}  // namespace millimetric::segment
