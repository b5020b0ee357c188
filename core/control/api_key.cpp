#include "control/api_key.h"

#include <algorithm>

#include "base/text.h"

namespace millimetric::control {
namespace {

constexpr bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr bool is_secret_character(char c) noexcept {
  return is_alphanumeric(c) || c == '_' || c == '-';
}

// The part up to the next underscore, removed from `rest` with it.
std::string_view take_part(std::string_view& rest) noexcept {
  const std::size_t at = rest.find('_');
  if (at == std::string_view::npos) return {};
  const std::string_view part = rest.substr(0, at);
  rest.remove_prefix(at + 1);
  return part;
}

}  // namespace

std::string_view name_of(key_kind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<key_kind> kind_named(std::string_view name) noexcept {
  const auto* found = std::find(kind_names.begin(), kind_names.end(), name);
  if (found == kind_names.end()) return std::nullopt;
  return static_cast<key_kind>(found - kind_names.begin());
}

result<presented_key> read_authorization(std::string_view header) {
  header = trim(header);
  const std::size_t space = std::min(header.find(' '), header.size());
  std::string_view key = trim(header.substr(space));
  if (!equals_ignoring_case(header.substr(0, space), "bearer") || key.empty())
    return fail(error_code::missing_bearer_token,
                "Send the API key in the header \"Authorization: Bearer <key>\".");
  const auto malformed = [] {
    return fail(error_code::malformed_api_key,
                "An API key looks like sk_live_ab12CD34_<secret>: a kind (pk, sk, rk or ak), live "
                "or test, 8 letters or digits, and a secret of 24 to 64 characters. Copy the whole "
                "key.");
  };
  presented_key out;
  const auto kind = kind_named(take_part(key));
  out.env = take_part(key);
  out.prefix = take_part(key);
  out.secret = key;
  const bool well_formed =
      kind && std::find(env_names.begin(), env_names.end(), out.env) != env_names.end() &&
      out.prefix.size() == prefix_length &&
      std::all_of(out.prefix.begin(), out.prefix.end(), is_alphanumeric) &&
      out.secret.size() >= min_secret_length && out.secret.size() <= max_secret_length &&
      std::all_of(out.secret.begin(), out.secret.end(), is_secret_character);
  if (!well_formed) return malformed();
  out.kind = *kind;
  return out;
}

}  // namespace millimetric::control
