#include "json/reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.h"
#include "json/writer.h"

namespace millimetric::json {
namespace {

// A parser holds about fourteen times the size of the longest document that it has read: one that
// was used for documents up to this one is kept for the next request.
constexpr std::size_t largest_kept_bytes = 64 * 1024;
constexpr std::size_t most_idle = 16;
// simdjson stops at its bound, not behind it, and does not count an empty container as a level.
constexpr std::size_t depth_bound = max_depth + 1;
constexpr std::size_t least_capacity = 4096;  // holds almost every JSON-RPC request

// The end of the number that begins there: behind all characters that numbers are made of.
std::size_t end_of_number(std::string_view text, std::size_t begin) {
  return std::min(text.find_first_not_of("0123456789+-.eE", begin), text.size());
}

bool fits_an_integer(std::string_view digits) {
  const auto fits = [&](auto number) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return read.ec == std::errc();
  };
  return fits(std::int64_t{}) || fits(std::uint64_t{});
}

// Makes the replacement character of every escape of half a surrogate pair, as JavaScript writes of
// a string that was cut within a character. Tells whether there was one.
bool mend_surrogates(std::string& text) {
  constexpr std::size_t escape = 6;  // \uD83D
  // The bits above the lowest ten; nothing where no escape begins.
  const auto upper_bits = [&](std::size_t at) -> std::uint32_t {
    std::uint32_t unit = 0;
    if (at + escape > text.size() || text[at] != '\\' || text[at + 1] != 'u') return 0;
    const char* const end = text.data() + at + escape;
    return std::from_chars(text.data() + at + 2, end, unit, 16).ptr == end ? unit >> 10 : 0;
  };
  constexpr std::uint32_t high = 0xD800 >> 10;
  constexpr std::uint32_t low = 0xDC00 >> 10;
  bool mended = false;
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
    const std::uint32_t half = upper_bits(at);
    const bool pair = half == high && upper_bits(at + escape) == low;
    if ((half == high || half == low) && !pair) {
      text.replace(at + 2, 4, "fffd");
      mended = true;
    }
    at += pair ? 2 * escape : 2;
  }
  return mended;
}

// The text with an exponent of zero behind every integer of more than 64 bits, so that it is read
// as the nearest double, as by other readers of JSON; nothing when there is none.
std::optional<std::string> with_doubles(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
      ++i;
      continue;
    }
    if (text[i] != '-' && (text[i] < '0' || text[i] > '9')) {
      ++i;
      continue;
    }
    const std::string_view number = text.substr(i, end_of_number(text, i) - i);
    i += number.size();
    if (number.find_first_of(".eE") != std::string_view::npos || fits_an_integer(number)) continue;
    out.append(text.substr(copied, i - copied)).append("e0");
    copied = i;
  }
  if (copied == 0) return std::nullopt;
  return out.append(text.substr(copied));
}

void append(writer& out, const element& e);

// Whether a name may come twice: told for certain of few members, as most objects have.
bool may_repeat_names(const object& o) {
  constexpr std::size_t few = 16;
  std::array<std::string_view, few> names;
  std::size_t n = 0;
  for (const auto member : o) {
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(n);
    if (n == few || std::find(names.begin(), end, member.key) != end) return true;
    names[n++] = member.key;
  }
  return false;
}

void append(writer& out, const object& o) {
  out.begin_object();
  const auto add = [&](std::string_view name, const element& value) {
    out.key(name);
    append(out, value);
  };
  if (may_repeat_names(o))
    for (const auto& [name, value] : last_of_each_name(o)) add(name, value);
  else
    for (const auto member : o) add(member.key, member.value);
  out.end_object();
}

void append(writer& out, const array& a) {
  out.begin_array();
  for (const element item : a) append(out, item);
  out.end_array();
}

void append(writer& out, const element& e) {
  using simdjson::dom::element_type;
  switch (e.type()) {
    case element_type::OBJECT: append(out, e.get_object().value_unsafe()); break;
    case element_type::ARRAY: append(out, e.get_array().value_unsafe()); break;
    case element_type::STRING: out.string(e.get_string().value_unsafe()); break;
    case element_type::INT64: out.integer(e.get_int64().value_unsafe()); break;
    case element_type::UINT64: out.unsigned_integer(e.get_uint64().value_unsafe()); break;
    case element_type::DOUBLE: out.number(e.get_double().value_unsafe()); break;
    case element_type::BOOL: out.boolean(e.get_bool().value_unsafe()); break;
    case element_type::NULL_VALUE: out.null(); break;
  }
}

}  // namespace

parser_lease::parser_lease(parser_pool& pool, std::unique_ptr<simdjson::dom::parser> parser)
    : pool_(&pool), parser_(std::move(parser)) {}

parser_lease::~parser_lease() {
  if (!parser_ || is_large_ || pool_->idle_.size() >= most_idle) return;
  pool_->idle_.push_back(std::move(parser_));
}

parser_lease parser_pool::lease() {
  if (idle_.empty()) return {*this, std::make_unique<simdjson::dom::parser>()};
  auto parser = std::move(idle_.back());
  idle_.pop_back();
  return {*this, std::move(parser)};
}

void parser_lease::keep_strings() noexcept {
  if (!is_large_) return;  // it goes back to the pool as it is
  strings_ = std::move(parser_->doc.string_buf);
  parser_.reset();
}

