#include "segment/pooled_filters.h"

#include <algorithm>
#include <numeric>

#include "base/row_loop.h"
#include "segment/format.h"

namespace millimetric::segment {
namespace {

// An entry is, from its lowest bit on: what is left of the print, the filter's bucket without its
// lowest bit, the filter. What a print begins with is where the entry is.
constexpr unsigned rest_bits = 7;
constexpr unsigned bucket_bits = 13;
constexpr std::uint32_t rest_mask = (1U << rest_bits) - 1;
constexpr std::uint32_t bucket_mask = (1U << bucket_bits) - 1;
constexpr std::size_t print_buckets = (print_mask + std::size_t{1}) >> rest_bits;
constexpr std::uint32_t entries_at_once = 16;  // twice what a bucket of full segments has

static_assert(pooled_filters::most << (rest_bits + bucket_bits) <= print_mask + std::size_t{1});
static_assert(max_events / 8 / 2 <= bucket_mask);

std::uint32_t entry_of(std::uint32_t print, std::uint32_t bucket, std::size_t filter) noexcept {
  return (print & rest_mask) | (bucket / 2) << rest_bits |
         static_cast<std::uint32_t>(filter) << (rest_bits + bucket_bits);
}

}  // namespace

pooled_filters::pooled_filters(std::span<const id_filter* const> filters)
    : starts_(print_buckets + 1) {
  for (const id_filter* f : filters) {
    sizes_.push_back(f->buckets());
    f->each([&](std::uint32_t, std::uint32_t print) { ++starts_[print >> rest_bits]; });
  }
  std::exclusive_scan(starts_.begin(), starts_.end(), starts_.begin(), 0U);
  entries_.resize(starts_.back() * print_bytes + read_beyond<entries_at_once>);
  std::vector<std::uint32_t> next(starts_.begin(), starts_.end() - 1);
  for (std::size_t n = 0; n < filters.size(); ++n)
    filters[n]->each([&](std::uint32_t bucket, std::uint32_t print) {
      const std::uint32_t entry = entry_of(print, bucket, n);
      std::memcpy(entries_.data() + next[print >> rest_bits]++ * print_bytes, &entry, print_bytes);
    });
}

MM_ROW_LOOP std::vector<pooled_filters::match> pooled_filters::find(
    std::span<const std::uint64_t> hashes) const {
  std::vector<match> out;
  for (std::size_t first = 0; first < hashes.size(); first += looks_together) {
    const auto some = hashes.subspan(first, std::min(looks_together, hashes.size() - first));
    print_ranges in;
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::uint32_t* const bucket = starts_.data() + (print_of_id(some[i]) >> rest_bits);
      in[i] = {bucket[0], bucket[1] - bucket[0]};
    }
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::uint32_t print = print_of_id(some[i]);
      const char* at = entries_.data() + in[i].start * print_bytes;
      if (!any_print<entries_at_once>(at, in[i].count, print & rest_mask, rest_mask)) continue;
      for (const char* const end = at + in[i].count * print_bytes; at < end; at += print_bytes) {
        const std::uint32_t entry = read_print(at);
        const std::size_t filter = entry >> (rest_bits + bucket_bits);
        if (entry == entry_of(print, bucket_of(some[i], sizes_[filter]), filter))
          out.push_back({first + i, filter});
      }
    }
  }
  return out;
}

void pooled_filters::add_to(print_set& set) const noexcept {
  for (std::uint32_t begins = 0; begins < print_buckets; ++begins)
    for (std::uint32_t i = starts_[begins]; i < starts_[begins + 1]; ++i) {
      const std::uint32_t entry = read_print(entries_.data() + i * print_bytes);
      const std::uint32_t bucket = (entry >> rest_bits & bucket_mask) * 2;
      const std::uint32_t buckets = sizes_[entry >> (rest_bits + bucket_bits)];
      set.add_print(begins << rest_bits | (entry & rest_mask),
                    halves_of(bucket, bucket + 1, buckets));
    }
}

}  // namespace millimetric::segment
