#pragma once
// Where event ids are: a hash table from the hashes of ids to numbers from 1, such as those of the
// small segments that hold them. It is filled an entry at a time and emptied a segment at a time,
// as merging does. An entry takes 32 to 64 bytes.

#include <algorithm>
#include <cstdint>
#include <vector>

namespace millimetric::store {

class id_table {
 public:
  // The same hash may have several numbers.
  void add(std::uint64_t hash, std::int64_t number) {
    if ((used_ + 1) * 2 > entries_.size()) move_to(std::max(entries_.size() * 2, least_entries));
    put({hash, number});
  }

  // Calls `take(number)` for each number of the hash.
  template <class Take>
  void find(std::uint64_t hash, Take take) const {
    if (entries_.empty()) return;
    for (std::size_t at = place_of(hash); entries_[at].number != none; at = next(at))
      if (entries_[at].hash == hash) take(entries_[at].number);
  }

  // Removes the numbers for which `gone(number)` holds.
  template <class Gone>
  void remove(Gone gone) {
    for (entry& e : entries_) {
      if (e.number == none || !gone(e.number)) continue;
      e.number = none;
      --used_;
    }
    // What is left finds new places, as the gaps would cut off what was put behind them.
    std::size_t size = least_entries;
    while (size < used_ * 4) size *= 2;
    move_to(size);
  }

  void clear() noexcept {
    entries_.clear();
    used_ = 0;
  }

 private:
  static constexpr std::int64_t none = 0;
  static constexpr std::size_t least_entries = 64;
  struct entry {
    std::uint64_t hash = 0;
    std::int64_t number = none;
  };

  [[nodiscard]] std::size_t place_of(std::uint64_t hash) const noexcept {
    return static_cast<std::size_t>(hash) & (entries_.size() - 1);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept {
    return (at + 1) & (entries_.size() - 1);
  }
  void put(const entry& e) {
    std::size_t at = place_of(e.hash);
    while (entries_[at].number != none) at = next(at);
    entries_[at] = e;
    ++used_;
  }
  // `size` is a power of two.
  void move_to(std::size_t size) {
    std::vector<entry> before(size);
    before.swap(entries_);
    used_ = 0;
    for (const entry& e : before)
      if (e.number != none) put(e);
  }

  std::vector<entry> entries_;
  std::size_t used_ = 0;
};

}  // namespace millimetric::store
