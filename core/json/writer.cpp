#include "json/writer.h"

#include <charconv>
#include <cmath>

#include "json/reader.h"

namespace millimetric::json {
namespace {

constexpr double exact_integers = 9007199254740992.0;  // 2^53

void append_unit(std::string& out, unsigned unit) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(digits[(unit >> shift) & 0xF]);
}

void append_control(std::string& out, unsigned char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default: append_unit(out, c); return;
  }
}

// The code point of a bidirectional control or line separator that starts at s, or 0; and its
// length in bytes. U+061C, U+200E, U+200F, U+2028..U+202E, U+2066..U+2069; C1 controls U+0080..9F.
unsigned invisible_control(std::string_view s, std::size_t& length) {
  const auto byte = [&](std::size_t i) {
    return i < s.size() ? static_cast<unsigned char>(s[i]) : 0U;
  };
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) <= 0x9F) {
    length = 2;
    return byte(1);
  }
  if (byte(0) == 0xD8 && byte(1) == 0x9C) {
    length = 2;
    return 0x061C;
  }
  if (byte(0) != 0xE2) return 0;
  length = 3;
  if (byte(1) == 0x80 && (byte(2) == 0x8E || byte(2) == 0x8F)) return 0x2000 + (byte(2) - 0x80);
  if (byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) return 0x2000 + (byte(2) - 0x80);
  if (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) return 0x2040 + (byte(2) - 0x80);
  return 0;
}

constexpr bool is_plain(unsigned char c) noexcept {
  return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F && c != 0xC2 && c != 0xD8 && c != 0xE2;
}

void append_string(std::string& out, std::string_view s) {
  out.push_back('"');
  std::size_t plain_from = 0;
  std::size_t i = 0;
  while (i < s.size()) {
    const auto c = static_cast<unsigned char>(s[i]);
    if (is_plain(c)) {
      ++i;
      continue;
    }
    std::size_t length = 1;
    const bool ascii = c < 0x80;
    const unsigned point = ascii ? 0 : invisible_control(s.substr(i), length);
    if (!ascii && point == 0) {
      ++i;
      continue;
    }
    out.append(s.substr(plain_from, i - plain_from));
    ascii ? append_control(out, c) : append_unit(out, point);
    i += length;
    plain_from = i;
  }
  out.append(s.substr(plain_from));
  out.push_back('"');
}

}  // namespace

void writer::separate() {
  if (need_comma_) out_.push_back(',');
  need_comma_ = true;
}

writer& writer::open(char c) {
  separate();
  out_.push_back(c);
  need_comma_ = false;
  return *this;
}

writer& writer::close(char c) {
  out_.push_back(c);
  need_comma_ = true;
  return *this;
}

writer& writer::key(std::string_view name) {
  string(name);
  out_.push_back(':');
  need_comma_ = false;
  return *this;
}

writer& writer::string(std::string_view utf8) {
  separate();
  append_string(out_, utf8);
  return *this;
}

writer& writer::integer(std::int64_t v) {
  separate();
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), v).ptr;
  out_.append(buffer, static_cast<std::size_t>(end - buffer));
  return *this;
}

writer& writer::unsigned_integer(std::uint64_t v) {
  separate();
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), v).ptr;
  out_.append(buffer, static_cast<std::size_t>(end - buffer));
  return *this;
}

writer& writer::number(double v) {
  if (!std::isfinite(v)) return null();
  if (v == std::floor(v) && std::fabs(v) < exact_integers)
    return integer(static_cast<std::int64_t>(v));
  separate();
  out_ += shortest_double(v);
  return *this;
}

writer& writer::boolean(bool v) { return raw(v ? "true" : "false"); }
writer& writer::null() { return raw("null"); }

writer& writer::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

std::string quoted(std::string_view utf8) {
  std::string out;
  append_string(out, utf8);
  return out;
}

}  // namespace millimetric::json
