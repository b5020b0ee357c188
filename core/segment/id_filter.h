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

// What many filters have of their ids, a bit each: most ids are in none of them, and that takes one
// look instead of one for each filter. It has 2 MB once it holds anything.
class print_set {
 public:
  void add(const id_filter& f);
  // Whether one of the filters may hold the id. Among a million ids one in 17 other ones may; as
  // long as nothing was added, any may.
  [[nodiscard]] bool may_hold(std::uint64_t hash) const noexcept;
  void clear() noexcept;

  // Different ones of those that were added.
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return words_.capacity() * sizeof(std::uint64_t);
  }

 private:
  std::vector<std::uint64_t> words_;
  std::size_t count_ = 0;
};

}  // namespace millimetric::segment
