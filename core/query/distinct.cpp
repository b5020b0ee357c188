#include "query/distinct.h"

#include <algorithm>

namespace millimetric::query {
namespace {

// Unsorted values that may gather before a sort: sorting then costs O(log n) per value.
constexpr std::size_t least_gathered = 64;

}  // namespace

void distinct_counter::settle() const {
  if (sorted_ == hashes_.size()) return;
  std::sort(hashes_.begin(), hashes_.end());
  hashes_.erase(std::unique(hashes_.begin(), hashes_.end()), hashes_.end());
  sorted_ = hashes_.size();
}

void distinct_counter::insert(std::uint64_t hash, std::size_t exact_limit) {
  if (sketch_) {
    sketch_->insert(hash);
    return;
  }
  hashes_.push_back(hash);
  if (hashes_.size() - sorted_ < std::max(least_gathered, sorted_)) return;
  limit(exact_limit);
}

void distinct_counter::limit(std::size_t exact_limit) {
  if (sketch_) return;
  settle();
  if (hashes_.size() <= exact_limit) return;
  hyperloglog& sketch = sketch_.emplace();
  for (const std::uint64_t hash : hashes_) sketch.insert(hash);
  hashes_ = {};
  sorted_ = 0;
}

void distinct_counter::merge(const distinct_counter& other, std::size_t exact_limit) {
  if (other.sketch_) {
    limit(0);
    if (!sketch_) sketch_.emplace();
    sketch_->merge(*other.sketch_);
    return;
  }
  for (const std::uint64_t hash : other.hashes_) insert(hash, exact_limit);
}

void distinct_counter::finish() {
  finished_ = count();
  estimated_ = !exact();
  hashes_ = {};
  sorted_ = 0;
  sketch_.reset();
}

std::uint64_t distinct_counter::count() const {
  if (finished_) return *finished_;
  if (sketch_) return sketch_->estimate();
  settle();
  return hashes_.size();
}

}  // namespace millimetric::query
