#include "segment/integers.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/bytes.h"
#include "segment/bit_packing.h"

namespace millimetric::segment {
namespace {

enum class encoding : std::uint8_t { plain = 0, lines = 1 };

struct line {
  std::int64_t base = 0;
  std::int32_t slope = 0;
  std::uint8_t width = 0;
};

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

bool decode_integers(std::string_view bytes, std::size_t count, std::vector<std::int64_t>& out) {
  byte_reader in(bytes);
  out.resize(count);
  const std::uint8_t kind = in.u8();
  if (kind == static_cast<std::uint8_t>(encoding::plain)) {
    for (std::int64_t& v : out) v = in.i64();
    return in.finished();
  }
  if (kind != static_cast<std::uint8_t>(encoding::lines)) return false;
  std::vector<std::uint32_t> distances;
  for (std::size_t at = 0; at < count; at += pack_block) {
    const std::size_t n = std::min(pack_block, count - at);
    line l;
    l.base = in.i64();
    l.slope = in.number<std::int32_t>();
    l.width = in.u8();
    if (l.width > most_pack_width) return false;
    if (!unpack(in.take(packed_size(n, l.width)), n, l.width, distances)) return false;
    for (std::size_t i = 0; i < n; ++i)
      out[at + i] = static_cast<std::int64_t>(on_line(l, i) + distances[i]);
  }
  return in.finished();
}

}  // namespace millimetric::segment
