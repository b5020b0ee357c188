#pragma once
// A list of texts as bytes: the values of a dictionary, or one text per row. UUIDs and hashes in
// lower-case hexadecimal take half their characters or less; other texts share prefixes with the
// text before and are compressed by LZ4 where that makes them smaller.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace millimetric::segment {

// Texts one behind the other in one allocation.
class texts {
 public:
  void push_back(std::string_view text) {
    bytes_.append(text);
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  // A text that begins with so many characters of the one before, which has them.
  void push_back_sharing(std::size_t shared, std::string_view own) {
    const std::size_t before = ends_.size() < 2 ? 0 : ends_[ends_.size() - 2];
    bytes_.append(bytes_, before, shared).append(own);
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  [[nodiscard]] std::size_t byte_size() const noexcept { return bytes_.size(); }
  // Valid until the next push_back.
  [[nodiscard]] std::string_view operator[](std::size_t i) const noexcept {
    const std::size_t from = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(from, ends_[i] - from);
  }
  void reserve(std::size_t count, std::size_t bytes) {
    ends_.reserve(count);
    // There are libraries that give memory back when less is asked for.
    if (bytes > bytes_.capacity()) bytes_.reserve(bytes);
  }
  void clear() noexcept {
    bytes_.clear();
    ends_.clear();
  }

 private:
  std::string bytes_;
  std::vector<std::uint32_t> ends_;
};

// Most bytes that one list may hold: readers refuse more, so that damaged bytes never cause a large
// allocation.
inline constexpr std::size_t most_list_bytes = 32UL * 1024 * 1024;

[[nodiscard]] std::string encode_texts(std::span<const std::string_view> values);

// Appends the texts of a list. False when the bytes are no list.
[[nodiscard]] bool decode_texts(std::string_view bytes, texts& out);

// Appends the texts at these places, which rise. False when the bytes are no list or a place is
// beyond it.
[[nodiscard]] bool decode_texts_at(std::string_view bytes, std::span<const std::uint32_t> places,
                                   texts& out);

struct text_sizes {
  std::size_t count = 0;
  std::size_t bytes = 0;
};

// How many texts a list has and how long they are together, without making them; nothing when the
// bytes do not begin a list.
[[nodiscard]] std::optional<text_sizes> measure_texts(std::string_view bytes);

// How many texts a list has; nothing when the bytes are no list.
[[nodiscard]] std::optional<std::uint32_t> count_texts(std::string_view bytes) noexcept;

// The place of a text in a list whose texts rise; nothing when it is not there. `bad` is set when
// the bytes are no list.
[[nodiscard]] std::optional<std::uint32_t> find_text(std::string_view bytes,
                                                     std::string_view wanted, bool& bad);

struct text_match {
  std::uint32_t place;   // in the list
  std::uint32_t wanted;  // number of the text that was wanted
};

// Where the wanted texts, which are different ones, are in a list of any order; appended, by their
// places. False when the bytes are no list.
[[nodiscard]] bool find_texts(std::string_view bytes, std::span<const std::string_view> wanted,
                              std::vector<text_match>& out);

// The hash64 of each text of a list, appended, without making the texts where it can be avoided.
// False when the bytes are no list.
[[nodiscard]] bool hash_texts(std::string_view bytes, std::vector<std::uint64_t>& out);

// A key of each text of a list, appended: a 64-bit hash, for tables that live as long as a
// question. Cheaper than hash64 for ids; equal texts have equal keys in lists of all kinds.
[[nodiscard]] bool key_texts(std::string_view bytes, std::vector<std::uint64_t>& out);

}  // namespace millimetric::segment
