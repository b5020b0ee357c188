#pragma once
// Identifiers made from randomness that the host handed in: the core has no random source.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace millimetric {

// A stream of pseudo-random numbers grown from a request's seed (xoshiro256++, Blackman and Vigna
// 2018). For identifiers that must be unique; never for secrets: those take the host's own bytes.
class random_stream {
 public:
  // Takes the first 32 bytes of the seed; a shorter seed is padded with zeros.
  explicit random_stream(std::string_view seed) noexcept;
  [[nodiscard]] std::uint64_t next() noexcept;

 private:
  std::array<std::uint64_t, 4> state_{};
};

// RFC 9562, section 5.7 (time-ordered) and 5.4 (random), lower-case with hyphens.
[[nodiscard]] std::string make_uuid_v7(millis now, random_stream& random);
[[nodiscard]] std::string make_uuid_v4(random_stream& random);
// Section 5.8: begins with the 32 bits of `custom`; the rest is random.
[[nodiscard]] std::string make_uuid_v8(std::uint32_t custom, random_stream& random);

// Lower-case hexadecimal of bytes.
[[nodiscard]] std::string to_hex(std::string_view bytes);

// RFC 4648: base64url without padding (section 5), and canonical padded base64 (section 4).
// Decoders give false on anything that is not exactly of that form.
[[nodiscard]] std::string to_base64url(std::string_view bytes);
[[nodiscard]] bool from_base64url(std::string_view text, std::string& bytes);
[[nodiscard]] bool from_base64(std::string_view text, std::string& bytes);

}  // namespace millimetric
