#pragma once
// The part of a sealed segment's summary that counts its events per day by name and path. It speaks
// of both by their codes, so that it stays small where a summary of texts would not.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "query/partial.h"
#include "query/question.h"
#include "segment/limits.h"
#include "segment/reader.h"

namespace millimetric::segment {

// Its part of column_id::summary, behind those of segment/summary.h.
inline constexpr std::uint8_t path_counts_part = 8;

// Of rows with these times, which rise, and codes; empty where it would be too large to help.
[[nodiscard]] std::string encode_path_counts(std::span<const std::int64_t> times,
                                             std::span<const std::uint32_t> names,
                                             std::span<const std::uint32_t> paths,
                                             const limits& most);

// Whether the counts answer a question for segments that lie whole in its range: one for numbers of
// events by day or longer that filters and groups by nothing but name and path.
[[nodiscard]] bool path_counts_answer(const query::aggregate_question& q) noexcept;

// What must be given to a reader before its counts are added.
[[nodiscard]] std::vector<chunk_place> path_counts_need(const reader& from);

// Adds a segment's groups. `damaged` is set when the chunks cannot be read; nothing counts then.
// @return invalid_params when the table is full.
[[nodiscard]] result<void> add_path_counts(const reader& from, const query::aggregate_question& q,
                                           query::group_table& to, bool& damaged);

}  // namespace millimetric::segment
