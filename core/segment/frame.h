#pragma once
// Rows in which SQLite never leaves a trace of what they held.
//
// A row of a table lies in a leaf page, whose free space keeps copies of rows that were moved or
// deleted, and what is too long in pages of its own, which are written over in place by a row of
// the same size. A framed row is of such a size that the leaf page gets 489 bytes of it, and begins
// with as many that say nothing of anybody. To erase it, write zeros of its size, then delete it.
// Source: SQLite, "Database file format", section 1.6, B-tree pages: payload and overflow; for
// pages of 4,096 bytes, which is what Durable Objects and SQLite by itself have.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace millimetric::segment {

// What a row says in front, readable also when the content is damaged.
struct frame_note {
  std::uint32_t events = 0;
  millis first = 0;
  millis last = 0;
};

// For a table of an INTEGER PRIMARY KEY and this blob, in this order.
[[nodiscard]] std::string frame(const frame_note& note, std::string_view content);

struct framed {
  std::optional<frame_note> note;  // empty when it is damaged as well
  std::string_view content;        // a view of the row; empty when the row is no frame
};
[[nodiscard]] framed unframe(std::string_view row) noexcept;

}  // namespace millimetric::segment
