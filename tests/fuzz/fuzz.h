#pragma once
// What the fuzz targets share. A target is one file with one function, `run`, which is given bytes
// and must come back. What does not hold ends the process, so that whoever runs it (libFuzzer, or
// replay.cpp over a folder) has the input that did it. What was found and mended stays: its input
// goes to found/<target>/, under a name that says what it was.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace millimetric::fuzz {

// The target. The input lies in a buffer of its very size: reading beyond it is seen.
void run(std::string_view input);

// Ends the process, with what was expected and what was found, when it does not hold.
void require(bool holds, std::string_view expected, std::string_view found = {});

// An input as a sequence of choices. Where it ends, every further choice is the first one.
class choices {
 public:
  explicit choices(std::string_view input) noexcept : in_(input) {}

  template <class T>
  [[nodiscard]] T number() noexcept {
    return in_.number<T>();
  }
  // Below `n`, which is at least 1.
  [[nodiscard]] std::uint32_t below(std::uint32_t n) noexcept { return in_.u32() % n; }
  [[nodiscard]] bool flag() noexcept { return (in_.u8() & 1) != 0; }
  [[nodiscard]] std::string text() noexcept {
    const std::size_t size = in_.u8();
    return std::string(in_.take(std::min(size, in_.left())));
  }
  [[nodiscard]] std::string_view rest() noexcept { return in_.take(in_.left()); }
  [[nodiscard]] bool empty() const noexcept { return !in_.ok() || in_.left() == 0; }

 private:
  byte_reader in_;
};

// The lines of a text, at least `least` of them.
[[nodiscard]] std::vector<std::string> lines(std::string_view text, std::size_t least);

// SQLite's reading of JSON, to hold the core's against.
namespace second_parser {

// By RFC 8259; SQLite does not look at whether it is UTF-8.
[[nodiscard]] bool accepts(std::string_view json);
// What stands at a path such as "$.id", as SQLite's text; nothing when nothing stands there.
[[nodiscard]] std::optional<std::string> text_at(std::string_view json, std::string_view path);
// The type there, in SQLite's words ("text", "integer", "object", ...); empty for nothing.
[[nodiscard]] std::string type_at(std::string_view json, std::string_view path);
// Whether an object has members of one name, of which SQLite takes the first.
[[nodiscard]] bool repeats_a_name(std::string_view json);

}  // namespace second_parser

}  // namespace millimetric::fuzz
