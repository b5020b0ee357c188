#pragma once
// The filters of several segments as one: an id is looked for once, and not in each.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "segment/id_filter.h"

namespace millimetric::segment {

class pooled_filters {
 public:
  static constexpr std::size_t most = 16;

  // Of at most `most` filters, which need not stay. Takes half a megabyte beside their prints.
  explicit pooled_filters(std::span<const id_filter* const> filters);

  struct match {
    std::size_t index;   // of the hash
    std::size_t filter;  // that may hold it
  };
  // What the filters themselves would say. A wrong match comes once in 60,000 looks, twice as often
  // as theirs together.
  [[nodiscard]] std::vector<match> find(std::span<const std::uint64_t> hashes) const;

  // Bytes in memory, for bounds.
  [[nodiscard]] std::size_t size() const noexcept {
    return entries_.size() + starts_.size() * sizeof(std::uint32_t);
  }
  // Calls `take(print)` for each id.
  template <class Take>
  void each_print(Take take) const {
    for (std::size_t bucket = 0; bucket + 1 < starts_.size(); ++bucket)
      for (std::uint32_t i = starts_[bucket]; i < starts_[bucket + 1]; ++i)
        take(print_at(static_cast<std::uint32_t>(bucket), i));
  }

 private:
  [[nodiscard]] std::uint32_t print_at(std::uint32_t bucket, std::uint32_t i) const noexcept;

  std::vector<std::uint32_t> sizes_;   // per filter, its buckets
  std::vector<std::uint32_t> starts_;  // per bucket of prints that begin alike, and the end
  std::string entries_;                // three bytes each, and some more
};

}  // namespace millimetric::segment
