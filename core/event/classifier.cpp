#include "event/classifier.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "base/text.h"
#include "event/letter_case.h"
#include "event/referrer_hosts.h"

namespace millimetric::event {
namespace {

// The two networks whose advertisements are recognised by utm_source.
enum class network { none, facebook, instagram };

// The parameters that say where a visit came from.
enum class tag : std::uint8_t {
  gclid,
  msclkid,
  ttclid,
  li_fat_id,
  fbclid,
  utm_source,
  utm_medium,
  utm_campaign,
  count_,
};
constexpr auto tag_count = static_cast<std::size_t>(tag::count_);
constexpr std::string_view tag_names[] = {"gclid",  "msclkid",    "ttclid",     "li_fat_id",
                                          "fbclid", "utm_source", "utm_medium", "utm_campaign"};
static_assert(std::size(tag_names) == tag_count);

// The tags of a URL, each with its first value that is not empty, found in one pass over the query.
class tags {
 public:
  explicit tags(std::string_view query) noexcept {
    while (const auto parameter = take_parameter(query)) {
      for (std::size_t i = 0; i < tag_count; ++i) {
        if (!encoded_[i].empty() || !decodes_to(parameter->name, tag_names[i])) continue;
        encoded_[i] = parameter->value;
        break;
      }
    }
  }

  // The value, decoded and trimmed; empty when absent.
  std::string text(tag which) const {
    return std::string(trim(decode_text(encoded_[static_cast<std::size_t>(which)])));
  }

  // Whether there is more than white space in the value.
  bool has(tag which) const {
    const std::string_view value = encoded_[static_cast<std::size_t>(which)];
    return !value.empty() && (stands_for_itself(value.front()) || !text(which).empty());
  }

 private:
  // What is never encoded in a query, and never white space.
  static constexpr bool stands_for_itself(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  std::array<std::string_view, tag_count> encoded_;
};

// Everything the rules look at, extracted once.
struct visit {
  tags of_url;
  std::string utm_source;  // trimmed and lower-cased, empty when absent; so is the medium
  std::string utm_medium;
  bool paid_medium = false;
  network utm_network = network::none;

  std::string referrer;  // host without "www.", or name of an application; empty when absent
  std::optional<known_host> referrer_site;
  bool is_internal = false;

