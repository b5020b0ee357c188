#include "segment/id_filter.h"

#include <algorithm>
#include <bit>

#include "base/bytes.h"
#include "base/row_loop.h"
#include "segment/format.h"

namespace millimetric::segment {
namespace {

constexpr std::size_t ids_per_bucket = 8;
constexpr std::uint32_t most_in_bucket = 255;
constexpr std::uint32_t keyed_bit = std::uint32_t{1} << 31;
constexpr std::size_t word_bits = 64;
constexpr std::size_t bits_per_id = 16;
constexpr std::size_t most_share = 8;  // one bit in so many is set where it is not crowded
// A bit per print and half.
constexpr std::size_t most_words = (print_mask + std::size_t{1}) * 2 / word_bits;

std::uint32_t bucket_count(std::size_t ids) {
  return static_cast<std::uint32_t>(ids / ids_per_bucket + 1);
}

constexpr std::uint32_t prints_at_once = 16;  // a bucket with more comes once in 300

}  // namespace

std::string id_filter::encode(std::span<const std::uint64_t> hashes) {
  const std::uint32_t buckets = bucket_count(hashes.size());
  std::vector<std::uint32_t> ends(buckets + std::size_t{1});  // of a bucket's ids; first, how many
  for (const std::uint64_t h : hashes) ++ends[bucket_of(h, buckets) + std::size_t{1}];
  std::string out;
  byte_writer w(out);
  w.u32(static_cast<std::uint32_t>(hashes.size()) | keyed_bit);
  for (std::size_t b = 1; b < ends.size(); ++b) {
    if (ends[b] > most_in_bucket) return {};
    w.u8(static_cast<std::uint8_t>(ends[b]));
    ends[b] += ends[b - 1];
  }
  std::string prints(hashes.size() * print_bytes, '\0');
  for (const std::uint64_t h : hashes) {
    const std::size_t at = ends[bucket_of(h, buckets)]++;
    const std::uint32_t print = print_of_id(h);
    for (std::size_t b = 0; b < print_bytes; ++b)
      prints[at * print_bytes + b] = static_cast<char>(print >> (8 * b) & 0xFF);
  }
  return out + prints;
}

std::optional<id_filter> id_filter::decode(std::string_view bytes) {
  byte_reader in(bytes);
  const std::uint32_t first = in.u32();
  const std::uint32_t ids = first & ~keyed_bit;
  if (!in.ok() || ids > max_events) return std::nullopt;
  const std::uint32_t buckets = bucket_count(ids);
  const std::string_view counts = in.take(buckets);
  const std::string_view prints = in.take(ids * print_bytes);
  if (!in.finished()) return std::nullopt;
  id_filter out;
  out.keyed_ = ids != first;
  out.starts_.reserve(buckets + std::size_t{1});
  std::uint32_t at = 0;
  for (const char count : counts) {
    out.starts_.push_back(at);
    at += static_cast<unsigned char>(count);
  }
  out.starts_.push_back(at);
  if (at != ids) return std::nullopt;
  out.prints_.reserve(prints.size() + read_beyond<prints_at_once>);
  out.prints_ = prints;
  out.prints_.append(read_beyond<prints_at_once>, '\0');
  return out;
}

MM_ROW_LOOP std::vector<std::size_t> id_filter::find(std::span<const std::uint64_t> hashes) const {
  std::vector<std::size_t> out;
  for (std::size_t first = 0; first < hashes.size(); first += looks_together) {
    const auto some = hashes.subspan(first, std::min(looks_together, hashes.size() - first));
    print_ranges in;
    for (std::size_t i = 0; i < some.size(); ++i) {
      const std::uint32_t* const bucket = starts_.data() + bucket_of(some[i], buckets());
      in[i] = {bucket[0], bucket[1] - bucket[0]};
    }
    for (std::size_t i = 0; i < some.size(); ++i)
      if (any_print<prints_at_once>(prints_.data() + in[i].start * print_bytes, in[i].count,
                                    print_of_id(some[i]), print_mask))
        out.push_back(first + i);
  }
  return out;
}

void print_set::make_room(std::size_t ids) {
  const std::size_t words = std::bit_ceil(ids * bits_per_id / word_bits + 1);
  clear();  // before the room is taken
  words_ = std::vector<std::uint64_t>(std::min(words, most_words));
}

void print_set::set(std::uint32_t place) noexcept {
  std::uint64_t& word = words_[place / word_bits & (words_.size() - 1)];
  const std::uint64_t bit = std::uint64_t{1} << place % word_bits;
  count_ += (word & bit) == 0 ? 1 : 0;
  word |= bit;
}

MM_ROW_LOOP std::vector<std::size_t> print_set::find(std::span<const std::uint64_t> hashes) const {
  std::vector<std::size_t> out;
  if (words_.empty()) return out;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const std::uint32_t place = place_of(hashes[i]);
    const std::uint64_t word = words_[place / word_bits & (words_.size() - 1)];
    if ((word >> place % word_bits & 1) != 0) out.push_back(i);
  }
  return out;
}

bool print_set::is_crowded() const noexcept {
  return count_ >= words_.size() * (word_bits / most_share);
}

bool print_set::is_largest() const noexcept { return words_.size() == most_words; }

void print_set::clear() noexcept {
  words_ = std::vector<std::uint64_t>();  // whose memory goes, which it would not with = {}
  count_ = 0;
}

}  // namespace millimetric::segment
