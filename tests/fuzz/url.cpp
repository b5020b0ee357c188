// A page's URL, a referrer and the request's host, a line each: the URL parser against another one,
// and the classifier against the contract's table.

#include "event/url.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "event/classifier.h"
#include "fuzz/fuzz.h"

namespace millimetric::fuzz {
namespace {

using event::attribution;
using event::url_view;

// The host of an absolute URL, as simply as RFC 3986 has it in its appendix B.
std::string host_by_delimiters(std::string_view url) {
  const std::size_t from = url.find("//") + 2;
  std::string_view authority = url.substr(from);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  authority = authority.substr(authority.rfind('@') + 1);
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return std::string(authority);
  const bool port = bracket == std::string_view::npos || colon > bracket;
  return std::string(port ? authority.substr(0, colon) : authority);
}

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

// "http://" or "https://", a name of letters and dots, then nothing or a slash and printable ASCII:
// what every URL parser takes.
bool is_plain_url(std::string_view url) {
  const std::size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  if (scheme == 0) return false;
  url.remove_prefix(scheme);
  const std::size_t end = std::min(url.find('/'), url.size());
  const std::string_view host = url.substr(0, end);
  bool letter_before = false;
  for (const char c : host) {
    if (!is_letter(c) && !(c == '.' && letter_before)) return false;
    letter_before = is_letter(c);
  }
  return letter_before && std::all_of(url.begin() + static_cast<std::ptrdiff_t>(end), url.end(),
                                      [](char c) { return c > ' ' && c < '\x7F'; });
}

void check_parts(std::string_view url, const url_view& parts) {
  require(equals_ignoring_case(parts.scheme, "http") || equals_ignoring_case(parts.scheme, "https"),
          "a scheme of the web", parts.scheme);
  require(host_by_delimiters(url) == parts.host, "the host that stands between the delimiters",
          parts.host);
  require(is_utf8(parts.host), "a host that is UTF-8", parts.host);
  require(parts.path.starts_with("/"), "a path that begins with a slash", parts.path);
  require(parts.path.find_first_of("?#") == std::string_view::npos, "a path alone", parts.path);
  require(parts.query.find('#') == std::string_view::npos, "a query alone", parts.query);
  const std::string site = event::host_without_www(parts.host);
  require(!site.empty() && site == to_lower(site), "a site in lower case", site);
  const std::string root = "https://" + site + "/";
  const auto again = event::parse_http_url(root);
  require(again && again->host == site, "a site is a host", site);
}

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; });
}

void check_query(std::string_view query) {
  std::vector<std::string> seen;
  for (const auto& [name, value] : event::query_parameters(query)) {
    require(is_utf8(name) && is_utf8(value), "parameters that are UTF-8", name);
    const std::string lower = to_lower(name);
    if (std::find(seen.begin(), seen.end(), lower) != seen.end()) continue;
    seen.push_back(lower);
    // Bytes that are no UTF-8 became U+FFFD in one reading; the other compares bytes.
    if (name.find("\xEF\xBF\xBD") != std::string::npos) continue;
    const auto found = event::query_parameter(query, name);
    require(found.has_value(), "a parameter that is listed is found", name);
    require(is_utf8(*found) && !has_controls(*found), "a value without control characters", *found);
    // What begins a control character or a space beyond ASCII.
    if (!has_controls(value) && value.find_first_of("\xC2\xE2\xE3\xEF") == std::string::npos)
      require(*found == value, "the value that is listed", *found);
  }
}

struct rule {
  std::string_view id;
  std::string_view confidence;
  std::string_view medium;  // empty: what utm_medium says
};
// Contract, section 5.
constexpr std::array<rule, 21> rules{{
    {"gclid", "high", "paid"},
    {"msclkid", "high", "paid"},
    {"ttclid", "high", "paid"},
    {"li_fat_id", "high", "paid"},
    {"fb_ad_redirect", "high", "paid"},
    {"fbclid_utm", "high", "paid"},
    {"utm_paid_facebook", "high", "paid"},
    {"utm_paid_instagram", "high", "paid"},
    {"utm_paid", "high", "paid"},
    {"utm_paid_unknown", "medium", "paid"},
    {"fbclid", "medium", "paid"},
    {"utm", "high", ""},
    {"ref_facebook", "medium", "social"},
    {"ref_instagram", "medium", "social"},
    {"ref_social", "medium", "social"},
    {"ref_ai", "medium", "ai"},
    {"ref_search", "medium", "organic"},
    {"ref_email", "medium", "email"},
    {"internal", "high", "direct"},
    {"direct", "high", "direct"},
    {"referral", "low", "referral"},
}};

void check_text(std::string_view text, std::string_view what) {
  require(!text.empty() && text == trim(text), what, text);
  require(is_utf8(text) && !has_controls(text), what, text);
}

void check_attribution(const attribution& a) {
  const auto* const row =
      std::find_if(rules.begin(), rules.end(), [&](const rule& r) { return r.id == a.rule_id; });
  require(row != rules.end(), "a rule of the contract", a.rule_id);
  require(a.confidence == row->confidence, "the rule's confidence", a.confidence);
  if (!row->medium.empty()) require(a.medium == row->medium, "the rule's medium", a.medium);
  check_text(a.source, "a source that is trimmed text");
  check_text(a.medium, "a medium that is trimmed text");
  require(a.source == to_lower(a.source), "a source in lower case", a.source);
  require(a.medium == to_lower(a.medium), "a medium in lower case", a.medium);
  if (a.campaign) check_text(*a.campaign, "a campaign that is trimmed text");
}

// A click id that nothing else says anything about decides, whatever the rest is.
void check_click_id(std::string_view url, const url_view& parts, std::string_view referrer) {
  if (!parts.fragment.empty() || url.ends_with('#')) return;
  if (event::query_parameter(parts.query, "gclid")) return;
  const bool asks = url.find('?') != std::string_view::npos;
  const std::string clicked = std::string(url) + (asks ? "&" : "?") + "gclid=x";
  const attribution a = event::classify_source(clicked, referrer, "");
  require(a.rule_id == "gclid" && a.source == "google", "a click on an advertisement", clicked);
}

}  // namespace

void run(std::string_view input) {
  const std::vector<std::string> given = lines(input, 3);
  const std::string& url = given[0];
  const auto parts = event::parse_http_url(url);
  if (is_plain_url(url)) require(parts.has_value(), "a plain URL is one", url);
  if (parts) {
    check_parts(url, *parts);
    check_query(parts->query);
    check_click_id(url, *parts, given[1]);
  }
  check_query(given[2]);
  check_attribution(event::classify_source(url, given[1], given[2]));
}

}  // namespace millimetric::fuzz
