#include "event/letter_case.h"

#include <cstdint>

#include "base/text.h"

namespace millimetric::event {
namespace {

// Capitals in a row and the way to their small letters; with a way of 1 the two alternate.
struct capitals {
  std::uint16_t first, last;
  std::int16_t way;
};

constexpr capitals alphabets[] = {
    {0xC0, 0xD6, 32},   {0xD8, 0xDE, 32},   {0x100, 0x12F, 1},    {0x132, 0x137, 1},
    {0x139, 0x148, 1},  {0x14A, 0x177, 1},  {0x178, 0x178, -121}, {0x179, 0x17E, 1},
    {0x218, 0x21B, 1},  {0x386, 0x386, 38}, {0x388, 0x38A, 37},   {0x38C, 0x38C, 64},
    {0x38E, 0x38F, 63}, {0x391, 0x3A1, 32}, {0x3A3, 0x3AB, 32},   {0x400, 0x40F, 80},
    {0x410, 0x42F, 32}, {0x460, 0x481, 1},  {0x48A, 0x4BF, 1},    {0x4C1, 0x4CE, 1},
    {0x4D0, 0x52F, 1},
};

int small_letter(int letter) noexcept {
  for (const capitals& row : alphabets) {
    if (letter < row.first || letter > row.last) continue;
    return row.way == 1 && (letter - row.first) % 2 != 0 ? letter : letter + row.way;
  }
  return letter;
}

// Of three bytes only Latin Extended Additional (Vietnamese, Welsh) is known: U+1E00 to U+1EFF,
// where small letters follow their capitals, but for eight letters and the sharp s.
bool is_three_byte_capital(const char* lead) noexcept {
  const auto byte = [lead](int i) { return static_cast<unsigned char>(lead[i]); };
  if (byte(0) != 0xE1 || byte(1) < 0xB8 || byte(1) > 0xBB || byte(2) % 2 != 0) return false;
  return byte(1) != 0xBA || byte(2) < 0x96 || byte(2) > 0x9F;
}

}  // namespace

std::string lower_letters(std::string_view utf8) {
  std::string text = to_lower(utf8);
  char* const end = text.data() + text.size();
  for (char* lead = text.data(); lead + 1 < end; ++lead) {
    if (lead + 2 < end && is_three_byte_capital(lead)) ++lead[2];
    if ((*lead & 0xE0) != 0xC0) continue;  // not the first of two bytes
    const int letter = small_letter((lead[0] & 0x1F) << 6 | (lead[1] & 0x3F));
    lead[0] = static_cast<char>(0xC0 | letter >> 6);
    lead[1] = static_cast<char>(0x80 | (letter & 0x3F));
  }
  return text;
}

}  // namespace millimetric::event
