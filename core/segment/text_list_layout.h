#pragma once
// How a list of texts is laid out, for what writes, reads and searches lists; others use
// text_list.h. A head, and then either the ids or the lengths and characters of the texts.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "segment/text_ids.h"

namespace millimetric::segment {

enum class text_list_form : std::uint8_t { uuids = 0, hashes = 1, raw = 2, compressed = 3 };

struct text_list_head {
  text_list_form form{};
  std::uint32_t count = 0;
  [[nodiscard]] bool is_ids() const noexcept {
    return form == text_list_form::uuids || form == text_list_form::hashes;
  }
  [[nodiscard]] id_kind kind() const noexcept {  // of the ids
    return form == text_list_form::uuids ? id_kind::uuid : id_kind::hash;
  }
};

void write_head(byte_writer& w, const text_list_head& h);

// Nothing for more texts than a segment has rows: equal ones take no bytes, so that a few damaged
// ones would otherwise claim memory for millions.
[[nodiscard]] std::optional<text_list_head> read_head(byte_reader& in) noexcept;

// The ids of a list, 16 bytes each, behind its head; nothing when the bytes are no such list.
[[nodiscard]] inline std::optional<std::string_view> read_ids(byte_reader& in,
                                                              const text_list_head& h) noexcept {
  const std::string_view ids = in.take(h.count * id_bytes);
  return in.finished() ? std::optional(ids) : std::nullopt;
}

// Calls `take(text)` for each id of a list, behind its head; a text is valid until the next one.
// False when the bytes are no such list.
template <class Take>
[[nodiscard]] bool for_each_id(byte_reader& in, const text_list_head& h, Take take) {
  const auto ids = read_ids(in, h);
  if (!ids) return false;
  id_text text(h.kind());
  for (std::size_t i = 0; i < h.count; ++i) take(text.read(ids->data() + i * id_bytes));
  return true;
}

// Texts that share prefixes, each with the one before, before they are put together.
struct plain_list {
  std::vector<std::uint32_t> shared;  // characters taken from the text before
  std::vector<std::uint32_t> own;     // characters behind them
  std::string characters;             // all texts' own
  std::size_t total = 0;              // characters of all texts, with what they share
};

// Behind the head: all but the characters; `characters` becomes how many they must be. False when
// the bytes are no such list.
[[nodiscard]] bool read_lengths(byte_reader& in, std::size_t count, plain_list& out,
                                std::size_t& characters);

// All that is behind the head. False when the bytes are no such list.
[[nodiscard]] bool read_plain(byte_reader& in, const text_list_head& h, plain_list& out);

inline std::uint32_t shared_prefix(std::string_view a, std::string_view b) noexcept {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t n = 0;
  while (n < most && a[n] == b[n]) ++n;
  return static_cast<std::uint32_t>(n);
}

}  // namespace millimetric::segment
