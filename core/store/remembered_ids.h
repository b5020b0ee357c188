#pragma once
// Which event ids arrived within the last 7 days: for each new one, the segments that may hold it.
// Small segments' ids are in memory, large ones have a filter each. Contract, section 3.

#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "segment/id_filter.h"
#include "store/chunks.h"

namespace millimetric::store {

// An event id is remembered this long after it first arrived. Contract, section 3.
inline constexpr millis idempotency_ms = 7 * day_ms;

class remembered_ids {
 public:
  // Filters kept in memory at most: those of 6 million ids. Beyond, they are read each time.
  static constexpr std::size_t max_filter_bytes = 24UL * 1024 * 1024;

  struct suspect {
    std::size_t index;     // of the hash asked for
    std::int64_t segment;  // that may hold it
  };
  // @return upstream_failed.
  [[nodiscard]] host::task<result<std::vector<suspect>>> find(
      host::context& ctx, const catalog& segments, const std::vector<std::uint64_t>& hashes);

  // Small segments come and go.
  void note(std::int64_t segment, const std::vector<std::uint64_t>& hashes);
  void forget(std::int64_t segment, const std::vector<std::uint64_t>& hashes);
  // A large segment went.
  void forget_segment(std::int64_t segment);
  void clear();

 private:
  struct filter {
    std::optional<segment::id_filter> of;  // empty: may hold any
  };
  host::task<result<const filter*>> filter_of(host::context& ctx, const segment_ref& s,
                                              filter& spare);

  // An id that came back after 7 days is in several segments.
  std::unordered_multimap<std::uint64_t, std::int64_t> small_;
  std::map<std::int64_t, filter> filters_;  // by large segment
  std::size_t filter_bytes_ = 0;
};

}  // namespace millimetric::store
