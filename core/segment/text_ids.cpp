#include "segment/text_ids.h"

namespace millimetric::segment {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

constexpr std::array<std::uint8_t, 256> make_nibbles() {
  std::array<std::uint8_t, 256> table{};
  for (auto& n : table) n = 0xFF;
  for (std::size_t i = 0; i < digits.size(); ++i)
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return table;
}
constexpr auto nibbles = make_nibbles();

constexpr bool is_hyphen_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

bool pack_id(std::string_view text, id_kind kind, char* out) noexcept {
  std::size_t at = 0;
  for (std::size_t b = 0; b < id_bytes; ++b) {
    if (kind == id_kind::uuid && is_hyphen_place(at) && text[at++] != '-') return false;
    const unsigned high = nibbles[static_cast<unsigned char>(text[at])];
    const unsigned low = nibbles[static_cast<unsigned char>(text[at + 1])];
    if (high > 15 || low > 15) return false;
    out[b] = static_cast<char>(high << 4 | low);
    at += 2;
  }
  return true;
}

std::optional<std::string> pack_ids(std::span<const std::string_view> values, id_kind kind) {
  std::string out(values.size() * id_bytes, '\0');
  char* to = out.data();
  for (const std::string_view v : values) {
    if (v.size() != characters_of(kind) || !pack_id(v, kind, to)) return std::nullopt;
    to += id_bytes;
  }
  return out;
}

}  // namespace millimetric::segment
