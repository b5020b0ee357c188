#include "store/page_rows.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace millimetric::store {

bool page_rows::comes_before(const query::position& a, const query::position& b) const noexcept {
  const auto x = std::tie(a.timestamp, a.arrival);
  const auto y = std::tie(b.timestamp, b.arrival);
  return order_ == query::page_order::oldest_first ? x < y : y < x;
}

bool page_rows::wants(millis t) {
  if (rows_.size() <= limit_) return true;
  cut();
  const millis worst = rows_.back().at.timestamp;
  return order_ == query::page_order::oldest_first ? t <= worst : t >= worst;
}

void page_rows::add(page_row row) {
  rows_.push_back(std::move(row));
  sorted_ = false;
  if (rows_.size() >= 2 * (limit_ + 1)) cut();
}

void page_rows::cut() {
  if (sorted_) return;
  std::sort(rows_.begin(), rows_.end(),
            [&](const page_row& a, const page_row& b) { return comes_before(a.at, b.at); });
  if (rows_.size() > limit_ + 1) rows_.resize(limit_ + 1);
  sorted_ = true;
}

std::vector<page_row> page_rows::take() {
  cut();
  return std::exchange(rows_, {});
}

}  // namespace millimetric::store
