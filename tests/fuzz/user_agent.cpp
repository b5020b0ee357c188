// The user agent and its client hints, a line each. Whatever they say, the answer is one of the
// contract's values, the letter case of the user agent means nothing, and what is behind the first
// 1,024 bytes neither.

#include "event/user_agent.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "fuzz/fuzz.h"

namespace millimetric::fuzz {
namespace {

template <std::size_t Size>
void require_one_of(const std::array<std::string_view, Size>& allowed, std::string_view got,
                    std::string_view what) {
  require(std::find(allowed.begin(), allowed.end(), got) != allowed.end(), what, got);
}

bool same(const event::user_agent_class& a, const event::user_agent_class& b) {
  return a.device_type == b.device_type && a.browser == b.browser && a.os == b.os;
}

}  // namespace

void run(std::string_view input) {
  static constexpr std::array<std::string_view, 4> devices{"", "mobile", "tablet", "desktop"};
  static constexpr std::array<std::string_view, 6> browsers{"",       "chrome", "firefox",
                                                            "safari", "edge",   "opera"};
  static constexpr std::array<std::string_view, 6> systems{"",        "windows", "macos",
                                                           "android", "ios",     "linux"};
  constexpr std::size_t read = 1024;
  const std::vector<std::string> given = lines(input, 4);
  const std::string& ua = given[0];
  const event::client_hints hints{given[1], given[2], given[3]};
  const event::user_agent_class got = event::classify_user_agent(ua, hints);

  require_one_of(devices, got.device_type, "a device type of the contract");
  require_one_of(browsers, got.browser, "a browser of the contract");
  require_one_of(systems, got.os, "an operating system of the contract");
  const bool silent = ua.empty() && given[1].empty() && given[2].empty() && given[3].empty();
  if (silent) require(got.device_type.empty(), "no device of a client that says nothing");
  if (!ua.empty()) require(!got.device_type.empty(), "a device of every client with a user agent");
  require(same(got, event::classify_user_agent(to_lower(ua), hints)),
          "the same class in another letter case");
  require(same(got, event::classify_user_agent(ua.substr(0, read), hints)),
          "the same class of the part that is read");
}

}  // namespace millimetric::fuzz
