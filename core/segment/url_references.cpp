#include "segment/url_references.h"

#include "base/bytes.h"
#include "segment/bit_packing.h"
#include "segment/format.h"

namespace millimetric::segment {

std::string encode_url_references(const url_references& r, std::uint32_t url_values) {
  std::vector<std::uint32_t> marks(url_values);
  for (const std::uint16_t url : r.urls) marks[url] = 1;
  std::string out;
  byte_writer w(out);
  w.u32(r.own);
  w.u32(url_values);
  append_packed(out, marks, 1);
  return out;
}

std::optional<url_references> decode_url_references(std::string_view bytes) {
  byte_reader in(bytes);
  url_references out;
  out.own = in.u32();
  const std::uint32_t url_values = in.u32();
  std::vector<std::uint32_t> marks;
  if (!in.ok() || out.own > max_events || url_values > max_events ||
      !unpack(in.take(in.left()), url_values, 1, marks))
    return std::nullopt;
  for (std::uint32_t url = 0; url < url_values; ++url)
    if (marks[url] != 0) out.urls.push_back(static_cast<std::uint16_t>(url));
  return out.own + out.urls.size() <= max_events ? std::optional(std::move(out)) : std::nullopt;
}

std::vector<std::uint32_t> find_urls(std::span<const std::string_view> values, const texts& urls) {
  std::vector<std::uint32_t> out;
  out.reserve(values.size());
  std::uint32_t at = 0;
  for (const std::string_view value : values) {
    while (at < urls.size() && urls[at] < value) ++at;
    out.push_back(at < urls.size() && urls[at] == value ? at : no_url);
  }
  return out;
}

}  // namespace millimetric::segment
