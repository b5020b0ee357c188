#include "segment/integers.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "base/row_loop.h"
#include "segment/bit_packing.h"

namespace millimetric::segment {
namespace {

enum class encoding : std::uint8_t { plain = 0, lines = 1 };

struct line {
  std::int64_t base = 0;
  std::int32_t slope = 0;
  std::uint8_t width = 0;
};

// As it is stored, the width last.
constexpr std::size_t line_bytes = 8 + 4 + 1;

line read_line(byte_reader& in) noexcept {
  line l;
  l.base = in.i64();
  l.slope = in.number<std::int32_t>();
  l.width = in.u8();
  return l;
}

// Unsigned arithmetic: differences may wrap, and add up again.
std::uint64_t on_line(const line& l, std::size_t i) noexcept {
  return static_cast<std::uint64_t>(l.base) +
         static_cast<std::uint64_t>(static_cast<std::int64_t>(l.slope)) * i;
}

// The slope from the first to the last value; none where values lie too far apart.
std::int32_t slope_of(std::span<const std::int64_t> v) noexcept {
  constexpr std::int64_t far = std::int64_t{1} << 40;
  if (v.size() < 2) return 0;
  if (v.front() < -far * 4096 || v.front() > far * 4096) return 0;
  const auto rise = static_cast<std::int64_t>(static_cast<std::uint64_t>(v.back()) -
                                              static_cast<std::uint64_t>(v.front()));
  const std::int64_t slope = rise / static_cast<std::int64_t>(v.size() - 1);
  constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
  return slope > most || slope < -most ? 0 : static_cast<std::int32_t>(slope);
}

// The block as distances from its line; empty when they do not fit.
std::optional<line> fit(std::span<const std::int64_t> v, std::vector<std::uint32_t>& distances) {
  line l{0, slope_of(v), 0};
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t most = std::numeric_limits<std::int64_t>::min();
  for (std::size_t i = 0; i < v.size(); ++i) {
    const auto d = static_cast<std::int64_t>(static_cast<std::uint64_t>(v[i]) - on_line(l, i));
    least = std::min(least, d);
    most = std::max(most, d);
  }
  const std::uint64_t spread = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
  if (spread > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  l.base = least;
  l.width = static_cast<std::uint8_t>(bits_for(static_cast<std::uint32_t>(spread)));
  distances.resize(v.size());
  for (std::size_t i = 0; i < v.size(); ++i)
    distances[i] = static_cast<std::uint32_t>(static_cast<std::uint64_t>(v[i]) - on_line(l, i));
  return l;
}

// `on` is the line at the first distance.
MM_ROW_LOOP void add_line(std::span<const std::uint32_t> distances, std::uint64_t on,
                          std::uint64_t rise, std::int64_t* out) noexcept {
  for (std::size_t i = 0; i < distances.size(); ++i)
    out[i] = static_cast<std::int64_t>(on + rise * i + distances[i]);
}

// Likewise of some, whose places in the block they are, plus `first`.
MM_ROW_LOOP void pick_on_line(std::span<const std::uint32_t> distances, const line& l,
                              std::span<const std::uint32_t> rows, std::size_t first,
                              std::int64_t* out) noexcept {
  for (std::size_t k = 0; k < rows.size(); ++k) {
    const std::size_t i = rows[k] - first;
    out[k] = static_cast<std::int64_t>(on_line(l, i) + distances[i]);
  }
}

std::string plain(std::span<const std::int64_t> values) {
  std::string out(1, static_cast<char>(encoding::plain));
  byte_writer w(out);
  for (const std::int64_t v : values) w.i64(v);
  return out;
}

}  // namespace

std::string encode_integers(std::span<const std::int64_t> values) {
  std::string out(1, static_cast<char>(encoding::lines));
  byte_writer w(out);
  std::vector<std::uint32_t> distances;
  for (std::size_t at = 0; at < values.size(); at += pack_block) {
    const auto block = values.subspan(at, std::min(pack_block, values.size() - at));
    const auto l = fit(block, distances);
    if (!l) return plain(values);
    w.i64(l->base);
    w.number(l->slope);
    w.u8(l->width);
    append_packed(out, distances, l->width);
  }
  return out;
}

std::size_t integer_reader::in_block(std::size_t block) const noexcept {
  return std::min(pack_block, count_ - block * pack_block);
}

bool integer_reader::open(std::string_view bytes, std::size_t count) {
  bytes_ = bytes;
  count_ = count;
  blocks_.clear();
  if (bytes.empty()) return false;
  const auto kind = static_cast<encoding>(bytes.front());
  plain_ = kind == encoding::plain;
  std::size_t at = 1;
  if (plain_) return bytes.size() - at == count * sizeof(std::int64_t);
  if (kind != encoding::lines) return false;
  blocks_.reserve((count + pack_block - 1) / pack_block);
  for (std::size_t row = 0; row < count; row += pack_block) {
    if (bytes.size() - at < line_bytes) return false;
    blocks_.push_back(static_cast<std::uint32_t>(at));
    at += line_bytes;
    const auto width = static_cast<std::uint8_t>(bytes[at - 1]);
    if (width > most_pack_width) return false;
    const std::size_t packed = packed_size(std::min(pack_block, count - row), width);
    if (bytes.size() - at < packed) return false;
    at += packed;
  }
  return at == bytes.size();
}

std::int64_t integer_reader::operator[](std::size_t i) const noexcept {
  if (plain_) {
    std::int64_t v = 0;
    std::memcpy(&v, bytes_.data() + 1 + i * sizeof v, sizeof v);
    return v;
  }
  const std::size_t block = i / pack_block;
  byte_reader in(bytes_.substr(blocks_[block]));
  const line l = read_line(in);
  const std::size_t n = in_block(block);
  const std::string_view packed = in.take(packed_size(n, l.width));
  return static_cast<std::int64_t>(on_line(l, i % pack_block) +
                                   packed_at(packed, n, l.width, i % pack_block));
}

void integer_reader::read(std::size_t begin, std::span<std::int64_t> out) const {
  if (out.empty()) return;
  const std::size_t end = begin + out.size();
  if (plain_) {
    std::memcpy(out.data(), bytes_.data() + 1 + begin * sizeof(std::int64_t),
                out.size() * sizeof(std::int64_t));
    return;
  }
  std::vector<std::uint32_t> distances;
  for (std::size_t at = begin; at < end;) {
    const std::size_t block = at / pack_block;
    byte_reader in(bytes_.substr(blocks_[block]));
    const line l = read_line(in);
    const std::size_t n = in_block(block);
    static_cast<void>(unpack(in.take(packed_size(n, l.width)), n, l.width, distances));
    const std::size_t from = at % pack_block;
    const std::size_t to = std::min(n, from + (end - at));
    add_line(std::span(distances).subspan(from, to - from), on_line(l, from),
             static_cast<std::uint64_t>(std::int64_t{l.slope}), out.data() + (at - begin));
    at += to - from;
  }
}

void integer_reader::pick(std::span<const std::uint32_t> rows, std::size_t first,
                          std::int64_t* out) const {
  if (plain_) {
    for (std::size_t k = 0; k < rows.size(); ++k) out[k] = (*this)[rows[k] - first];
    return;
  }
  std::vector<std::uint32_t> distances;
  for (std::size_t k = 0; k < rows.size();) {
    const std::size_t block = (rows[k] - first) / pack_block;
    const std::size_t of_block = first + block * pack_block;
    std::size_t end = k + 1;
    while (end < rows.size() && rows[end] < of_block + pack_block) ++end;
    byte_reader in(bytes_.substr(blocks_[block]));
    const line l = read_line(in);
    const std::size_t n = in_block(block);
    static_cast<void>(unpack(in.take(packed_size(n, l.width)), n, l.width, distances));
    pick_on_line(distances, l, rows.subspan(k, end - k), of_block, out + k);
    k = end;
  }
}

bool integer_column::add(std::size_t first, std::string_view bytes, std::size_t count) {
  return groups_.emplace_back(group{first, {}}).numbers.open(bytes, count);
}

const integer_column::group& integer_column::group_of(std::size_t row) const noexcept {
  const auto behind = std::find_if(groups_.begin() + 1, groups_.end(),
                                   [&](const group& g) { return g.first > row; });
  return *(behind - 1);
}

std::int64_t integer_column::operator[](std::size_t row) const noexcept {
  const group& g = group_of(row);
  return g.numbers[row - g.first];
}

void integer_column::read(std::size_t begin, std::size_t end,
                          std::vector<std::int64_t>& out) const {
  out.resize(end - begin);
  for (std::size_t row = begin; row < end;) {
    const group& g = group_of(row);
    const std::size_t n = std::min(end, g.first + g.numbers.size()) - row;
    g.numbers.read(row - g.first, std::span(out).subspan(row - begin, n));
    row += n;
  }
}

void integer_column::pick(std::span<const std::uint32_t> rows,
                          std::vector<std::int64_t>& out) const {
  out.resize(rows.size());
  for (std::size_t k = 0; k < rows.size();) {
    const group& g = group_of(rows[k]);
    const auto behind = std::lower_bound(rows.begin() + static_cast<std::ptrdiff_t>(k), rows.end(),
                                         g.first + g.numbers.size());
    const auto n = static_cast<std::size_t>(behind - rows.begin()) - k;
    g.numbers.pick(rows.subspan(k, n), g.first, out.data() + k);
    k += n;
  }
}

std::size_t integer_column::lower_bound(std::int64_t value, std::size_t begin,
                                        std::size_t end) const noexcept {
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    if ((*this)[middle] < value)
      begin = middle + 1;
    else
      end = middle;
  }
  return begin;
}

}  // namespace millimetric::segment
