#pragma once
// Which event ids a segment may hold: the middle of each id's hash in buckets by its top, three
// bytes an id. A wrong "maybe" comes once in two million looks; a wrong "no" never.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "segment/id_prints.h"

namespace millimetric::segment {

class id_filter {
 public:
  // Takes hash64 of the ids, by the key of their store. Empty when they are so much alike that no
  // filter can be made; then every id may be there.
  [[nodiscard]] static std::string encode(std::span<const std::uint64_t> hashes);
  // Empty when the bytes are no filter.
  [[nodiscard]] static std::optional<id_filter> decode(std::string_view bytes);

  // Which of the hashes it may hold: their places, rising.
  [[nodiscard]] std::vector<std::size_t> find(std::span<const std::uint64_t> hashes) const;
  [[nodiscard]] std::uint32_t buckets() const noexcept {
    return static_cast<std::uint32_t>(starts_.size() - 1);
  }
  // Calls `take(bucket, print)` for each id, in the order of their buckets.
  template <class Take>
  void each(Take take) const {
    for (std::uint32_t bucket = 0; bucket < buckets(); ++bucket)
      for (std::uint32_t i = starts_[bucket]; i < starts_[bucket + 1]; ++i)
        take(bucket, read_print(prints_.data() + i * print_bytes));
  }
  // Whether the hashes are by a key: those of filters of earlier versions are not.
  [[nodiscard]] bool keyed() const noexcept { return keyed_; }
  // Bytes in memory, for bounds.
  [[nodiscard]] std::size_t size() const noexcept {
    return prints_.size() + starts_.size() * sizeof(std::uint32_t);
  }
  [[nodiscard]] std::size_t ids() const noexcept { return starts_.back(); }

 private:
  std::vector<std::uint32_t> starts_;  // per bucket, and the end
  std::string prints_;                 // three bytes each, bucket after bucket, and some more
  bool keyed_ = false;
};

// Ids of many segments, a bit each: most new ids are in none of them, and that takes one look
// instead of one for each segment.
class print_set {
 public:
  // Holds nothing then, and has room for so many ids: 16 to 32 bits for each, 4 MB at most.
  void make_room(std::size_t ids);
  void add(std::uint64_t hash) noexcept { set(place_of(hash)); }
  void add(const id_filter& f) noexcept {
    f.each([&](std::uint32_t bucket, std::uint32_t print) {
      add_print(print, halves_of(bucket, bucket, f.buckets()));
    });
  }
  // Takes the print of an id, and which halves its hash may be in, instead of the hash.
  void add_print(std::uint32_t print, unsigned halves) noexcept {
    if ((halves & 1) != 0) set(print);
    if ((halves & 2) != 0) set(print + upper_half);
  }
  // Which of the hashes may have been added, as their places, rising: of other ones one in 8 may,
  // too, unless it is crowded.
  [[nodiscard]] std::vector<std::size_t> find(std::span<const std::uint64_t> hashes) const;
  void clear() noexcept;

  // Bits that are set.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // Whether so many bits are set that it says "maybe" too often; having no room is being crowded.
  [[nodiscard]] bool is_crowded() const noexcept;
  [[nodiscard]] bool is_largest() const noexcept;
  [[nodiscard]] std::size_t bytes() const noexcept {
    return words_.capacity() * sizeof(std::uint64_t);
  }

 private:
  // A bit for each print in the lower half of all hashes, then for each in the upper one.
  static constexpr std::uint32_t upper_half = print_mask + 1;

  static std::uint32_t place_of(std::uint64_t hash) noexcept {
    return print_of_id(hash) + (hash >> 63 == 0 ? 0 : upper_half);
  }
  void set(std::uint32_t place) noexcept;

  std::vector<std::uint64_t> words_;  // a power of two of them
  std::size_t count_ = 0;
};

}  // namespace millimetric::segment
