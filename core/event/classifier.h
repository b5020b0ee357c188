#pragma once
// Where a visit came from: the source classifier.
//
// Ordered rules, the first that fires wins:
//
//   1-4    gclid msclkid ttclid li_fat_id    an advertising network's click id in the URL
//   5-6    fb_ad_redirect fbclid_utm         fbclid confirmed by the referrer or by utm_source
//   7-10   utm_paid_facebook utm_paid_instagram utm_paid utm_paid_unknown
//   11-12  fbclid utm                        fbclid alone; any other utm_source
//   13-18  ref_facebook ref_instagram ref_social ref_ai ref_search ref_email
//   19-21  internal direct referral
//
// A pure function of its arguments, linear in their length; whatever it is given, it answers.

#include <optional>
#include <string>
#include <string_view>

#include "event/url.h"

namespace millimetric::event {

struct attribution {
  std::string source;
  std::string medium;
  std::optional<std::string> campaign;  // utm_campaign, trimmed, its letter case kept
  std::string_view confidence;          // "low", "medium" or "high"
  std::string_view rule_id;             // one of the names above
};

// Attributes one event.
//
// Empty parameters count as absent. UTM sources and mediums are trimmed and lower-cased.
// A utm_source names Facebook or Instagram when all its words (split at anything that is not a
// letter or digit) are names of the network, parts of its addresses or words of advertising, as
// in "fb", "m.facebook.com", "facebook-ads" and "IG stories", but not "meta search".
//
// @param url           the page's absolute http(s) URL; anything else counts as none
// @param referrer      a URL of any scheme, such as android-app://PACKAGE, or a bare host such as
//                      google.com; what has no host counts as none
// @param request_host  the Host of the request, used for `internal` when there is no URL
[[nodiscard]] attribution classify_source(std::string_view url, std::string_view referrer,
                                          std::string_view request_host);

// The same for a page whose URL has been parsed.
[[nodiscard]] attribution classify_source(const std::optional<url_view>& page,
                                          std::string_view referrer, std::string_view request_host);

}  // namespace millimetric::event
