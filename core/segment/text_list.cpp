#include "segment/text_list.h"

#include <lz4.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "base/hash.h"
#include "segment/bit_packing.h"
#include "segment/format.h"

namespace millimetric::segment {
namespace {

enum class form : std::uint8_t { uuids = 0, hashes = 1, raw = 2, compressed = 3 };

constexpr std::size_t uuid_text = 36;
constexpr std::size_t id_bytes = 16;          // of a UUID, and of a hash
constexpr std::size_t hash_text = 32;         // 16 bytes in hexadecimal
constexpr std::size_t least_compressed = 64;  // below, LZ4's own bytes outweigh what it saves

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

// Two characters for each byte, hyphens where a UUID has them; nothing for any other text.
bool pack_hex(std::string_view text, bool hyphens, char* out) noexcept {
  std::size_t at = 0;
  for (std::size_t b = 0; b < id_bytes; ++b) {
    if (hyphens && is_hyphen_place(at) && text[at++] != '-') return false;
    const unsigned high = nibbles[static_cast<unsigned char>(text[at])];
    const unsigned low = nibbles[static_cast<unsigned char>(text[at + 1])];
    if (high > 15 || low > 15) return false;
    out[b] = static_cast<char>(high << 4 | low);
    at += 2;
  }
  return true;
}

void unpack_hex(const char* bytes, bool hyphens, char* out) noexcept {
  std::size_t at = 0;
  for (std::size_t b = 0; b < id_bytes; ++b) {
    if (hyphens && is_hyphen_place(at)) out[at++] = '-';
    const auto byte = static_cast<unsigned char>(bytes[b]);
    out[at++] = digits[byte >> 4];
    out[at++] = digits[byte & 15];
  }
}

// All values as 16 bytes each; empty when one is of another form.
std::optional<std::string> as_ids(std::span<const std::string_view> values, form as) {
  const bool uuids = as == form::uuids;
  std::string out(values.size() * id_bytes, '\0');
  char* to = out.data();
  for (const std::string_view v : values) {
    if (v.size() != (uuids ? uuid_text : hash_text) || !pack_hex(v, uuids, to)) return std::nullopt;
    to += id_bytes;
  }
  return out;
}

void append_numbers(std::string& out, std::span<const std::uint32_t> numbers) {
  std::uint32_t most = 0;
  for (const std::uint32_t n : numbers) most = std::max(most, n);
  const unsigned width = bits_for(most);
  byte_writer(out).u8(static_cast<std::uint8_t>(width));
  append_packed(out, numbers, width);
}

bool read_numbers(byte_reader& in, std::size_t count, std::vector<std::uint32_t>& out) {
  const unsigned width = in.u8();
  return width <= most_pack_width && unpack(in.take(packed_size(count, width)), count, width, out);
}

std::uint32_t shared_prefix(std::string_view a, std::string_view b) noexcept {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t n = 0;
  while (n < most && a[n] == b[n]) ++n;
  return static_cast<std::uint32_t>(n);
}

struct plain_texts {
  std::vector<std::uint32_t> shared;  // characters taken from the text before
  std::vector<std::uint32_t> own;     // characters behind them
  std::string characters;
};

plain_texts front_coded(std::span<const std::string_view> values) {
  plain_texts out;
  std::string_view before;
  for (const std::string_view v : values) {
    const std::uint32_t shared = shared_prefix(before, v);
    out.shared.push_back(shared);
    out.own.push_back(static_cast<std::uint32_t>(v.size() - shared));
    out.characters += v.substr(shared);
    before = v;
  }
  return out;
}

// Empty when compression does not help.
std::string compressed(const std::string& bytes) {
  if (bytes.size() < least_compressed) return {};
  std::string out(bytes.size(), '\0');
  const int size = LZ4_compress_default(bytes.data(), out.data(), static_cast<int>(bytes.size()),
                                        static_cast<int>(bytes.size()));
  if (size <= 0) return {};
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string as_texts(std::span<const std::string_view> values) {
  const plain_texts t = front_coded(values);
  const std::string smaller = compressed(t.characters);
  const bool compress = !smaller.empty() && smaller.size() < t.characters.size();
  std::string out;
  byte_writer w(out);
  w.u8(static_cast<std::uint8_t>(compress ? form::compressed : form::raw));
  w.u32(static_cast<std::uint32_t>(values.size()));
  append_numbers(out, t.shared);
  append_numbers(out, t.own);
  w.u32(static_cast<std::uint32_t>(t.characters.size()));
  out += compress ? smaller : t.characters;
  return out;
}

bool decode_ids(byte_reader& in, std::size_t count, form as, texts& out) {
  const std::string_view bytes = in.take(count * id_bytes);
  if (!in.finished()) return false;
  const bool uuids = as == form::uuids;
  const std::size_t length = uuids ? uuid_text : hash_text;
  out.reserve(out.size() + count, out.byte_size() + count * length);
  std::array<char, uuid_text> text{};
  for (std::size_t i = 0; i < count; ++i) {
    unpack_hex(bytes.data() + i * id_bytes, uuids, text.data());
    out.push_back({text.data(), length});
  }
  return true;
}

bool read_characters(byte_reader& in, form as, std::string& out) {
  const std::uint32_t size = in.u32();
  if (!in.ok() || size > most_list_bytes) return false;
  const std::string_view bytes = in.take(as == form::raw ? size : in.left());
  if (!in.finished()) return false;
  if (as == form::raw) {
    out.assign(bytes);
    return true;
  }
  if (size / 255 > bytes.size()) return false;  // LZ4 cannot have made so much of so little
  out.resize(size);
  const int got = LZ4_decompress_safe(bytes.data(), out.data(), static_cast<int>(bytes.size()),
                                      static_cast<int>(size));
  return got >= 0 && static_cast<std::uint32_t>(got) == size;
}

bool decode_plain(byte_reader& in, std::size_t count, form as, texts& out) {
  std::vector<std::uint32_t> shared;
  std::vector<std::uint32_t> own;
  if (!read_numbers(in, count, shared) || !read_numbers(in, count, own)) return false;
  std::string characters;
  if (!read_characters(in, as, characters)) return false;
  std::string text;
  std::size_t at = 0;
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (shared[i] > text.size() || own[i] > characters.size() - at) return false;
    total += std::size_t{shared[i]} + own[i];
    if (total > most_list_bytes) return false;
    text.resize(shared[i]);
    text.append(characters, at, own[i]);
    at += own[i];
    out.push_back(text);
  }
  return at == characters.size();
}

struct list_head {
  form as{};
  std::uint32_t count = 0;
};

// Nothing for more texts than a segment has rows: equal ones take no bytes, so that a few damaged
// ones would otherwise claim memory for millions.
std::optional<list_head> read_head(byte_reader& in) noexcept {
  list_head h;
  h.as = static_cast<form>(in.u8());
  h.count = in.u32();
  return in.ok() && h.count <= max_events ? std::optional(h) : std::nullopt;
}

}  // namespace

std::string encode_texts(std::span<const std::string_view> values) {
  for (const form as : {form::uuids, form::hashes}) {
    if (values.empty()) break;
    const auto ids = as_ids(values, as);
    if (!ids) continue;
    std::string out;
    byte_writer w(out);
    w.u8(static_cast<std::uint8_t>(as));
    w.u32(static_cast<std::uint32_t>(values.size()));
    return out + *ids;
  }
  return as_texts(values);
}

bool decode_texts(std::string_view bytes, texts& out) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h) return false;
  switch (h->as) {
    case form::uuids:
    case form::hashes: return decode_ids(in, h->count, h->as, out);
    case form::raw:
    case form::compressed: return decode_plain(in, h->count, h->as, out);
  }
  return false;
}

bool hash_texts(std::string_view bytes, std::vector<std::uint64_t>& out) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h) return false;
  if (h->as != form::uuids && h->as != form::hashes) {
    texts values;
    if (!decode_texts(bytes, values)) return false;
    for (std::size_t i = 0; i < values.size(); ++i) out.push_back(hash64(values[i]));
    return true;
  }
  const std::string_view ids = in.take(std::size_t{h->count} * id_bytes);
  if (!in.finished()) return false;
  const bool uuids = h->as == form::uuids;
  std::array<char, uuid_text> text{};
  out.reserve(out.size() + h->count);
  for (std::size_t i = 0; i < h->count; ++i) {
    unpack_hex(ids.data() + i * id_bytes, uuids, text.data());
    out.push_back(hash64({text.data(), uuids ? uuid_text : hash_text}));
  }
  return true;
}

}  // namespace millimetric::segment
