#include "event/place.h"

#include <charconv>

#include "base/hash.h"

namespace millimetric::event {
namespace {

constexpr std::size_t uuid_size = 36;
constexpr std::size_t version_at = 14;
constexpr std::size_t place_digits = 8;

// The lower half: the upper one chooses passes of funnels and parts of indexes, which are to be
// spread as evenly in a shard as in a whole project.
std::uint32_t hashed(std::string_view id) noexcept {
  return static_cast<std::uint32_t>(hash64(id));
}

}  // namespace

std::uint32_t place_of(std::string_view anonymous_id) noexcept {
  std::uint32_t place = 0;
  if (anonymous_id.size() == uuid_size && anonymous_id[version_at] == '8') {
    const char* end = anonymous_id.data() + place_digits;
    const auto read = std::from_chars(anonymous_id.data(), end, place, 16);
    if (read.ec == std::errc() && read.ptr == end) return place;
  }
  return hashed(anonymous_id);
}

std::string make_anonymous_id(std::optional<std::string_view> of, random_stream& random) {
  const auto anywhere = static_cast<std::uint32_t>(random.next() >> 32);
  return make_uuid_v8(of ? hashed(*of) : anywhere, random);
}

}  // namespace millimetric::event
