#pragma once
// The text columns of an event, one row each: where the value is in the record, and how it is kept.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "event/record.h"
#include "query/question.h"
#include "segment/format.h"

namespace millimetric::segment {

using optional_view = std::optional<std::string_view>;

// How the rows of a column become values and codes.
enum class keeping : std::uint8_t {
  dictionary,  // different values once, a code per row
  per_row,     // every row's value, in the rows' order: they never repeat
  either,      // whichever is smaller
};

struct text_field {
  column_id column;
  keeping how;
  // The values of these rows.
  void (*get)(std::span<const event::record_view* const> rows, std::span<optional_view> out);
  void (*set)(event::record&, optional_view);
};

[[nodiscard]] std::span<const text_field> text_fields() noexcept;

// The stored column of a question's column.
[[nodiscard]] column_id column_of(query::column c) noexcept;

// The session that an event without one belongs to. Contract, section 4.
[[nodiscard]] std::string default_session(std::string_view anonymous_id, millis timestamp);

}  // namespace millimetric::segment
