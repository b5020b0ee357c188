#pragma once
// The events of a request column by column: what gateways send to stores, and what a small segment
// is made of. A text comes once in its column, so that a store need not look at that of each event.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/record.h"
#include "segment/format.h"

namespace millimetric::segment {

// Texts that somebody else keeps.
struct text_column {
  static constexpr std::uint16_t null_number = 0xFFFF;

  std::vector<std::string_view> values;  // different ones; one per row where the column is kept so
  std::vector<std::uint16_t> numbers;    // per row, of its value; none where values are per row
};

// At most 65,535 events.
struct event_columns {
  std::vector<millis> times;
  std::vector<std::uint8_t> client_event_ids;  // 1: the client chose the event's id
  std::vector<text_column> texts;              // in the order of text_fields()

  [[nodiscard]] std::size_t size() const noexcept { return times.size(); }
  [[nodiscard]] const std::vector<std::string_view>& event_ids() const noexcept;
};

[[nodiscard]] event_columns columns_of(std::span<const event::record_view* const> events);
// The events of several requests, one request behind the other. Shows what the parts show. Together
// they must have no more events than one may have.
[[nodiscard]] event_columns joined(std::span<const event_columns* const> parts);

// Appends the columns, little-endian: the number of events (u32), times, `client_event_ids`; then
// each text column, as the number of its values (u32), their lengths (u32 each), their bytes, and
// its numbers (u16 each).
void append_columns(std::string& out, const event_columns& events);
// Shows what such bytes hold, which must outlive it; nothing where they are of another form.
[[nodiscard]] std::optional<event_columns> read_columns(std::string_view bytes);

}  // namespace millimetric::segment
