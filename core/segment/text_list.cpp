#include "segment/text_list.h"

#include <lz4.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <optional>

#include "base/bytes.h"
#include "base/hash.h"
#include "segment/bit_packing.h"
#include "segment/format.h"
#include "segment/wanted_texts.h"

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

using hex_bytes = std::uint8_t __attribute__((vector_size(16)));

// 16 bytes as 32 characters.
void unpack_hex(const char* bytes, char* out) noexcept {
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
  explicit id_text(form as) noexcept : uuids_(as == form::uuids) { uuid_.fill('-'); }
  std::string_view read(const char* bytes) noexcept {
    unpack_hex(bytes, hex_.data());
    if (!uuids_) return {hex_.data(), hex_.size()};
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
  bool uuids_;
  std::array<char, hash_text> hex_{};
  std::array<char, uuid_text> uuid_{};
};

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

// Texts that share prefixes, before they are put together.
struct plain_list {
  std::vector<std::uint32_t> shared;
  std::vector<std::uint32_t> own;
  std::string characters;
  std::size_t total = 0;  // characters of all texts
};

// All but the characters; `characters` becomes how many they must be.
bool read_lengths(byte_reader& in, std::size_t count, plain_list& out, std::size_t& characters) {
  if (!read_numbers(in, count, out.shared) || !read_numbers(in, count, out.own)) return false;
  std::size_t before = 0;  // the length of the text before
  for (std::size_t i = 0; i < count; ++i) {
    if (out.shared[i] > before) return false;
    before = std::size_t{out.shared[i]} + out.own[i];
    characters += out.own[i];
    out.total += before;
    if (out.total > most_list_bytes) return false;
  }
  return true;
}

[[gnu::noinline]] bool read_plain(byte_reader& in, std::size_t count, form as, plain_list& out) {
  std::size_t characters = 0;
  return read_lengths(in, count, out, characters) && read_characters(in, as, out.characters) &&
         characters == out.characters.size();
}

// One text of a list; what it shares is looked for from it backwards.
void put_together(const plain_list& list, const std::vector<std::uint32_t>& begins,
                  std::size_t place, std::string& text) {
  std::size_t left = list.shared[place];
  text.resize(left);
  text.append(list.characters, begins[place], list.own[place]);
  for (std::size_t i = place; left > 0;) {
    const std::size_t shared = list.shared[--i];
    if (shared >= left) continue;
    list.characters.copy(text.data() + shared, left - shared, begins[i]);
    left = shared;
  }
}

struct list_head {
  form as{};
  std::uint32_t count = 0;
  [[nodiscard]] bool is_ids() const noexcept { return as == form::uuids || as == form::hashes; }
};

// Nothing for more texts than a segment has rows: equal ones take no bytes, so that a few damaged
// ones would otherwise claim memory for millions.
std::optional<list_head> read_head(byte_reader& in) noexcept {
  list_head h;
  h.as = static_cast<form>(in.u8());
  h.count = in.u32();
  const bool known = h.as <= form::compressed;
  return in.ok() && known && h.count <= max_events ? std::optional(h) : std::nullopt;
}

// Calls `take(text)` for each id of a list, behind its head; a text is valid until the next one.
template <class Take>
bool for_each_id(byte_reader& in, const list_head& h, Take take) {
  const std::string_view ids = in.take(h.count * id_bytes);
  if (!in.finished()) return false;
  id_text text(h.as);
  for (std::size_t i = 0; i < h.count; ++i) take(text.read(ids.data() + i * id_bytes));
  return true;
}

// The same for any list, without keeping all its texts.
template <class Take>
bool for_each_text(std::string_view bytes, Take take) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h) return false;
  if (h->is_ids()) return for_each_id(in, *h, take);
  plain_list list;
  if (!read_plain(in, h->count, h->as, list)) return false;
  std::string text;
  std::size_t at = 0;
  for (std::size_t i = 0; i < h->count; ++i) {
    const std::size_t size = std::size_t{list.shared[i]} + list.own[i];
    if (size > text.size()) text.resize(2 * size);
    copy_short(text.data() + list.shared[i],
               std::string_view(list.characters).substr(at, list.own[i]));
    at += list.own[i];
    take(std::string_view(text).substr(0, size));
  }
  return true;
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

std::optional<text_sizes> measure_texts(std::string_view bytes) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h) return std::nullopt;
  if (h->is_ids())
    return text_sizes{h->count, h->count * (h->as == form::uuids ? uuid_text : hash_text)};
  plain_list lengths;
  std::size_t characters = 0;
  if (!read_lengths(in, h->count, lengths, characters)) return std::nullopt;
  return text_sizes{h->count, lengths.total};
}

std::optional<std::uint32_t> count_texts(std::string_view bytes) noexcept {
  byte_reader in(bytes);
  const auto h = read_head(in);
  return h ? std::optional(h->count) : std::nullopt;
}

bool decode_texts(std::string_view bytes, texts& out) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h) return false;
  if (h->is_ids()) {
    out.reserve(out.size() + h->count, out.byte_size() + h->count * uuid_text);
    return for_each_id(in, *h, [&](std::string_view text) { out.push_back(text); });
  }
  plain_list list;
  if (!read_plain(in, h->count, h->as, list)) return false;
  out.reserve(out.size() + h->count, out.byte_size() + list.total);
  std::size_t at = 0;
  for (std::size_t i = 0; i < h->count; ++i) {
    out.push_back_sharing(list.shared[i],
                          std::string_view(list.characters).substr(at, list.own[i]));
    at += list.own[i];
  }
  return true;
}

