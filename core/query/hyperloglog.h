#pragma once
// HyperLogLog with 2^14 registers: the number of distinct hashes to a standard error of
// 1.04 / sqrt(2^14) = 0.81 %, mergeable by the maximum of each register.
// Sources: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog" (2007); the estimator is Ertl's
// improved raw one, "New cardinality estimation algorithms for HyperLogLog sketches" (2017),
// algorithm 6, which needs no correction tables.

#include <cstdint>
#include <string>
#include <string_view>

namespace millimetric::query {

class hyperloglog {
 public:
  static constexpr unsigned precision = 14;  // p: bits of the hash that choose a register
  static constexpr std::size_t size = std::size_t{1} << precision;  // m, also its bytes

  hyperloglog() : registers_(size, '\0') {}

  void insert(std::uint64_t hash) noexcept;
  void merge(const hyperloglog& other) noexcept;
  // Merges one as its record has it. Bytes of another form count for nothing.
  void merge_packed(std::string_view packed) noexcept;
  [[nodiscard]] std::uint64_t estimate() const noexcept;

  // In records: half a byte a register, and the few that need more behind them.
  template <class A>
  void fields(A& a) {
    std::string packed;
    if constexpr (!A::reads) packed = pack();
    a(packed);
    if constexpr (A::reads) {
      registers_.assign(size, '\0');
      merge_packed(packed);
    }
  }

 private:
  [[nodiscard]] std::string pack() const;

  std::string registers_;  // one byte each: the longest run of zeros seen, plus one
};

}  // namespace millimetric::query
