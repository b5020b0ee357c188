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
    std::size_t begin = 0;  // rows of the segment
    std::size_t end = 0;
  };
  // A column of the groups. A group is a pair: the group by the columns before, times `cards`, plus
  // the code in this one. It is its own number, unless there are numbers for those that occur.
  struct group_column {
    texts values;
    std::uint64_t cards = 0;           // codes, null included
    std::vector<std::uint64_t> pairs;  // by number
  };
  struct workspace;
  [[nodiscard]] bool one_bucket() const noexcept;
  [[nodiscard]] bool needs_times() const noexcept;
  [[nodiscard]] bool groups_by_medium() const noexcept;
  [[nodiscard]] bool read(row_range rows);
  [[nodiscard]] bool read_groups(row_range rows);
  [[nodiscard]] bool read_paid(row_range rows);
  [[nodiscard]] bool read_distinct(row_range rows);
  [[nodiscard]] bool read_sessions(row_range rows);
  [[nodiscard]] query::group_key key_of(std::uint32_t group) const;
  [[nodiscard]] bool is_paid(const query::group_key& key) const noexcept;
  [[nodiscard]] std::vector<bucket> buckets(const selection& rows) const;
  // Each: @return invalid_params when there are too many groups.
  [[nodiscard]] result<void> add_bucket(const bucket& b, const selection& rows, workspace& w,
                                        query::group_table& to) const;
  [[nodiscard]] result<void> add_distinct(const bucket& b, const selection& rows, workspace& w,
                                          query::group_table& to) const;

  const reader& from_;
  const query::aggregate_question& q_;
  integer_column times_;
  // Of the rows of the selection.
  std::vector<std::uint16_t> group_of_;  // empty where there is one group
  std::vector<std::uint16_t> medium_of_;
  std::vector<std::uint16_t> value_of_;  // a number of the distinct column
  std::size_t groups_ = 1;
  std::vector<group_column> columns_;
  std::uint32_t paid_ = 0;             // the code of the medium "paid", or one that no row has
  std::vector<std::uint64_t> hashes_;  // per number; a number beyond it is null
};

}  // namespace millimetric::segment
