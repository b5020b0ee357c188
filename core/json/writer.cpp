#include "json/writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/bytes.h"
#include "json/reader.h"

namespace millimetric::json {
namespace {

constexpr double exact_integers = 9007199254740992.0;  // 2^53
constexpr char delete_sign = 0x7F;

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

enum class kind : std::uint8_t {
  plain,
  escaped,  // of ASCII
  lead,     // may begin a hidden character
};

constexpr std::array<kind, 256> kinds = [] {
  std::array<kind, 256> out{};
  for (std::size_t c = 0; c < 0x20; ++c) out[c] = kind::escaped;
  out['"'] = out['\\'] = out[delete_sign] = kind::escaped;
  out[0xC2] = out[0xD8] = out[0xE2] = out[0xEF] = out[0xF3] = kind::lead;
  return out;
}();

kind kind_of(char c) noexcept { return kinds[static_cast<unsigned char>(c)]; }

// What nobody sees, and terminals, editors and language models act upon or read: C1 controls, the
// soft hyphen, bidirectional controls, separators of lines, zero widths, variation selectors, the
// byte order mark, annotations, tags.
constexpr bool is_hidden(unsigned p) noexcept {
  return (p >= 0x80 && p <= 0x9F) || p == 0xAD || p == 0x61C || (p >= 0x200B && p <= 0x200F) ||
         (p >= 0x2028 && p <= 0x202E) || (p >= 0x2060 && p <= 0x206F) ||
         (p >= 0xFE00 && p <= 0xFE0F) || p == 0xFEFF || (p >= 0xFFF0 && p <= 0xFFFB) ||
         (p >= 0xE0000 && p <= 0xE0FFF);
}

struct hidden {
  unsigned point = 0;
  std::size_t bytes = 0;  // 0: there is none
};

// The hidden character that begins at s[0], a lead byte.
hidden hidden_at(std::string_view s) noexcept {
  const auto lead = static_cast<unsigned char>(s[0]);
  const std::size_t bytes = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (s.size() < bytes) return {};
  unsigned point = lead & (0x7FU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto c = static_cast<unsigned char>(s[i]);
    if ((c & 0xC0) != 0x80) return {};
    point = point << 6 | (c & 0x3F);
  }
  return is_hidden(point) ? hidden{point, bytes} : hidden{};
}

void append_point(std::string& out, unsigned point) {
  if (point < 0x10000) return append_unit(out, point);
  append_unit(out, 0xD7C0 + (point >> 10));
  append_unit(out, 0xDC00 | (point & 0x3FF));
}

// How many characters from s[i] on are plain at first sight, eight at a time.
std::size_t plain_words(std::string_view s, std::size_t i) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101;
  std::size_t end = i;
  for (std::uint64_t w = 0; end + sizeof(w) <= s.size(); end += sizeof(w)) {
    std::memcpy(&w, s.data() + end, sizeof(w));
    // A top bit stays set where a byte is not ASCII, DEL, a control, a quote or a backslash; of the
    // bytes above such a one it may be set wrongly.
    const std::uint64_t odd =
        w | (w + each) | (w - each * 0x20) | ((w ^ each * '"') - each) | ((w ^ each * '\\') - each);
    if ((odd & each * 0x80) != 0) break;
  }
  return end - i;
}

// Whether all of it stays as it is, told at first sight.
bool is_plain(std::string_view s) noexcept {
  std::size_t i = plain_words(s, 0);
  while (i < s.size() && kind_of(s[i]) == kind::plain) ++i;
  return i == s.size();
}

// Three short texts at once, since each by itself would be a call.
void append_three(std::string& out, std::string_view a, std::string_view b, std::string_view c) {
  const std::size_t before = out.size();
  out.resize(before + a.size() + b.size() + c.size());
  char* at = out.data() + before;
  for (const std::string_view s : {a, b, c}) {
    copy_short(at, s);
    at += s.size();
  }
}

enum class made_of : std::uint8_t {
  text,          // what a string's quotes enclose
  text_to_keep,  // likewise, with what is hidden as it is
  json,          // JSON that is there already
};

// Of a character that is kind::escaped: whether it is replaced. In JSON that is there already only
// DEL can be such a one unescaped; text to keep has it as it is.
template <made_of from>
bool is_escaped(char c) noexcept {
  return from == made_of::text || (c == delete_sign) == (from == made_of::json);
}

// As JSON, with what is hidden escaped.
template <made_of from>
void append_escaped(std::string& out, std::string_view s) {
  std::size_t plain_from = 0;
  std::size_t i = from == made_of::json ? 0 : plain_words(s, 0);
  while (i < s.size()) {
    const kind k = kind_of(s[i]);
    const bool ascii = k == kind::escaped && is_escaped<from>(s[i]);
    const bool may_hide = k == kind::lead && from != made_of::text_to_keep;
    const hidden h = may_hide ? hidden_at(s.substr(i)) : hidden{};
    if (!ascii && h.bytes == 0) {
      ++i;
      continue;
    }
    out.append(s.substr(plain_from, i - plain_from));
    ascii ? append_control(out, static_cast<unsigned char>(s[i])) : append_point(out, h.point);
    i += ascii ? 1 : h.bytes;
    plain_from = i;
  }
  out.append(s.substr(plain_from));
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
  quote(name, "\":");
  need_comma_ = false;
  return *this;
}

writer& writer::string(std::string_view utf8) {
  quote(utf8, "\"");
  need_comma_ = true;
  return *this;
}

// `end` is the closing quote, and what comes behind it.
void writer::quote(std::string_view utf8, std::string_view end) {
  const std::string_view begin = need_comma_ ? ",\"" : "\"";
  if (is_plain(utf8)) return append_three(out_, begin, utf8, end);
  out_.append(begin);
  if (hidden_ == hidden_text::kept)
    append_escaped<made_of::text_to_keep>(out_, utf8);
  else
    append_escaped<made_of::text>(out_, utf8);
  out_.append(end);
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
  const bool minus_zero = v == 0 && std::signbit(v);
  if (!minus_zero && v == std::floor(v) && std::fabs(v) < exact_integers)
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

writer& writer::stored(std::string_view json) {
  separate();
  append_escaped<made_of::json>(out_, json);
  return *this;
}

std::string quoted(std::string_view utf8) {
  std::string out;
  writer(out).string(utf8);
  return out;
}

}  // namespace millimetric::json
