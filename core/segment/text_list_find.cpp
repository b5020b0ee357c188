#include "segment/text_list.h"
#include "segment/text_list_layout.h"
#include "segment/wanted_texts.h"

namespace millimetric::segment {
namespace {

std::optional<std::uint32_t> find_id(std::string_view ids, const text_list_head& h,
                                     std::string_view wanted) {
  const auto packed = pack_ids({&wanted, 1}, h.kind());
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

// Calls `take(text)` for each text of a list, without keeping them all; a text is valid until the
// next one. False when the bytes are no list.
template <class Take>
bool for_each_text(std::string_view bytes, Take take) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  if (!h) return false;
  if (h->is_ids()) return for_each_id(in, *h, take);
  plain_list list;
  if (!read_plain(in, *h, list)) return false;
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

std::optional<std::uint32_t> find_text(std::string_view bytes, std::string_view wanted, bool& bad) {
  byte_reader in(bytes);
  const auto h = read_head(in);
  bad = !h;
  if (bad) return std::nullopt;
  if (h->is_ids()) {
    const auto ids = read_ids(in, *h);
    bad = !ids;
    return bad ? std::nullopt : find_id(*ids, *h, wanted);
  }
  plain_list list;
  bad = !read_plain(in, *h, list);
  return bad ? std::nullopt : find_plain(list, wanted);
}

bool find_texts(std::string_view bytes, std::span<const std::string_view> wanted,
                std::vector<text_match>& out) {
  const wanted_texts among(wanted);
  std::uint32_t place = 0;
  return for_each_text(bytes, [&](std::string_view text) {
    if (const auto n = among.find(text)) out.push_back({place, *n});
    ++place;
  });
}

}  // namespace millimetric::segment
