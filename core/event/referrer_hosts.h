#pragma once
// What is known about the sites and apps that send visitors: who they are and of which kind.
//
// The facts are compact tables (referrer_host_facts.h, referrer_app_facts.h), turned into a sorted
// array at compile time. A lookup is a few binary searches, one for the host and one for each of
// its parent domains, the most specific entry winning; nothing is allocated and whole labels are
// compared, so "notgoogle.com" or "google.example.net" never match. Behind rules 13-18 of the
// source classifier.

#include <cstdint>
#include <optional>
#include <string_view>

namespace millimetric::event {

enum class host_kind : std::uint8_t {
  facebook,
  instagram,
  social,  // any other social network or community
  ai,      // an AI assistant
  search,
  email,  // webmail
};

struct known_host {
  std::string_view name;  // short lower-case name such as "google"; lives in static storage
  host_kind kind;
};

// Looks up a web host, which must be lower-case (see host_without_www; "www." does no harm).
// @return nothing for an ordinary site.
[[nodiscard]] std::optional<known_host> find_known_host(std::string_view host) noexcept;

// Whether a host that is not known says that it serves mail, as "mail.example.com" does.
[[nodiscard]] bool is_named_like_webmail(std::string_view host) noexcept;

// Looks up an application by its Android package, as in "android-app://com.reddit.frontpage", or
// its number in Apple's store, as in "ios-app://1064216828".
[[nodiscard]] std::optional<known_host> find_known_app(std::string_view name) noexcept;

}  // namespace millimetric::event
