#pragma once
// What a sealed segment says of itself without its columns: counts per day by each attribution
// column, and the distinct visitors of each source and medium. Answers the usual questions over
// ranges that hold the segment whole.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/partial.h"
#include "segment/format.h"
#include "segment/interner.h"

namespace millimetric::segment {

// The columns that a summary is made of, gathered while a segment is written.
struct summary_input {
  struct column {
    std::vector<std::string> values;
    std::vector<std::uint32_t> numbers;  // per row; interner::null_number for null
  };
  std::vector<std::int64_t> times;
  std::map<column_id, column> columns;
  std::vector<std::uint32_t> visitors;        // per row
  std::vector<std::uint64_t> visitor_hashes;  // by number

  // Takes a column if summaries have a use for it.
  void add(column_id c, const interner& values, const std::vector<std::uint32_t>& numbers);
};

// Days times groups of one part at most: 2 MB of counts while it is made.
inline constexpr std::size_t most_cells = 256UL * 1024;
// And bytes of its groups' values, and of all of it, which is a row of the database.
inline constexpr std::size_t most_key_bytes = 1024UL * 1024;
inline constexpr std::size_t most_part_bytes = 1'900'000;

// The parts of the summary's column, each for some columns; an empty one has too much to say.
[[nodiscard]] std::vector<std::string> encode_summary(const summary_input& in);

// The part that answers the question for segments that lie whole in its range; none for questions
// that summaries do not answer.
[[nodiscard]] std::optional<std::uint8_t> summary_part(const query::aggregate_question& q) noexcept;

// Visitors of a group of one segment that its summary holds one by one; more are a sketch.
inline constexpr std::size_t exact_visitors = 1024;

// The part with the distinct visitors of each key of part 0; for questions about them.
inline constexpr std::uint8_t visitors_part = 7;

// Adds the groups of a segment; `visitors` is the visitors' part, for questions about them.
// `damaged` is set when the bytes are no such parts; nothing counts then.
// @return invalid_params when the table is full.
[[nodiscard]] result<void> add_summary(std::string_view part, std::string_view visitors,
                                       const query::aggregate_question& q, query::group_table& to,
                                       bool& damaged);

}  // namespace millimetric::segment
