#pragma once
// Device, browser and operating system from the User-Agent header and its client hints.
//
// Only what an analytics report groups by. Ordered tables of tokens are looked for in the
// lower-cased text; there is no device database, so what the text does not say is not guessed
// beyond the conventions that browsers follow (an Android browser without "Mobile" is a tablet).
// Client hints (https://wicg.github.io/ua-client-hints/) win over the frozen User-Agent.

#include <string_view>

namespace millimetric::event {

// Values of the request headers as sent, quotes and all; empty when absent.
struct client_hints {
  std::string_view brands;    // Sec-CH-UA, such as "Chromium";v="130", "Google Chrome";v="130"
  std::string_view platform;  // Sec-CH-UA-Platform, such as "Windows"
  std::string_view mobile;    // Sec-CH-UA-Mobile, ?0 or ?1
};

// All members point to static storage.
struct user_agent_class {
  std::string_view device_type;  // mobile, tablet, desktop; empty without user agent and hints
  std::string_view browser;      // chrome, firefox, safari, edge, opera; empty for all others
  std::string_view os;           // windows, macos, android, ios, linux; empty for all others
};

// Classifies one client. Browsers built on another's engine, such as Samsung Internet, Vivaldi or
// the browser inside an application, are themselves and so "other" (empty), and so are robots,
// whatever their hints say. Unknown clients are desktops. Only the first 1,024 bytes are read;
// linear in their number.
[[nodiscard]] user_agent_class classify_user_agent(std::string_view user_agent,
                                                   const client_hints& hints = {}) noexcept;

}  // namespace millimetric::event
