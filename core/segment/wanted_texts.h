#pragma once
// Texts that are looked for among many: most others are seen to be none of them by how they end.

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"

namespace millimetric::segment {

// The texts must be different ones, and outlive it.
class wanted_texts {
 public:
  explicit wanted_texts(std::span<const std::string_view> texts)
      : texts_(texts), next_(texts.size()) {
    for (std::uint32_t n = 0; n < texts.size(); ++n) {
      ends_[end_of(texts[n])] = true;
      next_[n] = std::exchange(first_[slot_of(texts[n])], n + 1);
    }
  }
  // The number of a text; nothing for any other.
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view text) const {
    if (!ends_[end_of(text)]) return std::nullopt;
    for (std::uint32_t n = first_[slot_of(text)]; n != 0; n = next_[n - 1])
      if (texts_[n - 1] == text) return n - 1;
    return std::nullopt;
  }

 private:
  static constexpr unsigned slot_bits = 12;  // one in eight others has a slot of 500 texts
  static constexpr std::size_t slots = std::size_t{1} << slot_bits;
  static std::size_t end_of(std::string_view text) noexcept {
    std::uint32_t end = 0;
    if (text.size() >= sizeof end)
      std::memcpy(&end, text.data() + (text.size() - sizeof end), sizeof end);
    return end * 0x9E3779B1U >> (32 - slot_bits);
  }
  static std::size_t slot_of(std::string_view text) noexcept { return hash64(text) % slots; }

  std::span<const std::string_view> texts_;
  std::array<bool, slots> ends_{};
  // Numbers, and one more: of a text with this slot, and of another one with the slot of a text.
  std::array<std::uint32_t, slots> first_{};
  std::vector<std::uint32_t> next_;
};

}  // namespace millimetric::segment
