#pragma once
// Different texts numbered as they first appear; then sorted, and every number replaced by its
// text's place in the order.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace millimetric::segment {

// Rows of a column as codes into sorted, different values; the code values.size() is null.
struct coded_column {
  std::vector<std::string_view> values;
  std::vector<std::uint32_t> codes;
  [[nodiscard]] std::uint32_t null_code() const noexcept {
    return static_cast<std::uint32_t>(values.size());
  }
};

class interner {
 public:
  static constexpr std::uint32_t null_number = 0xFFFFFFFF;

  // The number of a text. The text must outlive the interner.
  [[nodiscard]] std::uint32_t number_of(std::string_view text);
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  [[nodiscard]] std::string_view operator[](std::uint32_t number) const { return values_[number]; }

  [[nodiscard]] std::span<const std::string_view> values() const noexcept { return values_; }
  // The values; the interner is not to be used any more.
  [[nodiscard]] std::vector<std::string_view> take() { return std::move(values_); }

 private:
  struct slot {
    std::uint32_t hash = 0;
    std::uint32_t number = null_number;
  };
  // A text that was numbered before, by where it lies: what comes from a memo lies there again.
  struct place {
    std::string_view text;
    std::uint32_t number = null_number;
  };
  [[nodiscard]] std::uint32_t look_up(std::string_view text);
  void grow();

  std::array<place, 16> recent_;
  std::vector<slot> slots_;
  std::vector<std::string_view> values_;
};

// Sorts different values, of which the rows' numbers tell.
[[nodiscard]] coded_column sorted(std::span<const std::string_view> values,
                                  std::vector<std::uint32_t> numbers);

}  // namespace millimetric::segment
