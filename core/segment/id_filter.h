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

 private:
  std::vector<std::uint32_t> starts_;  // per bucket, and the end
  std::string prints_;                 // three bytes each, bucket after bucket, and one more
};

}  // namespace millimetric::segment
