#pragma once
// API keys: `{kind}_{env}_{prefix}_{secret}`. Source: contract, section 1.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millimetric::control {

enum class key_kind : std::uint8_t {
  publishable,  // pk: ingest from browsers
  secret,       // sk: ingest, read, forget
  read,         // rk: read
  account,      // ak: read every project of an account
};

// By key_kind.
inline constexpr std::array<std::string_view, 4> kind_names{"pk", "sk", "rk", "ak"};
inline constexpr std::array<std::string_view, 2> env_names{"live", "test"};

inline constexpr std::size_t prefix_length = 8;
inline constexpr std::size_t min_secret_length = 24;
inline constexpr std::size_t max_secret_length = 64;

// Views into the header it was read from.
struct presented_key {
  key_kind kind{};
  std::string_view env;  // one of env_names
  std::string_view prefix;
  std::string_view secret;
};

[[nodiscard]] std::string_view name_of(key_kind kind) noexcept;
[[nodiscard]] std::optional<key_kind> kind_named(std::string_view name) noexcept;

// The key of an Authorization header.
// @return missing_bearer_token, malformed_api_key.
[[nodiscard]] result<presented_key> read_authorization(std::string_view header);

}  // namespace millimetric::control
