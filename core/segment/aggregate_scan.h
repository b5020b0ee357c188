#pragma once
// Counts and distinct values of the selected rows of one segment, added to a table of groups.

#include "base/result.h"
#include "query/partial.h"
#include "query/question.h"
#include "segment/scope_scan.h"

namespace millimetric::segment {

class aggregate_scan {
 public:
  // Both must outlive the scan.
  aggregate_scan(const reader& from, const query::aggregate_question& q) : from_(from), q_(q) {}

  [[nodiscard]] std::vector<chunk_place> need() const;
  // Adds the selected rows. `damaged` is set when the chunks cannot be read; nothing counts then.
  // @return invalid_params when the table is full.
  [[nodiscard]] result<void> add(const selection& rows, query::group_table& to, bool& damaged);

 private:
  struct bucket {
    millis start = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  [[nodiscard]] bool one_bucket() const noexcept;
  [[nodiscard]] bool needs_times() const noexcept;
  [[nodiscard]] bool read();
  [[nodiscard]] bool read_groups();
  [[nodiscard]] bool read_paid();
  [[nodiscard]] bool read_distinct();
  [[nodiscard]] bool read_sessions();
  [[nodiscard]] std::vector<bucket> buckets(const selection& rows) const;
  struct workspace;
  [[nodiscard]] result<void> add_bucket(const bucket& b, const selection& rows, workspace& w,
                                        query::group_table& to);
  [[nodiscard]] result<void> add_distinct(const bucket& b, const selection& rows, workspace& w,
                                          query::group_table& to);

  const reader& from_;
  const query::aggregate_question& q_;
  std::vector<std::int64_t> times_;
  std::vector<std::uint32_t> group_of_;  // per row: a number from 0
  std::vector<query::group_key> keys_;   // per group
  std::vector<std::uint8_t> paid_;       // per row
  std::vector<std::uint32_t> value_of_;  // per row: a number of the distinct column
  std::vector<std::uint64_t> hashes_;    // per number; a number beyond it is null
};

}  // namespace millimetric::segment
