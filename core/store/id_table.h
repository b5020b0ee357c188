#pragma once
// Where event ids are: a hash table from the hashes of ids to numbers, such as those of the small
// segments that hold them. It keeps half of a hash: one id in four billion other ones is taken for
// another, for whoever asks to look at. An id takes 11 to 22 bytes. The table does not shrink: one
// that came and went with its ids would find ever less memory in one piece.

#include <algorithm>
#include <cstdint>
#include <vector>

namespace millimetric::store {

class id_table {
 public:
  // Makes room for so many ids in all.
  void reserve(std::size_t ids) {
    std::size_t size = std::max(entries_.size(), least_entries);
    while (size * most_load_quarters < ids * 4) size *= 2;
    if (size > entries_.size()) move_to(size);
  }

  // The same hash may have several numbers, each below 2^32 - 1.
  void add(std::uint64_t hash, std::uint32_t number) {
    reserve(used_ + 1);
    put({print_of(hash), number});
  }

  // Calls `take(number)` for each number of the hash.
  template <class Take>
  void find(std::uint64_t hash, Take take) const {
    if (entries_.empty()) return;
    const std::uint32_t print = print_of(hash);
    for (std::size_t at = place_of(print); entries_[at].number != none; at = next(at))
      if (entries_[at].print == print) take(entries_[at].number);
  }

  // Its room stays.
  void clear() noexcept {
    std::fill(entries_.begin(), entries_.end(), entry{});
    used_ = 0;
  }

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  static constexpr std::size_t least_entries = 64;
  static constexpr std::size_t most_load_quarters = 3;
  struct entry {
    std::uint32_t print = 0;
    std::uint32_t number = none;
  };

  static std::uint32_t print_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash);
  }
  [[nodiscard]] std::size_t place_of(std::uint32_t print) const noexcept {
    return print & (entries_.size() - 1);
  }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept {
    return (at + 1) & (entries_.size() - 1);
  }
  void put(const entry& e) {
    std::size_t at = place_of(e.print);
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
