#pragma once
// The rows that make a page, gathered from segments in any order: only the first ones are kept.

#include <cstdint>
#include <vector>

#include "query/question.h"
#include "store/catalog.h"

namespace millimetric::store {

struct page_row {
  query::position at;
  segment_ref segment;
  std::uint32_t row = 0;
};

class page_rows {
 public:
  page_rows(query::page_order order, std::size_t limit) : order_(order), limit_(limit) {}

  [[nodiscard]] bool comes_before(const query::position& a,
                                  const query::position& b) const noexcept;
  // Whether a row of this time could still be among the first ones.
  [[nodiscard]] bool wants(millis t);
  void add(page_row row);
  // One more than the limit at most, in order.
  [[nodiscard]] std::vector<page_row> take();

 private:
  void cut();

  query::page_order order_;
  std::size_t limit_;
  std::vector<page_row> rows_;
  bool sorted_ = true;
};

}  // namespace millimetric::store
