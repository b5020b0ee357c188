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
  // Adds all ids to the set.
  void add_to(print_set& set) const noexcept;

 private:
  std::vector<std::uint32_t> sizes_;   // per filter, its buckets
  std::vector<std::uint32_t> starts_;  // per bucket of prints that begin alike, and the end
  std::string entries_;                // three bytes each, and some more
};

}  // namespace millimetric::segment
