#include "segment/interner.h"

#include <algorithm>
#include <numeric>

#include "base/hash.h"

namespace millimetric::segment {
namespace {

// A text by what comes first of it behind what all have in common: most are told apart by that.
struct sort_key {
  std::uint64_t head = 0;
  std::uint32_t number = 0;
};

std::uint64_t head_of(std::string_view text) noexcept {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < sizeof out; ++i)
    out = out << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  return out;
}

std::size_t common_prefix(std::span<const std::string_view> values) noexcept {
  std::size_t n = values.empty() ? 0 : values.front().size();
  for (const std::string_view v : values) {
    n = std::min(n, v.size());
    const auto differs = std::mismatch(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n),
                                       values.front().begin());
    n = static_cast<std::size_t>(differs.first - v.begin());
  }
  return n;
}

std::vector<sort_key> sorted_keys(std::span<const std::string_view> values) {
  const std::size_t same = common_prefix(values);
  std::vector<sort_key> out(values.size());
  for (std::uint32_t n = 0; n < out.size(); ++n) out[n] = {head_of(values[n].substr(same)), n};
  std::sort(out.begin(), out.end(), [&](const sort_key& a, const sort_key& b) {
    return a.head != b.head ? a.head < b.head : values[a.number] < values[b.number];
  });
  return out;
}

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
  place& last = recent_[reinterpret_cast<std::uintptr_t>(text.data()) / 8 % recent_.size()];
  const bool same = last.text.data() == text.data() && last.text.size() == text.size();
  if (!same || last.number == null_number) last = {text, look_up(text)};
  return last.number;
}

std::uint32_t interner::look_up(std::string_view text) {
  if ((values_.size() + 1) * 2 > slots_.size()) grow();
  const auto hash = static_cast<std::uint32_t>(table_hash()(text));
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

coded_column sorted(std::span<const std::string_view> values, std::vector<std::uint32_t> numbers) {
  const std::vector<sort_key> order = sorted_keys(values);
  coded_column out;
  std::vector<std::uint32_t> places(values.size());
  out.values.reserve(order.size());
  for (const sort_key& key : order) {
    places[key.number] = static_cast<std::uint32_t>(out.values.size());
    out.values.push_back(values[key.number]);
  }
  for (std::uint32_t& n : numbers) n = n == interner::null_number ? out.null_code() : places[n];
  out.codes = std::move(numbers);
  return out;
}

}  // namespace millimetric::segment
