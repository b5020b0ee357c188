#include "event/classifier.h"

#include <string>

#include "../catch.h"

using millimetric::event::attribution;
using millimetric::event::classify_source;

namespace {

struct sample {
  std::string_view query = {};  // of https://shop.example/
  std::string_view referrer = {};
  std::string_view rule;
  std::string_view source;
  std::string_view medium;
  std::string_view confidence;
};

void check(const sample& s) {
  INFO("query " << s.query << " referrer " << s.referrer);
  const std::string url = "https://shop.example/?" + std::string(s.query);
  const attribution actual = classify_source(url, s.referrer, "api.example");
  CHECK(actual.rule_id == s.rule);
  CHECK(actual.source == s.source);
  CHECK(actual.medium == s.medium);
  CHECK(actual.confidence == s.confidence);
}

constexpr std::string_view google = "https://www.google.com/";
constexpr std::string_view redirect = "https://l.facebook.com/l.php?u=x";

}  // namespace

TEST_CASE("each rule of the source classifier fires", "[classifier]") {
  const sample samples[] = {
      {.query = "gclid=a",
       .rule = "gclid",
       .source = "google",
       .medium = "paid",
       .confidence = "high"},
      {.query = "msclkid=a",
       .rule = "msclkid",
       .source = "bing",
       .medium = "paid",
       .confidence = "high"},
      {.query = "ttclid=a",
       .rule = "ttclid",
       .source = "tiktok",
       .medium = "paid",
       .confidence = "high"},
      {.query = "li_fat_id=a",
       .rule = "li_fat_id",
       .source = "linkedin",
       .medium = "paid",
       .confidence = "high"},
      {.query = "fbclid=a",
       .referrer = redirect,
       .rule = "fb_ad_redirect",
       .source = "facebook",
       .medium = "paid",
       .confidence = "high"},
      {.query = "fbclid=a&utm_source=ig",
       .rule = "fbclid_utm",
       .source = "instagram",
       .medium = "paid",
       .confidence = "high"},
      {.query = "fbclid=a&utm_source=Meta",
       .rule = "fbclid_utm",
       .source = "facebook",
       .medium = "paid",
       .confidence = "high"},
      {.query = "utm_medium=cpc&utm_source=fb",
       .rule = "utm_paid_facebook",
       .source = "facebook",
       .medium = "paid",
       .confidence = "high"},
      {.query = "utm_medium=cpc&utm_source=instagram",
       .rule = "utm_paid_instagram",
       .source = "instagram",
       .medium = "paid",
       .confidence = "high"},
      {.query = "utm_medium=cpc&utm_source=+Quora+",
       .rule = "utm_paid",
       .source = "quora",
       .medium = "paid",
       .confidence = "high"},
      {.query = "utm_medium=cpc",
       .rule = "utm_paid_unknown",
       .source = "unknown",
       .medium = "paid",
       .confidence = "medium"},
      {.query = "fbclid=a",
       .rule = "fbclid",
       .source = "facebook",
       .medium = "paid",
       .confidence = "medium"},
      {.query = "utm_source=News%20Letter&utm_medium=+Email+",
       .rule = "utm",
       .source = "news letter",
       .medium = "email",
       .confidence = "high"},
      {.query = "utm_source=poster",
       .rule = "utm",
       .source = "poster",
       .medium = "unknown",
       .confidence = "high"},
      {.referrer = "https://m.facebook.com/",
       .rule = "ref_facebook",
       .source = "facebook",
       .medium = "social",
       .confidence = "medium"},
      {.referrer = "https://l.instagram.com/?u=x",
       .rule = "ref_instagram",
       .source = "instagram",
       .medium = "social",
       .confidence = "medium"},
      {.referrer = "https://t.co/abc",
       .rule = "ref_social",
       .source = "twitter",
       .medium = "social",
       .confidence = "medium"},
      {.referrer = "https://chatgpt.com/",
       .rule = "ref_ai",
       .source = "chatgpt",
       .medium = "ai",
       .confidence = "medium"},
      {.referrer = google,
       .rule = "ref_search",
       .source = "google",
       .medium = "organic",
       .confidence = "medium"},
      {.referrer = "https://mail.google.com/mail/u/0/",
       .rule = "ref_email",
       .source = "email",
       .medium = "email",
       .confidence = "medium"},
      {.referrer = "https://www.shop.example/cart",
       .rule = "internal",
       .source = "internal",
       .medium = "direct",
       .confidence = "high"},
      {.rule = "direct", .source = "direct", .medium = "direct", .confidence = "high"},
      {.referrer = "https://www.Blog.example/post",
       .rule = "referral",
       .source = "blog.example",
       .medium = "referral",
       .confidence = "low"},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("an earlier rule wins over every later one", "[classifier]") {
  const std::string_view everything[] = {"gclid=1",       "msclkid=1", "ttclid=1",
                                         "li_fat_id=1",   "fbclid=1",  "utm_source=fb",
                                         "utm_medium=cpc"};
  const std::string_view winners[] = {"gclid",           "msclkid",        "ttclid",
                                      "li_fat_id",       "fb_ad_redirect", "utm_paid_facebook",
                                      "utm_paid_unknown"};
  for (std::size_t first = 0; first < std::size(everything); ++first) {
    std::string query;
    for (std::size_t i = std::size(everything); i-- > first;) {
      query += std::string(everything[i]) + "&";
    }
    INFO(query);
    const attribution actual = classify_source("https://shop.example/?" + query, redirect, "");
    CHECK(actual.rule_id == winners[first]);
  }
  const sample samples[] = {
      {.query = "fbclid=1&utm_source=ig&utm_medium=cpc",
       .rule = "fbclid_utm",
       .source = "instagram",
       .medium = "paid",
       .confidence = "high"},
      {.query = "fbclid=1&utm_source=google&utm_medium=cpc",
       .rule = "utm_paid",
       .source = "google",
       .medium = "paid",
       .confidence = "high"},
      {.query = "fbclid=1&utm_source=newsletter",
       .rule = "fbclid",
       .source = "facebook",
       .medium = "paid",
       .confidence = "medium"},
      {.query = "utm_source=newsletter",
       .referrer = google,
       .rule = "utm",
       .source = "newsletter",
       .medium = "unknown",
       .confidence = "high"},
      {.query = "utm_medium=email",
       .referrer = google,
       .rule = "ref_search",
       .source = "google",
       .medium = "organic",
       .confidence = "medium"},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("names of parameters and hosts are case-insensitive, empty values are absent",
          "[classifier]") {
  const sample samples[] = {
      {.query = "GCLID=a",
       .rule = "gclid",
       .source = "google",
       .medium = "paid",
       .confidence = "high"},
      {.query = "gclid=&fbclid=%20&utm_source=+&utm_medium=",
       .rule = "direct",
       .source = "direct",
       .medium = "direct",
       .confidence = "high"},
      {.query = "gclid=&gclid=a",
       .rule = "gclid",
       .source = "google",
       .medium = "paid",
       .confidence = "high"},
      {.query = "utm_source=&utm_medium=&utm_source=news&utm_source=b&utm_medium=mail",
       .rule = "utm",
       .source = "news",
       .medium = "mail",
       .confidence = "high"},
      {.query = "FbClid=a",
       .referrer = "HTTPS://LM.FACEBOOK.COM./x",
       .rule = "fb_ad_redirect",
       .source = "facebook",
       .medium = "paid",
       .confidence = "high"},
      {.query = "xgclid=a&gclid2=b",
       .rule = "direct",
       .source = "direct",
       .medium = "direct",
       .confidence = "high"},
      {.referrer = "https://WWW.Google.CO.UK/",
       .rule = "ref_search",
       .source = "google",
       .medium = "organic",
       .confidence = "medium"},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("paid mediums are those of the list, in any letter case", "[classifier]") {
  for (const std::string_view medium : {"cpc", "PPC", "paid", "paid_social", "Paid_Social",
                                        "paidsocial", "paid_search", "+cpm+", "Display"}) {
    INFO(medium);
    const std::string url = "https://shop.example/?utm_source=x&utm_medium=" + std::string(medium);
    CHECK(classify_source(url, "", "").rule_id == "utm_paid");
  }
  for (const std::string_view medium : {"unpaid", "paid_email", "cpc2", "displayed", "paid-social",
                                        "paid+social", "Paid-Search", "paidsearch"}) {
    INFO(medium);
    const std::string url = "https://shop.example/?utm_source=x&utm_medium=" + std::string(medium);
    CHECK(classify_source(url, "", "").rule_id == "utm");
  }
}

TEST_CASE("UTM values are lower-cased and trimmed in other scripts than ASCII's too",
          "[classifier]") {
  struct written {
    std::string_view value, source;
  };
  const written samples[] = {
      {"%C3%89COLE",
       "\xC3\xA9"
       "cole"},
      {"%C3%80%C3%96%C3%97%C3%98%C3%9E%C3%9F%C3%BF",
       "\xC3\xA0\xC3\xB6\xC3\x97\xC3\xB8\xC3\xBE\xC3\x9F\xC3\xBF"},
      {"%C5%81%C3%93D%C5%B9",
       "\xC5\x82\xC3\xB3"
       "d\xC5\xBA"},
      {"%C4%B7%C4%B8%C5%82%C5%B8", "\xC4\xB7\xC4\xB8\xC5\x82\xC3\xBF"},
      {"%CE%91%CE%8A%CE%8C%CE%8F%CE%A9", "\xCE\xB1\xCE\xAF\xCF\x8C\xCF\x8E\xCF\x89"},
      {"%D0%AF%D0%9D%D0%94%D0%95%D0%9A%D0%A1", "\xD1\x8F\xD0\xBD\xD0\xB4\xD0\xB5\xD0\xBA\xD1\x81"},
      {"%D0%81%D0%84%D2%90", "\xD1\x91\xD1\x94\xD2\x91"},
      {"VI%E1%BB%86T%E1%BA%A0%E1%B8%80%E1%BB%BE",
       "vi\xE1\xBB\x87t\xE1\xBA\xA1\xE1\xB8\x81\xE1\xBB\xBF"},
      {"%E1%BA%94%E1%BA%96%E1%BA%9E", "\xE1\xBA\x95\xE1\xBA\x96\xE1\xBA\x9E"},
      {"%C4%B0stanbul", "\xC4\xB0stanbul"},  // its small letter is another length
      {"%E6%9D%B1%E4%BA%AC%F0%9F%98%80", "\xE6\x9D\xB1\xE4\xBA\xAC\xF0\x9F\x98\x80"},
      {"%C2%A0+News%C2%A0Letter%E3%80%80%E2%80%8B", "news letter"},
  };
  for (const written& s : samples) {
    INFO(s.value);
    const std::string value(s.value);
    const attribution actual = classify_source(
        "https://shop.example/?utm_source=" + value + "&utm_medium=" + value, "", "");
    CHECK(actual.source == s.source);
    CHECK(actual.medium == s.source);
  }
  CHECK(classify_source("https://shop.example/?utm_source=%C2%A0", "", "").rule_id == "direct");
}

TEST_CASE("utm_source names Facebook and Instagram by clear forms only", "[classifier]") {
  struct named {
    std::string_view source, rule;
  };
  const named samples[] = {
      {"facebook", "utm_paid_facebook"},
      {"FACEBOOK.COM", "utm_paid_facebook"},
      {"www.facebook.com", "utm_paid_facebook"},
      {"m.facebook.com", "utm_paid_facebook"},
      {"https://facebook.com/", "utm_paid_facebook"},
      {"fb_ads", "utm_paid_facebook"},
      {"facebook-ads", "utm_paid_facebook"},
      {"facebookads", "utm_paid_facebook"},
      {"paid+facebook", "utm_paid_facebook"},
      {"meta", "utm_paid_facebook"},
      {"facebook_instagram", "utm_paid_facebook"},
      {"ig", "utm_paid_instagram"},
      {"ig_stories", "utm_paid_instagram"},
      {"Instagram+Ads", "utm_paid_instagram"},
      {"l.instagram.com", "utm_paid_instagram"},
      {"instagram_ads", "utm_paid_instagram"},
      {"metasearch", "utm_paid"},
      {"meta-search", "utm_paid"},
      {"fbi", "utm_paid"},
      {"notfacebook", "utm_paid"},
      {"facebook.com.evil", "utm_paid"},
      {"big", "utm_paid"},
      {"ads", "utm_paid"},
      {"face+book", "utm_paid"},
      {"\xC3\xA9"
       "fb",
       "utm_paid"},
  };
  for (const named& s : samples) {
    INFO(s.source);
    const std::string url =
        "https://shop.example/?utm_medium=cpc&utm_source=" + std::string(s.source);
    CHECK(classify_source(url, "", "").rule_id == s.rule);
  }
}

TEST_CASE("the campaign is kept by every rule, as it was written", "[classifier]") {
  const auto campaign = [](std::string_view query, std::string_view referrer) {
    return classify_source("https://shop.example/?" + std::string(query), referrer, "").campaign;
  };
  CHECK(campaign("utm_campaign=+Spring%20Sale+", "") == "Spring Sale");
  CHECK(campaign("gclid=1&utm_campaign=A", "") == "A");
  CHECK(campaign("utm_campaign=A", google) == "A");
  CHECK(campaign("utm_campaign=", "") == std::nullopt);
  CHECK(campaign("utm_campaign=%20", "") == std::nullopt);
  CHECK(campaign("", "") == std::nullopt);
}

TEST_CASE("long and hostile input is answered", "[classifier]") {
  const std::string many(1 << 16, '&');
  CHECK(classify_source("https://a.example/?" + many + "gclid=1", "", "").rule_id == "gclid");
  std::string labels = "https://";
  for (int i = 0; i < 1 << 14; ++i) labels += "a.";
  CHECK(classify_source("", labels + "com/", "").rule_id == "referral");
  CHECK(classify_source("https://a.example/?utm_source=" + std::string(1 << 16, '.'), "", "")
            .rule_id == "utm");
  const attribution odd = classify_source("https://a.example/?utm_source=%00%FFx%0A", "", "");
  CHECK(odd.source == "\xEF\xBF\xBDx");
}
