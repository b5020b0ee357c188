#pragma once
// The codes of a text column's rows: packed, or as runs where equal ones follow each other.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millimetric::segment {

// What a code stands for: an event, or a code of the url column (for a path that follows from it).
enum class code_rows : std::uint8_t { events = 0, urls = 1 };

struct code_column {
  code_rows per = code_rows::events;
  std::uint32_t values = 0;  // of the dictionary; this code is null
  std::vector<std::uint32_t> codes;
};

[[nodiscard]] std::string encode_codes(const code_column& c);

// False when the bytes are no codes, or a code is beyond null.
[[nodiscard]] bool decode_codes(std::string_view bytes, code_column& out);

}  // namespace millimetric::segment