result<element> parser_lease::parse(std::string_view text, half_pairs how) {
  auto parsed = parse_as_it_is(text);
  if (parsed) return parsed;
  std::string mended(text);
  const bool changed = how == half_pairs::replaced && mend_surrogates(mended);
  const auto with = with_doubles(mended);
  return with || changed ? parse_as_it_is(with.value_or(mended)) : parsed;
}

// As simdjson's parser does it, but for the tape: that parser makes room for the worst document of
// that many bytes, which is eight times as many.
simdjson::error_code parser_lease::parse_large(std::string_view text) {
  is_large_ = true;
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  const simdjson::padded_string padded(text);
  std::unique_ptr<simdjson::internal::dom_parser_implementation> reader;
  if (padded.data() == nullptr ||
      simdjson::get_active_implementation()->create_dom_parser_implementation(padded.size(),
                                                                              depth_bound, reader))
    return simdjson::MEMALLOC;
  const auto found = reader->stage1(reinterpret_cast<const std::uint8_t*>(padded.data()),
                                    padded.size(), simdjson::stage1_mode::regular);
  if (found) return found;
  // A value takes no more words than it has tokens, and one more where it ends in a number; the
  // document itself has two.
  const std::size_t words = std::size_t{reader->n_structural_indexes} + 4;
  // A string of no character has two bytes and takes five.
  const std::size_t bytes = 5 * padded.size() / 3 + simdjson::SIMDJSON_PADDING;
  simdjson::dom::document& to = parser_->doc;
  to.tape.reset(new (std::nothrow) std::uint64_t[words]);
  to.string_buf.reset(new (std::nothrow) std::uint8_t[bytes]);
  if (!to.tape || !to.string_buf) return simdjson::MEMALLOC;
  return reader->stage2(to);
}

simdjson::error_code parser_lease::parse_small(std::string_view text) {
  const bool roomy = parser_->capacity() >= text.size() && parser_->max_depth() == depth_bound;
  if (!roomy && parser_->allocate(std::max(text.size(), least_capacity), depth_bound))
    return simdjson::MEMALLOC;
  return parser_->parse(text.data(), text.size(), true).error();
}

result<element> parser_lease::parse_as_it_is(std::string_view text) {
  const auto why = text.size() > largest_kept_bytes ? parse_large(text) : parse_small(text);
  if (!why) return parser_->doc.root();
  if (why == simdjson::MEMALLOC)
    return fail(error_code::internal_error, "There is no memory left to read this JSON.");
  if (why == simdjson::DEPTH_ERROR)
    return fail(error_code::parse_error, "The JSON is nested deeper than " +
                                             std::to_string(max_depth) + " levels; flatten it.");
  // Which other error it is depends on the kernel that simdjson has chosen for this machine.
  return fail(error_code::parse_error,
              trim(text).empty()
                  ? "The body is empty; send one JSON document."
                  : "The body is not valid JSON; check its quotes, commas, brackets and "
                    "escapes, that it is UTF-8, and that no number is beyond 1.7e308.");
}

bool find(const object& o, std::string_view key, element& out) noexcept {
  bool found = false;
  for (const auto member : o) {
    if (member.key != key) continue;
    out = member.value;
    found = true;
  }
  return found;
}

std::vector<std::pair<std::string_view, element>> last_of_each_name(const object& given) {
  std::vector<std::pair<std::string_view, element>> all;
  std::vector<std::size_t> places;
  for (const auto member : given) {
    places.push_back(all.size());
    all.emplace_back(member.key, member.value);
  }
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return all[a].first != all[b].first ? all[a].first < all[b].first : a > b;
  });
  const auto end = std::unique(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return all[a].first == all[b].first;
  });
  std::sort(places.begin(), end);
  std::vector<std::pair<std::string_view, element>> out;
  for (auto place = places.begin(); place != end; ++place) out.push_back(all[*place]);
  return out;
}

bool as_string(const element& e, std::string_view& out) noexcept { return !e.get(out); }
bool as_object(const element& e, object& out) noexcept { return !e.get(out); }
bool as_array(const element& e, array& out) noexcept { return !e.get(out); }

std::string to_text(const element& e) {
  std::string out;
  writer w(out, hidden_text::kept);
  append(w, e);
  return out;
}

void append_text(const object& o, std::string& out) {
  writer w(out, hidden_text::kept);
  append(w, o);
}

std::string shortest_double(double v) {
  char buffer[40];
  const char* end = simdjson::internal::to_chars(buffer, buffer + sizeof(buffer), v);
  return {buffer, static_cast<std::size_t>(end - buffer)};
}

std::string_view kind_of(const element& e) noexcept {
  using simdjson::dom::element_type;
  switch (e.type()) {
    case element_type::OBJECT: return "an object";
    case element_type::ARRAY: return "an array";
    case element_type::STRING: return "a string";
    case element_type::BOOL: return "a boolean";
    case element_type::NULL_VALUE: return "null";
    default: return "a number";
  }
}

std::string_view type_of(const element& e) noexcept {
  const std::string_view kind = kind_of(e);
  const std::size_t article = kind.find(' ');
  return article == std::string_view::npos ? kind : kind.substr(article + 1);
}

}  // namespace millimetric::json
