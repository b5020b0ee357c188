#include <lz4.h>

#include <numeric>

#include "segment/bit_packing.h"
#include "segment/format.h"
#include "segment/text_list.h"
#include "segment/text_list_layout.h"

namespace millimetric::segment {
namespace {

bool read_characters(byte_reader& in, text_list_form form, std::string& out) {
  const std::uint32_t size = in.u32();
  if (!in.ok() || size > most_list_bytes) return false;
  const std::string_view bytes = in.take(form == text_list_form::raw ? size : in.left());
  if (!in.finished()) return false;
  if (form == text_list_form::raw) {
    out.assign(bytes);
    return true;
  }
  if (size / 255 > bytes.size()) return false;  // LZ4 cannot have made so much of so little
  out.resize(size);
  const int got = LZ4_decompress_safe(bytes.data(), out.data(), static_cast<int>(bytes.size()),
                                      static_cast<int>(size));
  return got >= 0 && static_cast<std::uint32_t>(got) == size;
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

}  // namespace

std::optional<text_list_head> read_head(byte_reader& in) noexcept {
  text_list_head h;
  h.form = static_cast<text_list_form>(in.u8());
  h.count = in.u32();
  const bool known = h.form <= text_list_form::compressed;
  return in.ok() && known && h.count <= max_events ? std::optional(h) : std::nullopt;
}

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

[[gnu::noinline]] bool read_plain(byte_reader& in, const text_list_head& h, plain_list& out) {
  std::size_t characters = 0;
  return read_lengths(in, h.count, out, characters) &&
         read_characters(in, h.form, out.characters) && characters == out.characters.size();
}

std::optional<text_sizes> measure_texts(std::string_view bytes) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h) return std::nullopt;
  if (h->is_ids()) return text_sizes{h->count, h->count * characters_of(h->kind())};
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
  if (!read_plain(in, *h, list)) return false;
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
    const auto ids = read_ids(in, *h);
    if (!ids) return false;
    id_text text(h->kind());
    for (const std::uint32_t i : places) out.push_back(text.read(ids->data() + i * id_bytes));
    return true;
  }
  plain_list list;
  if (!read_plain(in, *h, list)) return false;
  std::vector<std::uint32_t> begins(h->count);  // of the texts' own characters
  std::exclusive_scan(list.own.begin(), list.own.end(), begins.begin(), 0U);
  std::string text;
  for (const std::uint32_t place : places) {
    put_together(list, begins, place, text);
    out.push_back(text);
  }
  return true;
}

}  // namespace millimetric::segment
