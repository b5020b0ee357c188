#include "query/distinct.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace millimetric::query {
namespace {

constexpr std::size_t first_places = 8;

// Full enough to grow: seven eighths.
bool is_full(std::size_t held, std::size_t places) noexcept { return held * 8 >= places * 7; }

}  // namespace

bool distinct_counter::put(std::uint64_t hash) noexcept {
  if (hash == 0) return !std::exchange(has_zero_, true);
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = place_in_table(hash, table_.size());; at = (at + 1) & mask) {
    if (table_[at] == hash) return false;
    if (table_[at] != 0) continue;
    table_[at] = hash;
    return true;
  }
}

void distinct_counter::grow() {
  std::vector<std::uint64_t> before(table_.empty() ? first_places : table_.size() * 2);
  before.swap(table_);
  for (const std::uint64_t hash : before)
    if (hash != 0) put(hash);
}

void distinct_counter::make_room(std::size_t more) {
  while (!sketch_ && is_full(held_ + more, table_.size())) grow();
}

void distinct_counter::insert(std::uint64_t hash, std::size_t exact_limit) {
  if (sketch_) {
    sketch_->insert(hash);
    return;
  }
  if (is_full(held_, table_.size())) grow();
  if (put(hash) && ++held_ > exact_limit) limit(exact_limit);
}

void distinct_counter::limit(std::size_t exact_limit) {
  if (sketch_ || held_ <= exact_limit) return;
  counted_ = held_;
  hyperloglog& sketch = sketch_.emplace();
  for (const std::uint64_t hash : table_)
    if (hash != 0) sketch.insert(hash);
  if (has_zero_) sketch.insert(0);
  set({});
}

void distinct_counter::merge(const distinct_counter& other, std::size_t exact_limit) {
  if (other.sketch_) {
    limit(0);
    if (!sketch_) sketch_.emplace();
    sketch_->merge(*other.sketch_);
    return;
  }
  make_room(other.held_);
  if (other.has_zero_) insert(0, exact_limit);
  for (const std::uint64_t hash : other.table_)
    if (hash != 0) insert(hash, exact_limit);
}

void distinct_counter::merge(const distinct_record& other, std::size_t exact_limit) {
  if (other.sketch) {
    limit(0);
    if (!sketch_) sketch_.emplace();
    sketch_->merge_packed(*other.sketch);
    return;
  }
  make_room(other.values.size());
  for (const std::uint64_t hash : other.values) insert(hash, exact_limit);
}

std::vector<std::uint64_t> distinct_counter::sorted() const {
  std::vector<std::uint64_t> out;
  out.reserve(held_);
  if (has_zero_) out.push_back(0);
  for (const std::uint64_t hash : table_)
    if (hash != 0) out.push_back(hash);
  std::sort(out.begin(), out.end());
  return out;
}

void distinct_counter::set(const std::vector<std::uint64_t>& values) {
  table_ = std::vector<std::uint64_t>();  // whose memory goes, which it would not with = {}
  held_ = 0;
  has_zero_ = false;
  for (const std::uint64_t hash : values) {
    if (is_full(held_, table_.size())) grow();
    if (put(hash)) ++held_;
  }
}

void distinct_counter::finish() {
  finished_ = count();
  estimated_ = !exact();
  set({});
  sketch_.reset();
}

std::uint64_t distinct_counter::count() const {
  if (finished_) return *finished_;
  return sketch_ ? sketch_->estimate() : held_;
}

}  // namespace millimetric::query
