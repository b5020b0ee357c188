#pragma once
// Which of a segment's urls are also referrers. Most pages are come to from another one of the same
// site, whose url the segment has as well: its text is stored once, in the url column.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "segment/text_list.h"

namespace millimetric::segment {

// The values of a column of which the first are its own, and the others are urls.
struct url_references {
  std::uint32_t own = 0;            // codes [0, own) are own values
  std::vector<std::uint16_t> urls;  // rising codes of the url column: those of the codes behind
};

// `url_values`: how many values the url column has.
[[nodiscard]] std::string encode_url_references(const url_references& r, std::uint32_t url_values);

// Nothing when the bytes are no references, or of more values than a segment has rows.
[[nodiscard]] std::optional<url_references> decode_url_references(std::string_view bytes);

// What is no code of an url.
inline constexpr std::uint32_t no_url = 0xFFFFFFFF;

// For each of the values the code of the same url, or no_url. Both lists rise.
[[nodiscard]] std::vector<std::uint32_t> find_urls(std::span<const std::string_view> values,
                                                   const texts& urls);

}  // namespace millimetric::segment
