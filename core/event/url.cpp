#include "event/url.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/text.h"
#include "event/letter_case.h"

namespace millimetric::event {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char letter = lower(c);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// One step of UTF-8 decoding. `length` is how far to advance: for an ill-formed sequence, its
// longest prefix that could have begun a valid one (at least 1), as the Encoding standard does.
struct code_point {
  std::uint32_t value;
  std::size_t length;
  bool valid;
};

code_point decode_utf8(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return {0, 1, false};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  std::uint32_t value = lead & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= text.size()) return {0, i, false};
    std::uint8_t low = 0x80, high = 0xBF;
    // The second byte excludes overlong forms, surrogates and values above U+10FFFF.
    if (i == 1 && lead == 0xE0) low = 0xA0;
    if (i == 1 && lead == 0xED) high = 0x9F;
    if (i == 1 && lead == 0xF0) low = 0x90;
    if (i == 1 && lead == 0xF4) high = 0x8F;
    const std::uint8_t next = byte(at + i);
    if (next < low || next > high) return {0, i, false};
    value = (value << 6) | (next & 0x3Fu);
  }
  return {value, length, true};
}

// Code points beyond ASCII that IDNA refuses and that would make two hosts look alike: spaces,
// controls and invisible formatting. (U+200C and U+200D are legal in some scripts.)
constexpr bool forbidden_in_host(std::uint32_t c) noexcept {
  return c <= 0xA0 || c == 0xAD || c == 0x1680 || c == 0x180E || (c >= 0x2000 && c <= 0x200B) ||
         c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202F) ||
         (c >= 0x205F && c <= 0x206F) || c == 0x3000 || (c >= 0xD800 && c <= 0xF8FF) ||
         c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFF) || c >= 0xE0000;
}

