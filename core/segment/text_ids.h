#pragma once
// Ids in lower-case hexadecimal as 16 bytes each: how lists of texts keep UUIDs and hashes.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace millimetric::segment {

enum class id_kind : std::uint8_t { uuid, hash };  // 32 digits with hyphens, and without

inline constexpr std::size_t id_bytes = 16;
inline constexpr std::size_t uuid_text = 36;
inline constexpr std::size_t hash_text = 2 * id_bytes;

constexpr std::size_t characters_of(id_kind kind) noexcept {
  return kind == id_kind::uuid ? uuid_text : hash_text;
}

// The 16 bytes of a text that is as long as such an id; false when it is none.
[[nodiscard]] bool pack_id(std::string_view text, id_kind kind, char* out) noexcept;

// All values as 16 bytes each; nothing when one of them is no such id.
[[nodiscard]] std::optional<std::string> pack_ids(std::span<const std::string_view> values,
                                                  id_kind kind);

// 16 bytes as 32 characters.
inline void unpack_hex(const char* bytes, char* out) noexcept {
  using hex_bytes = std::uint8_t __attribute__((vector_size(16)));
  hex_bytes in;
  std::memcpy(&in, bytes, sizeof in);
  const hex_bytes high = in >> 4;
  const hex_bytes low = in & 15;
  const auto digit = [](hex_bytes n) {
    constexpr std::uint8_t to_letters = 'a' - '0' - 10;
    return n + '0' + ((hex_bytes)(n > 9) & to_letters);
  };
  const hex_bytes first =
      __builtin_shufflevector(high, low, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const hex_bytes second = __builtin_shufflevector(high, low, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28,
                                                   13, 29, 14, 30, 15, 31);
  const hex_bytes a = digit(first);
  const hex_bytes b = digit(second);
  std::memcpy(out, &a, sizeof a);
  std::memcpy(out + sizeof a, &b, sizeof b);
}

// The text of an id; valid until the next one is read.
class id_text {
 public:
  explicit id_text(id_kind kind) noexcept : kind_(kind) { uuid_.fill('-'); }
  [[nodiscard]] std::string_view read(const char* bytes) noexcept {
    unpack_hex(bytes, hex_.data());
    if (kind_ == id_kind::hash) return {hex_.data(), hex_.size()};
    const char* const hex = hex_.data();
    char* const to = uuid_.data();
    std::memcpy(to, hex, 8);
    std::memcpy(to + 9, hex + 8, 4);
    std::memcpy(to + 14, hex + 12, 4);
    std::memcpy(to + 19, hex + 16, 4);
    std::memcpy(to + 24, hex + 20, 12);
    return {to, uuid_.size()};
  }

 private:
  id_kind kind_;
  std::array<char, hash_text> hex_{};
  std::array<char, uuid_text> uuid_{};
};

}  // namespace millimetric::segment
