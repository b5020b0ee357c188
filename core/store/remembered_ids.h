#pragma once
// Which event ids arrived within the last 7 days: for each new one, the segments that may hold it.
// Small segments' ids are in memory, large ones have a filter each. Contract, section 3.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "segment/id_filter.h"
#include "segment/pooled_filters.h"
#include "store/chunks.h"
#include "store/id_table.h"

namespace millimetric::store {

// An event id is remembered this long after it first arrived. Contract, section 3.
inline constexpr millis idempotency_ms = 7 * day_ms;

class remembered_ids {
 public:
  // Filters kept in memory at most: those of 5 to 6 million ids. Beyond, they are read each time.
  static constexpr std::size_t max_filter_bytes = 24UL * 1024 * 1024;

  struct suspect {
    std::size_t index;     // of the hash asked for
    std::int64_t segment;  // that may hold it
  };
  // Takes the ids, and the hash64 of each by the store's key.
  // @return upstream_failed.
  [[nodiscard]] host::task<result<std::vector<suspect>>> find(
      host::context& ctx, const catalog& segments, const std::vector<std::string_view>& ids,
      const std::vector<std::uint64_t>& hashes);

  // A small segment with these ids came.
  void note(std::int64_t segment, std::span<const std::uint64_t> hashes);
  // These segments went.
  void forget(std::span<const segment_ref> segments);
  void clear();

  [[nodiscard]] std::size_t filter_bytes() const noexcept {
    return filter_bytes_ + prints_.bytes();
  }

 private:
  struct filter {
    std::optional<segment::id_filter> of;  // empty: may hold any
  };
  // The filters of segments that are not merged further, once there are enough of them.
  struct pool {
    segment::pooled_filters of;
    std::vector<std::int64_t> segments;  // by filter; 0: it went
    std::vector<std::size_t> ids;        // of each
  };
  // Makes the prints anew where there is not enough room for them, or too many are of ids that
  // went.
  void tidy_prints();
  [[nodiscard]] bool is_pooled(std::int64_t segment) const noexcept;
  void pool_filters();
  void forget_pooled(std::int64_t segment);
  // @return the segment's filter, in `spare` where there is no room for it in memory.
  host::task<result<const filter*>> filter_of(host::context& ctx, const segment_ref& s,
                                              filter& spare);
  void find_in_memory(const std::vector<std::uint64_t>& hashes, std::vector<suspect>& out) const;
  void remember(std::int64_t segment, std::span<const std::uint64_t> hashes);

  void tidy_small();

  struct noted {
    std::int64_t segment = 0;  // 0: it went
    std::vector<std::uint64_t> ids;
  };
  std::vector<noted> noted_;                // the small segments
  id_table small_;                          // their ids, by place in `noted_`
  std::size_t gone_ = 0;                    // ids in it of segments that went
  std::map<std::int64_t, filter> filters_;  // by large segment, where they are not in a pool
  std::vector<pool> pools_;
  segment::print_set prints_;     // of all ids in memory, and of some that went
  std::size_t ids_ = 0;           // in memory: of small segments and of filters
  std::size_t filter_bytes_ = 0;  // of filters and pools
};

}  // namespace millimetric::store
