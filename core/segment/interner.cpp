#include "segment/interner.h"

#include <algorithm>
#include <numeric>

#include "base/hash.h"

namespace millimetric::segment {
namespace {

constexpr std::size_t first_slots = 16;

}  // namespace

void interner::grow() {
  std::vector<slot> larger(slots_.empty() ? first_slots : slots_.size() * 2);
  for (const slot& s : slots_) {
    if (s.number == null_number) continue;
    std::size_t at = s.hash & (larger.size() - 1);
    while (larger[at].number != null_number) at = (at + 1) & (larger.size() - 1);
    larger[at] = s;
  }
  slots_ = std::move(larger);
}

std::uint32_t interner::number_of(std::string_view text) {
  if ((values_.size() + 1) * 2 > slots_.size()) grow();
  const auto hash = static_cast<std::uint32_t>(hash64(text));
  std::size_t at = hash & (slots_.size() - 1);
  while (slots_[at].number != null_number) {
    if (slots_[at].hash == hash && values_[slots_[at].number] == text) return slots_[at].number;
    at = (at + 1) & (slots_.size() - 1);
  }
  const auto number = static_cast<std::uint32_t>(values_.size());
  slots_[at] = {hash, number};
  values_.push_back(text);
  return number;
}

coded_column interner::sorted(std::vector<std::uint32_t> numbers) const {
  std::vector<std::uint32_t> order(values_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return values_[a] < values_[b]; });
  coded_column out;
  std::vector<std::uint32_t> places(values_.size());
  out.values.reserve(order.size());
  for (const std::uint32_t number : order) {
    places[number] = static_cast<std::uint32_t>(out.values.size());
    out.values.push_back(values_[number]);
  }
  for (std::uint32_t& n : numbers) n = n == null_number ? out.null_code() : places[n];
  out.codes = std::move(numbers);
  return out;
}

}  // namespace millimetric::segment