bool decode_texts_at(std::string_view bytes, std::span<const std::uint32_t> places, texts& out) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h || (!places.empty() && places.back() >= h->count)) return false;
  if (h->is_ids()) {
    const std::string_view ids = in.take(h->count * id_bytes);
    if (!in.finished()) return false;
    id_text text(h->as);
    for (const std::uint32_t i : places) out.push_back(text.read(ids.data() + i * id_bytes));
    return true;
  }
  plain_list list;
  if (!read_plain(in, h->count, h->as, list)) return false;
  std::vector<std::uint32_t> begins(h->count);  // of the texts' own characters
  std::exclusive_scan(list.own.begin(), list.own.end(), begins.begin(), 0U);
  std::string text;
  for (const std::uint32_t place : places) {
    put_together(list, begins, place, text);
    out.push_back(text);
  }
  return true;
}

namespace {

std::optional<std::uint32_t> find_id(std::string_view ids, const list_head& h,
                                     std::string_view wanted) {
  const auto packed = as_ids({&wanted, 1}, h.as);
  if (!packed) return std::nullopt;
  std::uint32_t from = 0;
  std::uint32_t to = h.count;
  while (from < to) {
    const std::uint32_t middle = from + (to - from) / 2;
    if (ids.substr(middle * id_bytes, id_bytes) < *packed)
      from = middle + 1;
    else
      to = middle;
  }
  const bool there = from < h.count && ids.substr(from * id_bytes, id_bytes) == *packed;
  return there ? std::optional(from) : std::nullopt;
}

// Compares each text with the wanted one by what it does not share with the text before, which was
// smaller and began with `same` of the wanted characters.
std::optional<std::uint32_t> find_plain(const plain_list& list, std::string_view wanted) {
  const std::string_view characters = list.characters;
  std::size_t same = 0;
  std::size_t at = 0;
  for (std::uint32_t i = 0; i < list.own.size(); at += list.own[i++]) {
    if (list.shared[i] > same) continue;             // differs where the one before does
    if (list.shared[i] < same) return std::nullopt;  // larger
    const std::string_view own = characters.substr(at, list.own[i]);
    const std::string_view rest = wanted.substr(same);
    const std::uint32_t n = shared_prefix(own, rest);
    if (n == own.size() && n == rest.size()) return i;
    if (n == rest.size()) return std::nullopt;  // goes on where the wanted one ends
    if (n < own.size() && static_cast<unsigned char>(own[n]) > static_cast<unsigned char>(rest[n]))
      return std::nullopt;
    same += n;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> find_text(std::string_view bytes, std::string_view wanted, bool& bad) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  plain_list list;
  std::string_view ids;
  if (h && h->is_ids()) {
    ids = in.take(h->count * id_bytes);
    bad = !in.finished();
  } else {
    bad = !h || !read_plain(in, h->count, h->as, list);
  }
  if (bad) return std::nullopt;
  return h->is_ids() ? find_id(ids, *h, wanted) : find_plain(list, wanted);
}

namespace {

// Two rounds of multiplying and folding (as MurmurHash's finalizer does) over the id's halves: most
// of an id is random already.
std::uint64_t key_of_id(const char* bytes, form as) noexcept {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::memcpy(&a, bytes, sizeof a);
  std::memcpy(&b, bytes + sizeof a, sizeof b);
  std::uint64_t key = (a ^ static_cast<std::uint64_t>(as)) * 0xFF51AFD7ED558CCD;
  key = ((key ^ key >> 32) + b) * 0xC4CEB9FE1A85EC53;
  return key ^ key >> 33;
}

std::uint64_t key_of(std::string_view text) noexcept {
  std::array<char, id_bytes> id{};
  if (text.size() == uuid_text && pack_hex(text, true, id.data()))
    return key_of_id(id.data(), form::uuids);
  if (text.size() == hash_text && pack_hex(text, false, id.data()))
    return key_of_id(id.data(), form::hashes);
  return hash64(text);
}

// Appends a number for each text of a list, made of the text or, in a list of ids, of the id's
// bytes.
template <class OfText, class OfId>
bool append_for_each(std::string_view bytes, std::vector<std::uint64_t>& out, OfText of_text,
                     OfId of_id) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h) return false;
  if (!h->is_ids()) {
    texts values;
    if (!decode_texts(bytes, values)) return false;
    for (std::size_t i = 0; i < values.size(); ++i) out.push_back(of_text(values[i]));
    return true;
  }
  const std::string_view ids = in.take(std::size_t{h->count} * id_bytes);
  if (!in.finished()) return false;
  id_text text(h->as);
  const std::size_t before = out.size();
  out.resize(before + h->count);
  for (std::size_t i = 0; i < h->count; ++i)
    out[before + i] = of_id(ids.data() + i * id_bytes, h->as, text);
  return true;
}

}  // namespace

bool find_texts(std::string_view bytes, std::span<const std::string_view> wanted,
                std::vector<text_match>& out) {
  const wanted_texts among(wanted);
  std::uint32_t place = 0;
  return for_each_text(bytes, [&](std::string_view text) {
    if (const auto n = among.find(text)) out.push_back({place, *n});
    ++place;
  });
}

bool hash_texts(std::string_view bytes, std::vector<std::uint64_t>& out) {
  return append_for_each(
      bytes, out, [](std::string_view text) { return hash64(text); },
      [](const char* id, form, id_text& text) { return hash64(text.read(id)); });
}

bool key_texts(std::string_view bytes, std::vector<std::uint64_t>& out) {
  return append_for_each(bytes, out, key_of,
                         [](const char* id, form as, const id_text&) { return key_of_id(id, as); });
}

}  // namespace millimetric::segment
