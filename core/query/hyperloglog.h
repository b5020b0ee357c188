#pragma once
// HyperLogLog with 2^14 registers: the number of distinct hashes to a standard error of
// 1.04 / sqrt(2^14) = 0.81 %, mergeable by the maximum of each register.
// Sources: Flajolet, Fusy, Gandouet, Meunier, "HyperLogLog" (2007); the estimator is Ertl's
// improved raw one, "New cardinality estimation algorithms for HyperLogLog sketches" (2017),
// algorithm 6, which needs no correction tables.

#include <cstdint>
#include <string>

namespace millimetric::query {

class hyperloglog {
 public:
  static constexpr unsigned precision = 14;  // p: bits of the hash that choose a register
  static constexpr std::size_t size = std::size_t{1} << precision;  // m, also its bytes

  hyperloglog() : registers_(size, '\0') {}

  void insert(std::uint64_t hash) noexcept;
  void merge(const hyperloglog& other) noexcept;
  [[nodiscard]] std::uint64_t estimate() const noexcept;

  template <class A>
  void fields(A& a) {
    a(registers_);
    registers_.resize(size, '\0');  // a record of another length must not be read past its end
  }

 private:
  std::string registers_;  // one byte each: the longest run of zeros seen, plus one
};

}  // namespace millimetric::query
