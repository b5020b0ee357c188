#pragma once
// Plans and what they allow. Source: contract, section 5.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace millimetric::control {

enum class plan : std::uint8_t { free, pro, business };

struct plan_entry {
  plan which;
  std::string_view name;
  std::int64_t events_a_month;
  int retention_days;
  bool project_mcp;  // may use /mcp
  bool account_mcp;  // may use /mcp/account
};

inline constexpr std::array<plan_entry, 3> plans{{
    {plan::free, "free", 100'000, 30, false, false},
    {plan::pro, "pro", 1'000'000, 90, true, false},
    {plan::business, "business", 10'000'000, 365, true, true},
}};

[[nodiscard]] constexpr const plan_entry& describe(plan p) noexcept {
  return plans[static_cast<std::size_t>(p)];
}

[[nodiscard]] constexpr std::optional<plan> plan_named(std::string_view name) noexcept {
  for (const plan_entry& p : plans)
    if (p.name == name) return p.which;
  return std::nullopt;
}

}  // namespace millimetric::control