  bool has(tag which) const { return of_url.has(which); }
};

struct outcome {
  std::string_view source, medium;
};

// A rule either does not fire or says source and medium, as views of the visit or of literals.
struct rule {
  std::string_view id;
  std::string_view confidence;
  std::optional<outcome> (*apply)(const visit&);
};

template <std::size_t size>
bool contains(const std::string_view (&list)[size], std::string_view word) noexcept {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

constexpr std::string_view paid_mediums[] = {
    "cpc", "ppc", "paid", "paid_social", "paidsocial", "paid_search", "cpm", "display",
};
constexpr std::string_view facebook_names[] = {
    "facebook", "fb", "meta", "facebookads", "fbads", "metaads",
};
constexpr std::string_view instagram_names[] = {"instagram", "ig", "instagramads", "igads"};

// Words that may stand beside a network's name without making it another source.
constexpr std::string_view qualifiers[] = {
    "ad",     "ads",       "adv",     "advert",      "advertising", "app",     "audience",
    "com",    "cpc",       "cpm",     "desktop",     "feed",        "http",    "https",
    "l",      "lm",        "m",       "marketplace", "mobile",      "network", "newsfeed",
    "page",   "paid",      "post",    "ppc",         "reel",        "reels",   "remarketing",
    "social", "sponsored", "stories", "story",       "retargeting", "web",     "www",
};

constexpr bool is_alphanumeric(char c) noexcept {
  // Bytes beyond ASCII are letters of some script: "facebook" must not match inside such a word.
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

// See classify_source; `source` is lower-case. The first name decides.
network named_network(std::string_view source) noexcept {
  network named = network::none;
  while (!source.empty()) {
    const auto end = std::find_if_not(source.begin(), source.end(), is_alphanumeric);
    const std::string_view word = source.substr(0, static_cast<std::size_t>(end - source.begin()));
    source.remove_prefix(std::min(source.size(), word.size() + 1));
    if (word.empty()) continue;
    if (contains(facebook_names, word)) {
      if (named == network::none) named = network::facebook;
    } else if (contains(instagram_names, word)) {
      if (named == network::none) named = network::instagram;
    } else if (!contains(qualifiers, word)) {
      return network::none;
    }
  }
  return named;
}

bool has_scheme(std::string_view referrer, std::string_view scheme) noexcept {
  return equals_ignoring_case(referrer.substr(0, scheme.size()), scheme);
}

// The package of "android-app://PACKAGE/...", the number of "ios-app://NUMBER/..."; empty for
// anything else.
std::string_view application(std::string_view referrer) noexcept {
  std::string_view scheme = "android-app://";
  if (!has_scheme(referrer, scheme)) scheme = "ios-app://";
  if (!has_scheme(referrer, scheme)) return {};
  referrer.remove_prefix(scheme.size());
  const std::string_view name = referrer.substr(0, referrer.find_first_of("/?#"));
  const bool valid = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.';
  });
  return valid ? name : std::string_view();
}

// The host of a Host header, which may carry a port.
std::string_view without_port(std::string_view host) noexcept {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  const bool port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return port ? host.substr(0, colon) : host;
}

void read_referrer(std::string_view referrer, std::string_view own_host, visit& v) {
  referrer = trim(referrer);
  if (const std::string_view app = application(referrer); !app.empty()) {
    v.referrer = to_lower(app);
    v.referrer_site = find_known_app(v.referrer);
  } else if (const auto host = referrer_host(referrer)) {
    v.referrer = host_without_www(*host);
    v.referrer_site = find_known_host(v.referrer);
    v.is_internal = is_same_site(*host, own_host);
  }
}

visit read_visit(const std::optional<url_view>& page, std::string_view referrer,
                 std::string_view request_host) {
  visit v{.of_url = tags(page ? page->query : std::string_view())};
  v.utm_source = lower_letters(v.of_url.text(tag::utm_source));
  v.utm_medium = lower_letters(v.of_url.text(tag::utm_medium));
  v.paid_medium = contains(paid_mediums, v.utm_medium);
  v.utm_network = named_network(v.utm_source);
  read_referrer(referrer, page ? page->host : without_port(trim(request_host)), v);
  return v;
}

std::optional<outcome> when(bool fires, std::string_view source, std::string_view medium) {
  return fires ? std::optional(outcome{source, medium}) : std::nullopt;
}

std::optional<outcome> when_referrer_is(const visit& v, host_kind kind, std::string_view medium) {
  if (!v.referrer_site || v.referrer_site->kind != kind) return std::nullopt;
  return outcome{v.referrer_site->name, medium};
}

// A host that is only named like webmail is a site of its own to itself.
std::optional<outcome> when_referrer_is_webmail(const visit& v) {
  if (v.referrer_site) return when_referrer_is(v, host_kind::email, "email");
  return when(!v.is_internal && is_named_like_webmail(v.referrer), "email", "email");
}

bool is_facebook_redirect(std::string_view host) noexcept {
  return host == "l.facebook.com" || host == "lm.facebook.com";
}

constexpr std::string_view low = "low", medium = "medium", high = "high";

// In order of precedence. The last one always fires.
constexpr rule rules[] = {
    {"gclid", high, [](const visit& v) { return when(v.has(tag::gclid), "google", "paid"); }},
    {"msclkid", high, [](const visit& v) { return when(v.has(tag::msclkid), "bing", "paid"); }},
    {"ttclid", high, [](const visit& v) { return when(v.has(tag::ttclid), "tiktok", "paid"); }},
    {"li_fat_id", high,
     [](const visit& v) { return when(v.has(tag::li_fat_id), "linkedin", "paid"); }},
    {"fb_ad_redirect", high,
     [](const visit& v) {
       return when(v.has(tag::fbclid) && is_facebook_redirect(v.referrer), "facebook", "paid");
     }},
    {"fbclid_utm", high,
     [](const visit& v) {
       const bool insta = v.utm_network == network::instagram;
       return when(v.has(tag::fbclid) && v.utm_network != network::none,
                   insta ? "instagram" : "facebook", "paid");
     }},
    {"utm_paid_facebook", high,
     [](const visit& v) {
       return when(v.paid_medium && v.utm_network == network::facebook, "facebook", "paid");
     }},
    {"utm_paid_instagram", high,
     [](const visit& v) {
       return when(v.paid_medium && v.utm_network == network::instagram, "instagram", "paid");
     }},
    {"utm_paid", high,
     [](const visit& v) {
       return when(v.paid_medium && !v.utm_source.empty(), v.utm_source, "paid");
     }},
    {"utm_paid_unknown", medium,
     [](const visit& v) { return when(v.paid_medium, "unknown", "paid"); }},
    {"fbclid", medium, [](const visit& v) { return when(v.has(tag::fbclid), "facebook", "paid"); }},
    {"utm", high,
     [](const visit& v) {
       std::string_view name = v.utm_medium;
       if (name.empty()) name = "unknown";
       return when(!v.utm_source.empty(), v.utm_source, name);
     }},
    {"ref_facebook", medium,
     [](const visit& v) { return when_referrer_is(v, host_kind::facebook, "social"); }},
    {"ref_instagram", medium,
     [](const visit& v) { return when_referrer_is(v, host_kind::instagram, "social"); }},
    {"ref_social", medium,
     [](const visit& v) { return when_referrer_is(v, host_kind::social, "social"); }},
    {"ref_ai", medium, [](const visit& v) { return when_referrer_is(v, host_kind::ai, "ai"); }},
    {"ref_search", medium,
     [](const visit& v) { return when_referrer_is(v, host_kind::search, "organic"); }},
    {"ref_email", medium, [](const visit& v) { return when_referrer_is_webmail(v); }},
    {"internal", high, [](const visit& v) { return when(v.is_internal, "internal", "direct"); }},
    {"direct", high, [](const visit& v) { return when(v.referrer.empty(), "direct", "direct"); }},
    {"referral", low, [](const visit& v) { return when(true, v.referrer, "referral"); }},
};

}  // namespace

attribution classify_source(std::string_view url, std::string_view referrer,
                            std::string_view request_host) {
  return classify_source(parse_http_url(trim(url)), referrer, request_host);
}

attribution classify_source(const std::optional<url_view>& page, std::string_view referrer,
                            std::string_view request_host) {
  const visit v = read_visit(page, referrer, request_host);
  attribution result;
  if (std::string campaign = v.of_url.text(tag::utm_campaign); !campaign.empty()) {
    result.campaign = std::move(campaign);
  }
  for (const rule& candidate : rules) {
    const auto found = candidate.apply(v);
    if (!found) continue;
    result.source = found->source;
    result.medium = found->medium;
    result.confidence = candidate.confidence;
    result.rule_id = candidate.id;
    break;
  }
  return result;
}

}  // namespace millimetric::event
