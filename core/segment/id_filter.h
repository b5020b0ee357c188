#pragma once
// Which event ids a segment may hold: the middle of each id's hash in buckets by its top, three
// bytes an id. A wrong "maybe" comes once in two million looks; a wrong "no" never.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millimetric::segment {

class id_filter {
 public:
  // Takes hash64 of the ids. Empty when they are so much alike that no filter can be made; then
  // every id may be there.
  [[nodiscard]] static std::string encode(std::span<const std::uint64_t> hashes);
  // Empty when the bytes are no filter.
  [[nodiscard]] static std::optional<id_filter> decode(std::string_view bytes);

  [[nodiscard]] bool may_hold(std::uint64_t hash) const noexcept;
  // Bytes in memory, for bounds.
  [[nodiscard]] std::size_t size() const noexcept {
    return prints_.size() + starts_.size() * sizeof(std::uint32_t);
  }
  [[nodiscard]] std::size_t ids() const noexcept { return starts_.back(); }

 private:
  friend class print_set;

  std::vector<std::uint32_t> starts_;  // per bucket, and the end
  std::string prints_;                 // three bytes each, bucket after bucket, and one more
};

// Ids of many segments, a bit each: most new ids are in none of them, and that takes one look
// instead of one for each segment.
class print_set {
 public:
  // Holds nothing then, and has room for so many ids: 16 to 32 bits for each, 2 MB at most.
  void make_room(std::size_t ids);
  void add(std::uint64_t hash) noexcept { add_print(static_cast<std::uint32_t>(hash)); }
  void add(const id_filter& f) noexcept;
  // Whether the id may have been added. One in 8 other ones may, too, unless it is crowded.
  [[nodiscard]] bool may_hold(std::uint64_t hash) const noexcept;
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
  void add_print(std::uint32_t print) noexcept;

  std::vector<std::uint64_t> words_;  // a power of two of them
  std::size_t count_ = 0;
};

}  // namespace millimetric::segment
