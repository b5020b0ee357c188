#include "segment/codes.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "base/bytes.h"
#include "base/row_loop.h"
#include "segment/bit_packing.h"
#include "segment/format.h"

namespace millimetric::segment {
namespace {

enum class form : std::uint8_t { packed = 0, runs = 1 };

struct runs {
  std::vector<std::uint32_t> codes;
  std::vector<std::uint32_t> lengths;  // less one
};

std::size_t count_runs(const std::vector<std::uint32_t>& codes) noexcept {
  std::size_t n = codes.empty() ? 0 : 1;
  for (std::size_t i = 1; i < codes.size(); ++i) n += codes[i] != codes[i - 1] ? 1 : 0;
  return n;
}

runs runs_of(const std::vector<std::uint32_t>& codes, std::size_t count) {
  runs out{std::vector<std::uint32_t>(count), std::vector<std::uint32_t>(count)};
  std::size_t begin = 0;
  for (std::size_t run = 0; run < count; ++run) {
    std::size_t end = begin + 1;
    while (end < codes.size() && codes[end] == codes[begin]) ++end;
    out.codes[run] = codes[begin];
    out.lengths[run] = static_cast<std::uint32_t>(end - begin - 1);
    begin = end;
  }
  return out;
}

std::uint32_t most_of(const std::vector<std::uint32_t>& numbers) noexcept {
  std::uint32_t most = 0;
  for (const std::uint32_t n : numbers) most = n > most ? n : most;
  return most;
}

using short_vector = std::uint16_t __attribute__((vector_size(16)));
constexpr std::size_t codes_of_vector = sizeof(short_vector) / sizeof(std::uint16_t);

// Written out for vectors: compilers do not find them in a loop over `std::max`.
MM_ROW_LOOP std::uint16_t most_short(std::span<const std::uint16_t> numbers) noexcept {
  short_vector most{};
  std::size_t i = 0;
  for (; i + codes_of_vector <= numbers.size(); i += codes_of_vector) {
    short_vector v;
    std::memcpy(&v, numbers.data() + i, sizeof v);
    most = v > most ? v : most;
  }
  std::uint16_t out = 0;
  for (std::size_t lane = 0; lane < codes_of_vector; ++lane) out = std::max(out, most[lane]);
  for (; i < numbers.size(); ++i) out = std::max(out, numbers[i]);
  return out;
}

// The rows from `begin` on, as many as there is room for, of runs whose lengths are less one; gives
// the end of the last run that was needed. Most runs are short: some rows are written at once, and
// those too many are written over by the next run.
template <class T>
MM_ROW_LOOP std::size_t expand(std::span<const T> runs, std::span<const std::uint16_t> lengths,
                               std::size_t begin, std::span<T> out) noexcept {
  using same_rows = T __attribute__((vector_size(16)));
  constexpr std::size_t at_once = sizeof(same_rows) / sizeof(T);
  const std::size_t stop = begin + out.size();
  std::size_t end = 0;
  for (std::size_t i = 0; i < runs.size() && end < stop; ++i) {
    std::size_t at = std::max(begin, end);
    end += lengths[i] + std::size_t{1};
    const std::size_t to = std::min(end, stop);
    const same_rows same = runs[i] - same_rows{};
    for (; at < to && at + at_once <= stop; at += at_once)
      std::memcpy(out.data() + (at - begin), &same, sizeof same);
    for (; at < to; ++at) out[at - begin] = runs[i];
  }
  return end;
}

template <class T>
MM_ROW_LOOP void translate(std::span<const std::uint16_t> codes, const T* by_code,
                           T* out) noexcept {
  for (std::size_t i = 0; i < codes.size(); ++i) out[i] = by_code[codes[i]];
}

// The rows whose code is marked, of those from `first` on; gives how many.
MM_ROW_LOOP std::size_t find_marked(std::span<const std::uint16_t> codes, const std::uint8_t* marks,
                                    std::size_t first, std::uint32_t* out) noexcept {
  std::size_t n = 0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    out[n] = static_cast<std::uint32_t>(first + i);
    n += marks[codes[i]];
  }
  return n;
}

// Likewise, of runs whose lengths are less one. Gives the end of the last run that was needed.
MM_ROW_LOOP std::size_t find_marked_runs(std::span<const std::uint16_t> codes,
                                         std::span<const std::uint16_t> lengths,
                                         const std::uint8_t* marks, std::size_t begin,
                                         std::size_t stop, std::size_t offset,
                                         std::vector<std::uint32_t>& out) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < codes.size() && end < stop; ++i) {
    const std::size_t at = end;
    end += lengths[i] + std::size_t{1};
    if (marks[codes[i]] == 0) continue;
    for (std::size_t row = std::max(at, begin); row < std::min(end, stop); ++row)
      out.push_back(static_cast<std::uint32_t>(offset + row));
  }
  return end;
}

