#pragma once
// Different texts numbered as they first appear; then sorted, and every number replaced by its
// text's place in the order.

#include <cstdint>
#include <string_view>
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

  // Takes the rows' numbers.
  [[nodiscard]] coded_column sorted(std::vector<std::uint32_t> numbers) const;

 private:
  struct slot {
    std::uint32_t hash = 0;
    std::uint32_t number = null_number;
  };
  void grow();

  std::vector<slot> slots_;
  std::vector<std::string_view> values_;
};

}  // namespace millimetric::segment
