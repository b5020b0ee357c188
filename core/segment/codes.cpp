#include "segment/codes.h"

#include <algorithm>

#include "base/bytes.h"
#include "segment/bit_packing.h"
#include "segment/format.h"

namespace millimetric::segment {
namespace {

enum class form : std::uint8_t { packed = 0, runs = 1 };

struct runs {
  std::vector<std::uint32_t> codes;
  std::vector<std::uint32_t> lengths;  // less one
};

runs runs_of(const std::vector<std::uint32_t>& codes) {
  runs out;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    if (i > 0 && codes[i] == codes[i - 1]) {
      ++out.lengths.back();
    } else {
      out.codes.push_back(codes[i]);
      out.lengths.push_back(0);
    }
  }
  return out;
}

std::uint32_t most_of(const std::vector<std::uint32_t>& numbers) {
  return numbers.empty() ? 0 : *std::max_element(numbers.begin(), numbers.end());
}

bool read_packed(byte_reader& in, std::size_t count, std::vector<std::uint32_t>& out) {
  const unsigned width = in.u8();
  return width <= most_pack_width && unpack(in.take(packed_size(count, width)), count, width, out);
}

void write_packed(std::string& out, const std::vector<std::uint32_t>& numbers, unsigned width) {
  byte_writer(out).u8(static_cast<std::uint8_t>(width));
  append_packed(out, numbers, width);
}

bool read_runs(byte_reader& in, std::size_t count, std::vector<std::uint32_t>& out) {
  const std::uint32_t n = in.u32();
  runs r;
  if (n > count || !read_packed(in, n, r.codes) || !read_packed(in, n, r.lengths)) return false;
  out.clear();
  out.reserve(count);
  for (std::size_t i = 0; i < n; ++i) {
    if (r.lengths[i] >= count - out.size()) return false;
    out.insert(out.end(), std::size_t{r.lengths[i]} + 1, r.codes[i]);
  }
  return out.size() == count;
}

}  // namespace

std::string encode_codes(const code_column& c) {
  const unsigned width = bits_for(most_of(c.codes));
  const runs r = runs_of(c.codes);
  const unsigned length_width = bits_for(most_of(r.lengths));
  const std::size_t as_runs =
      packed_size(r.codes.size(), width) + packed_size(r.codes.size(), length_width) + 5;
  const bool run = as_runs < packed_size(c.codes.size(), width);
  std::string out;
  byte_writer w(out);
  w.u8(static_cast<std::uint8_t>(run ? form::runs : form::packed));
  w.u8(static_cast<std::uint8_t>(c.per));
  w.u32(c.values);
  w.u32(static_cast<std::uint32_t>(c.codes.size()));
  if (run) {
    w.u32(static_cast<std::uint32_t>(r.codes.size()));
    write_packed(out, r.codes, width);
    write_packed(out, r.lengths, length_width);
  } else {
    write_packed(out, c.codes, width);
  }
  return out;
}

bool decode_codes(std::string_view bytes, code_column& out) {
  byte_reader in(bytes);
  const auto as = static_cast<form>(in.u8());
  const std::uint8_t per = in.u8();
  out.values = in.u32();
  const std::uint32_t count = in.u32();
  if (!in.ok() || per > 1 || count > max_events + 1) return false;
  out.per = static_cast<code_rows>(per);
  const bool read = as == form::runs     ? read_runs(in, count, out.codes)
                    : as == form::packed ? read_packed(in, count, out.codes)
                                         : false;
  return read && in.finished() && most_of(out.codes) <= out.values;
}

}  // namespace millimetric::segment
