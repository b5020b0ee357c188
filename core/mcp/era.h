#pragma once
// The protocol's eras, decided per request: the body decides, headers cross-check. Modern is MCP
// 2026-07-28 (each request carries its version, headers mirror the body); legacy is 2025-11-25 and
// before (initialize), and bare requests that say nothing.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "host/frames.h"
#include "mcp/message.h"

namespace millimetric::mcp {

enum class era : std::uint8_t { legacy, modern };

inline constexpr std::string_view modern_version = "2026-07-28";
// Newest first.
inline constexpr std::array<std::string_view, 4> supported_versions{modern_version, "2025-11-25",
                                                                    "2025-06-18", "2025-03-26"};
inline constexpr std::string_view newest_legacy_version = supported_versions[1];

[[nodiscard]] bool is_legacy_version(std::string_view version) noexcept;

// A request that is refused before its method is looked at.
struct rejection {
  error why;
  int http_status = 400;
};

struct detected {
  era in = era::legacy;
  std::optional<rejection> refused;
};

// Checks the envelope and, in the modern era, the headers against it.
// Refusals: invalid_params (envelope), header_mismatch, unsupported_protocol_version.
[[nodiscard]] detected detect_era(const message& m, const host::http_request& http);

// ["2026-07-28",...]
[[nodiscard]] std::string supported_versions_json();

}  // namespace millimetric::mcp