// A decimal number of 1 to 3 digits up to 255, without leading zeros.
bool is_ipv4_part(std::string_view part) noexcept {
  if (part.empty() || part.size() > 3 || (part.size() > 1 && part[0] == '0')) return false;
  int value = 0;
  for (const char c : part) {
    if (!is_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  return value <= 255;
}

bool is_ipv4(std::string_view text) noexcept {
  for (int part = 0; part < 3; ++part) {
    const std::size_t dot = text.find('.');
    if (dot == std::string_view::npos || !is_ipv4_part(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_ipv4_part(text);
}

// The text between the brackets: groups of 1-4 hex digits, at most one "::", optional IPv4 tail.
bool is_ipv6(std::string_view text) noexcept {
  int groups = 0;
  bool compressed = false;
  if (text.substr(0, 2) == "::") {
    compressed = true;
    text.remove_prefix(2);
  } else if (text.empty() || text[0] == ':') {
    return false;
  }
  while (!text.empty()) {
    std::size_t digits = 0;
    while (digits < text.size() && hex_value(text[digits]) >= 0) ++digits;
    if (digits < text.size() && text[digits] == '.') {
      groups += 2;
      return is_ipv4(text) && (compressed ? groups < 8 : groups == 8);
    }
    if (digits == 0 || digits > 4) return false;
    if (++groups > 8) return false;
    text.remove_prefix(digits);
    if (text.empty()) break;
    if (text[0] != ':' || text.size() == 1) return false;
    text.remove_prefix(1);
    if (text[0] == ':') {
      if (compressed) return false;
      compressed = true;
      text.remove_prefix(1);
    }
  }
  return compressed ? groups < 8 : groups == 8;
}

// What ASCII may be in a label: letters, digits, '-' and '_'.
constexpr auto label_bytes = [] {
  std::array<bool, 256> may{};
  for (int c = 'a'; c <= 'z'; ++c) may[c] = may[c - 'a' + 'A'] = true;
  for (int c = '0'; c <= '9'; ++c) may[c] = true;
  may['-'] = may['_'] = true;
  return may;
}();

// Non-empty labels of letters, digits, '-', '_' and anything IDNA might accept; one final dot
// may close the name. A name whose last label is a number must be an IPv4 address.
bool is_domain_or_ipv4(std::string_view host) noexcept {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  std::size_t label = 0;
  for (std::size_t i = 0; i < host.size();) {
    const auto byte = static_cast<std::uint8_t>(host[i]);
    if (label_bytes[byte]) {
      ++i;
      continue;
    }
    if (byte == '.') {
      if (i == label) return false;
      label = ++i;
      continue;
    }
    if (byte < 0x80) return false;
    const code_point point = decode_utf8(host, i);
    if (!point.valid || forbidden_in_host(point.value)) return false;
    i += point.length;
  }
  const std::string_view last = host.substr(label);
  if (last.empty()) return false;
  return last.find_first_not_of("0123456789") != std::string_view::npos || is_ipv4(host);
}

bool is_port(std::string_view port) noexcept {
  std::uint32_t value = 0;
  for (const char c : port) {
    if (!is_digit(c)) return false;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
    if (value > 65535) return false;
  }
  return true;
}

constexpr bool is_white_space_or_control(char c) noexcept {
  return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
}

// Whether any of eight bytes is one: the high bit of each comes to say so. A borrow may set the
// bit of a byte that is none, but only beside one that is. (S. E. Anderson, "Bit twiddling
// hacks".)
constexpr bool any_white_space_or_control(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  const std::uint64_t up_to_space = (bytes - 0x21 * ones) & ~bytes;
  const std::uint64_t unlike_del = bytes ^ (0x7F * ones);
  return ((up_to_space | ((unlike_del - ones) & ~unlike_del)) & (0x80 * ones)) != 0;
}

bool has_white_space_or_control(std::string_view text) noexcept {
  std::uint64_t bytes = 0;
  for (; text.size() >= sizeof(bytes); text.remove_prefix(sizeof(bytes))) {
    std::memcpy(&bytes, text.data(), sizeof(bytes));
    if (any_white_space_or_control(bytes)) return true;
  }
  return std::any_of(text.begin(), text.end(), is_white_space_or_control);
}

constexpr bool is_tab_or_line_break(char c) noexcept { return c == '\t' || c == '\n' || c == '\r'; }

constexpr bool is_c0_control_or_space(char c) noexcept {
  return static_cast<unsigned char>(c) <= 0x20;
}

constexpr bool ends_authority(char c) noexcept {
  return c == '/' || c == '?' || c == '#' || c == '\\';
}

constexpr bool may_be_in_scheme(char c) noexcept {
  return label_bytes[static_cast<std::uint8_t>(c)] || c == '+' || c == '.';
}

// Fills host and port from "user@host:port".
bool split_authority(std::string_view authority, url_view& url) noexcept {
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  std::size_t host_end = authority.find(':');
  if (!authority.empty() && authority[0] == '[') {
    const std::size_t bracket = authority.find(']');
    if (bracket == std::string_view::npos) return false;
    host_end = bracket + 1;
    if (!is_ipv6(authority.substr(1, bracket - 1))) return false;
    if (host_end < authority.size() && authority[host_end] != ':') return false;
  } else if (!is_domain_or_ipv4(authority.substr(0, host_end))) {
    return false;
  }
  url.host = authority.substr(0, host_end);
  url.port = host_end < authority.size() ? authority.substr(host_end + 1) : std::string_view();
  return is_port(url.port);
}

// Whether it is no word, as "javascript:0" is one.
bool is_written_as_host(const url_view& url) noexcept {
  if (url.host.find('.') != std::string_view::npos) return true;
  return !url.port.empty() && equals_ignoring_case(url.host, "localhost");
}

// The text before `mark`, which is cut off `rest` together with it; all of `rest` without one.
std::string_view take_until(std::string_view& rest, char mark) noexcept {
  const std::size_t end = rest.find(mark);
  const std::string_view taken = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return taken;
}

// One decoded byte of a form-encoded string; advances `i` past what it read.
char next_decoded(std::string_view text, std::size_t& i) noexcept {
  const char c = text[i++];
  if (c == '+') return ' ';
  if (c != '%' || text.size() - i < 2) return c;
  const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
  if (high < 0 || low < 0) return c;
  i += 2;
  return static_cast<char>(high * 16 + low);
}

std::string_view strip_www(std::string_view host) noexcept {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  const bool prefixed = host.size() > 4 && equals_ignoring_case(host.substr(0, 4), "www.");
  if (prefixed && host.find('.', 4) != std::string_view::npos) host.remove_prefix(4);
  return host;
}

}  // namespace

bool decodes_to(std::string_view encoded, std::string_view name) noexcept {
  std::size_t i = 0;
  for (const char expected : name) {
    if (i >= encoded.size()) return false;
    if (lower(next_decoded(encoded, i)) != lower(expected)) return false;
  }
  return i == encoded.size();
}

namespace {

// A space of another width than ASCII's, down to none at all.
constexpr bool is_wide_space(std::uint32_t c) noexcept {
  return c == 0xA0 || (c >= 0x2000 && c <= 0x200B) || c == 0x202F || c == 0x3000 || c == 0xFEFF;
}

enum class characters : std::uint8_t { tidy, as_sent };

std::string decode(std::string_view encoded, characters rule) {
  std::string bytes;
  bytes.reserve(encoded.size());
  for (std::size_t i = 0; i < encoded.size();) bytes.push_back(next_decoded(encoded, i));

  std::string text;
  text.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size();) {
    const code_point point = decode_utf8(bytes, i);
    const bool control = point.value < 0x20 || (point.value >= 0x7F && point.value < 0xA0);
    if (!point.valid) {
      text.append("\xEF\xBF\xBD");
    } else if (rule == characters::tidy && is_wide_space(point.value)) {
      text.push_back(' ');
    } else if (rule == characters::as_sent || !control) {
      text.append(bytes, i, point.length);
    }
    i += point.length;
  }
  return text;
}

}  // namespace

std::optional<url_view> parse_http_url(std::string_view url) noexcept {
  if (has_white_space_or_control(url)) return std::nullopt;
  url_view parts;
  parts.scheme = url.substr(0, url.find(':'));
  if (!equals_ignoring_case(parts.scheme, "http") && !equals_ignoring_case(parts.scheme, "https")) {
    return std::nullopt;
  }
  std::string_view rest = url.substr(parts.scheme.size());
  if (rest.substr(0, 3) != "://") return std::nullopt;
  rest.remove_prefix(3);

  const auto authority_end = static_cast<std::size_t>(
      std::find_if(rest.begin(), rest.end(), ends_authority) - rest.begin());
  if (!split_authority(rest.substr(0, authority_end), parts)) return std::nullopt;
  rest.remove_prefix(authority_end);
  // Browsers read "http://a\@b" as host a, other software as host b: refuse rather than guess.
  if (!rest.empty() && rest[0] == '\\') return std::nullopt;

  std::string_view before_fragment = take_until(rest, '#');
  parts.fragment = rest;
  parts.path = take_until(before_fragment, '?');
  parts.query = before_fragment;
  if (parts.path.empty()) parts.path = "/";
  return parts;
}

std::string without_white_space(std::string_view url) {
  while (!url.empty() && is_c0_control_or_space(url.front())) url.remove_prefix(1);
  while (!url.empty() && is_c0_control_or_space(url.back())) url.remove_suffix(1);
  std::string out;
  out.reserve(url.size());
  for (const char c : url) {
    if (c == ' ') {
      out += "%20";
    } else if (!is_tab_or_line_break(c)) {
      out += c;
    }
  }
  return out;
}

std::optional<std::string_view> referrer_host(std::string_view referrer) noexcept {
  if (referrer.substr(0, 2) == "//") referrer.remove_prefix(2);
  const auto scheme = static_cast<std::size_t>(
      std::find_if_not(referrer.begin(), referrer.end(), may_be_in_scheme) - referrer.begin());
  const bool bare = referrer.substr(scheme, 3) != "://";
  if (!bare) referrer.remove_prefix(scheme + 3);

  const auto end = std::find_if(referrer.begin(), referrer.end(), ends_authority);
  if (end != referrer.end() && *end == '\\') return std::nullopt;  // as for a URL
  const auto authority = referrer.substr(0, static_cast<std::size_t>(end - referrer.begin()));
  url_view url;
  if (!split_authority(authority, url)) return std::nullopt;
  // An address of mail, or a word such as "none".
  if (bare && (authority.find('@') != std::string_view::npos || !is_written_as_host(url))) {
    return std::nullopt;
  }
  return url.host;
}

std::optional<encoded_parameter> take_parameter(std::string_view& query) noexcept {
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const std::string_view name = take_until(value, '=');
    if (!name.empty()) return encoded_parameter{name, value};
  }
  return std::nullopt;
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
  while (const auto parameter = take_parameter(query))
    if (decodes_to(parameter->name, name)) return decode_text(parameter->value);
  return std::nullopt;
}

std::string decode_text(std::string_view encoded) { return decode(encoded, characters::tidy); }

std::vector<std::pair<std::string, std::string>> query_parameters(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (const auto parameter = take_parameter(query))
    out.emplace_back(decode(parameter->name, characters::as_sent),
                     decode(parameter->value, characters::as_sent));
  return out;
}

std::string host_without_www(std::string_view host) { return lower_letters(strip_www(host)); }

bool is_same_site(std::string_view a, std::string_view b) {
  a = strip_www(a);
  b = strip_www(b);
  if (a.size() != b.size()) return false;
  return equals_ignoring_case(a, b) || lower_letters(a) == lower_letters(b);
}

}  // namespace millimetric::event
