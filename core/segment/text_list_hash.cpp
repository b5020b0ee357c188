#include <array>
#include <cstring>

#include "base/hash.h"
#include "segment/text_list.h"
#include "segment/text_list_layout.h"

namespace millimetric::segment {
namespace {

// Two rounds of multiplying and folding (as MurmurHash's finalizer does) over the id's halves: most
// of an id is random already.
std::uint64_t key_of_id(const char* bytes, id_kind kind) noexcept {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::memcpy(&a, bytes, sizeof a);
  std::memcpy(&b, bytes + sizeof a, sizeof b);
  std::uint64_t key = (a ^ static_cast<std::uint64_t>(kind)) * 0xFF51AFD7ED558CCD;
  key = ((key ^ key >> 32) + b) * 0xC4CEB9FE1A85EC53;
  return key ^ key >> 33;
}

std::uint64_t key_of(std::string_view text) noexcept {
  std::array<char, id_bytes> id{};
  for (const id_kind kind : {id_kind::uuid, id_kind::hash})
    if (text.size() == characters_of(kind) && pack_id(text, kind, id.data()))
      return key_of_id(id.data(), kind);
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
  const auto ids = read_ids(in, *h);
  if (!ids) return false;
  id_text text(h->kind());
  const std::size_t before = out.size();
  out.resize(before + h->count);
  for (std::size_t i = 0; i < h->count; ++i)
    out[before + i] = of_id(ids->data() + i * id_bytes, h->kind(), text);
  return true;
}

}  // namespace

bool hash_texts(std::string_view bytes, std::vector<std::uint64_t>& out) {
  return append_for_each(
      bytes, out, [](std::string_view text) { return hash64(text); },
      [](const char* id, id_kind, id_text& text) { return hash64(text.read(id)); });
}

bool key_texts(std::string_view bytes, std::vector<std::uint64_t>& out) {
  return append_for_each(bytes, out, key_of, [](const char* id, id_kind kind, const id_text&) {
    return key_of_id(id, kind);
  });
}

}  // namespace millimetric::segment
