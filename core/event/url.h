#pragma once
// URLs as analytics sees them: absolute http(s) addresses of pages and referrers.
//
// The parser follows the WHATWG URL standard (https://url.spec.whatwg.org/) where it matters
// for telling hosts apart, and is stricter where a browser never produces the lenient form:
// no white space (but see without_white_space), no missing slashes, no percent-escapes in hosts,
// dotted-quad IPv4 only. Hosts are not mapped to punycode; internationalised ones pass as they
// were written. Everything here is linear in the input and copies nothing unless it returns a
// std::string.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millimetric::event {

// Parts of one URL, as views into the string that was parsed (and valid as long as it is).
//
//   https://user:secret@www.example.com:8080/docs/a?utm_source=x#top
//   scheme              host            port path    query        fragment
struct url_view {
  std::string_view scheme;    // "http" or "https", in the letter case it was written in
  std::string_view host;      // never empty; an IPv6 literal keeps its brackets
  std::string_view port;      // digits, value 0-65535; empty when absent
  std::string_view path;      // starts with '/'; "/" (static storage) when absent
  std::string_view query;     // without '?'
  std::string_view fragment;  // without '#'
};

// Splits an absolute http or https URL. User information is accepted and dropped.
// @return nothing when `url` is not such a URL: other schemes, no host or an invalid one, a port
// above 65535, white space or control characters anywhere, a backslash in the authority.
[[nodiscard]] std::optional<url_view> parse_http_url(std::string_view url) noexcept;

// The URL with its white space as browsers take it (https://url.spec.whatwg.org/#url-parsing):
// none and no control character at its ends, no tab and no line break, and "%20" for each other
// space.
[[nodiscard]] std::string without_white_space(std::string_view url);

// The host that a referrer names, as a view into it: that of "scheme://host/...", whatever the
// scheme is, or of "host/..." or "//host/..." when the host has a dot or is localhost with a port.
// What follows the host is not looked at.
// @return nothing without a host, as in "about:blank", "-" and "someone@example.com".
[[nodiscard]] std::optional<std::string_view> referrer_host(std::string_view referrer) noexcept;

// Value of a parameter of an application/x-www-form-urlencoded query (no leading '?').
//
// The name is compared after decoding, ignoring ASCII case, and its first occurrence wins even
// when its value is empty. The value is decoded ('+' is a space); bytes that are not UTF-8
// become U+FFFD, control characters (C0, DEL, C1) are removed and spaces of any width become plain
// ones, so it can be stored as text.
// @return nothing when there is no such parameter.
[[nodiscard]] std::optional<std::string> query_parameter(std::string_view query,
                                                         std::string_view name);

// A parameter as it is written in a query, still encoded; views into the query.
struct encoded_parameter {
  std::string_view name;  // never empty
  std::string_view value;
};

// Takes the next parameter off the query. Nothing when no more are left.
[[nodiscard]] std::optional<encoded_parameter> take_parameter(std::string_view& query) noexcept;

// Whether an encoded name is this one, as query_parameter compares.
[[nodiscard]] bool decodes_to(std::string_view encoded, std::string_view name) noexcept;

// An encoded value as text, as query_parameter decodes.
[[nodiscard]] std::string decode_text(std::string_view encoded);

// Every parameter of such a query in its order, decoded likewise, but with its control characters
// and its spaces: a question about a name must be about that name. Names without a value have "".
[[nodiscard]] std::vector<std::pair<std::string, std::string>> query_parameters(
    std::string_view query);

// The host as sites are compared and shown: lower-cased (see lower_letters), one trailing dot and
// one leading "www." removed (but "www.com" stays, being a site of its own).
[[nodiscard]] std::string host_without_www(std::string_view host);

// Whether two hosts are the same so compared.
[[nodiscard]] bool is_same_site(std::string_view a, std::string_view b);

}  // namespace millimetric::event