void write_packed(std::string& out, const std::vector<std::uint32_t>& numbers, unsigned width) {
  byte_writer(out).u8(static_cast<std::uint8_t>(width));
  append_packed(out, numbers, width);
}

}  // namespace

std::string encode_codes(const code_column& c) {
  constexpr std::size_t more_of_runs = 5;  // bytes: their number, and the width of their lengths
  const unsigned width = bits_for(most_of(c.codes));
  const std::size_t as_codes = packed_size(c.codes.size(), width);
  const std::size_t count = count_runs(c.codes);
  runs r;
  unsigned length_width = 1;
  const auto as_runs = [&] {
    return packed_size(count, width) + packed_size(count, length_width) + more_of_runs;
  };
  // Most codes are seen not to be runs before these are made.
  if (as_runs() < as_codes) {
    r = runs_of(c.codes, count);
    length_width = bits_for(most_of(r.lengths));
  }
  const bool run = as_runs() < as_codes;
  std::string out;
  byte_writer w(out);
  w.u8(static_cast<std::uint8_t>(run ? form::runs : form::packed));
  w.u8(static_cast<std::uint8_t>(c.per));
  w.u32(c.values);
  w.u32(static_cast<std::uint32_t>(c.codes.size()));
  if (run) {
    w.u32(static_cast<std::uint32_t>(count));
    write_packed(out, r.codes, width);
    write_packed(out, r.lengths, length_width);
  } else {
    write_packed(out, c.codes, width);
  }
  return out;
}

bool code_reader::open(std::string_view bytes) {
  byte_reader in(bytes);
  const auto as = static_cast<form>(in.u8());
  const std::uint8_t per = in.u8();
  values_ = in.u32();
  count_ = in.u32();
  if (!in.ok() || per > 1 || count_ > max_events + 1 || values_ > max_events) return false;
  if (as != form::runs && as != form::packed) return false;
  per_ = static_cast<code_rows>(per);
  as_runs_ = as == form::runs;
  runs_ = as_runs_ ? in.u32() : count_;
  if (runs_ > count_) return false;
  const auto read = [&](packed& to) {
    to.width = in.u8();
    if (to.width > most_short_width) return false;
    to.bytes = in.take(packed_size(runs_, to.width));
    return true;
  };
  return read(codes_) && (!as_runs_ || read(lengths_)) && in.finished();
}

bool code_reader::all_within(std::span<const std::uint16_t> codes) const noexcept {
  if (values_ >= (1U << codes_.width) - 1) return true;
  return most_short(codes) <= values_;
}

bool code_reader::read(std::size_t begin, std::span<std::uint16_t> out) const {
  const std::size_t end = begin + out.size();
  if (end > count_) return false;
  if (!as_runs_) {
    unpack_short(codes_.bytes, count_, codes_.width, begin, end, out.data());
    return all_within(out);
  }
  std::vector<std::uint16_t> codes;
  std::vector<std::uint16_t> lengths;
  if (!read_runs(codes, lengths)) return false;
  const std::size_t read = expand<std::uint16_t>(codes, lengths, begin, out);
  return read >= end && read <= count_;
}

bool code_reader::read_runs(std::vector<std::uint16_t>& codes,
                            std::vector<std::uint16_t>& lengths) const {
  codes.resize(runs_);
  lengths.resize(runs_);
  unpack_short(codes_.bytes, runs_, codes_.width, 0, runs_, codes.data());
  unpack_short(lengths_.bytes, runs_, lengths_.width, 0, runs_, lengths.data());
  return all_within(codes);
}

template <class T>
bool code_reader::look_up(std::size_t begin, std::span<const T> by_code, std::span<T> out) const {
  const std::size_t end = begin + out.size();
  if (end > count_ || by_code.size() != std::size_t{values_} + 1) return false;
  std::vector<std::uint16_t> codes;
  if (!as_runs_) {
    codes.resize(out.size());
    if (!read(begin, codes)) return false;
    translate(std::span<const std::uint16_t>(codes), by_code.data(), out.data());
    return true;
  }
  std::vector<std::uint16_t> lengths;
  if (!read_runs(codes, lengths)) return false;
  std::vector<T> runs(codes.size());
  translate(std::span<const std::uint16_t>(codes), by_code.data(), runs.data());
  const std::size_t read = expand<T>(runs, lengths, begin, out);
  return read >= end && read <= count_;
}

template bool code_reader::look_up(std::size_t, std::span<const std::uint8_t>,
                                   std::span<std::uint8_t>) const;
template bool code_reader::look_up(std::size_t, std::span<const std::uint16_t>,
                                   std::span<std::uint16_t>) const;

bool code_reader::find(std::size_t begin, std::size_t end, std::span<const std::uint8_t> by_code,
                       std::size_t offset, std::vector<std::uint32_t>& out) const {
  if (end > count_ || by_code.size() != std::size_t{values_} + 1) return false;
  std::vector<std::uint16_t> codes;
  if (as_runs_) {
    std::vector<std::uint16_t> lengths;
    if (!read_runs(codes, lengths)) return false;
    const std::size_t read =
        find_marked_runs(codes, lengths, by_code.data(), begin, end, offset, out);
    return read >= end && read <= count_;
  }
  codes.resize(end - begin);
  if (!read(begin, codes)) return false;
  const std::size_t before = out.size();
  out.resize(before + codes.size() + 1);
  const std::size_t n = find_marked(codes, by_code.data(), offset + begin, out.data() + before);
  out.resize(before + n);
  return true;
}

bool code_reader::pick(std::span<const std::uint32_t> rows, std::vector<std::uint16_t>& out) const {
  out.clear();
  if (!rows.empty() && rows.back() >= count_) return false;
  if (!as_runs_) {
    for (const std::uint32_t row : rows)
      out.push_back(static_cast<std::uint16_t>(packed_at(codes_.bytes, count_, codes_.width, row)));
    return all_within(out);
  }
  return pick_of_runs(rows, out) && all_within(out);
}

bool code_reader::pick_of_runs(std::span<const std::uint32_t> rows,
                               std::vector<std::uint16_t>& out) const {
  std::array<std::uint16_t, pack_block> lengths{};
  std::array<std::uint16_t, pack_block> codes{};
  std::size_t begin = 0;
  for (std::size_t first = 0; first < runs_ && out.size() < rows.size(); first += pack_block) {
    const std::size_t n = std::min<std::size_t>(pack_block, runs_ - first);
    unpack_short(lengths_.bytes, runs_, lengths_.width, first, first + n, lengths.data());
    const std::size_t end = std::accumulate(lengths.begin(), lengths.begin() + n, begin + n);
    if (rows[out.size()] < end) {
      unpack_short(codes_.bytes, runs_, codes_.width, first, first + n, codes.data());
      std::size_t to = begin;
      for (std::size_t i = 0; i < n; ++i) {
        to += lengths[i] + std::size_t{1};
        while (out.size() < rows.size() && rows[out.size()] < to) out.push_back(codes[i]);
      }
    }
    begin = end;
  }
  return out.size() == rows.size();
}

}  // namespace millimetric::segment
