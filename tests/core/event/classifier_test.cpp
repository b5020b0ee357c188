#include "event/classifier.h"

#include <string>

#include "../catch.h"

using millimetric::event::attribution;
using millimetric::event::classify_source;

namespace {

struct sample {
  std::string_view query = {};  ///< of https://shop.example/
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

struct site {
  std::string_view referrer, medium, source;
};

void check(const site& s) {
  INFO(s.referrer);
  const attribution actual = classify_source("", s.referrer, "");
  CHECK(actual.medium == s.medium);
  CHECK(actual.source == s.source);
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

TEST_CASE("referrers are told apart by host", "[classifier]") {
  const site sites[] = {
      {"https://fb.me/x", "social", "facebook"},
      {"https://m.me/x", "social", "facebook"},
      {"https://x.com/", "social", "twitter"},
      {"https://old.reddit.com/r/x", "social", "reddit"},
      {"https://l.threads.net/", "social", "threads"},
      {"https://uk.linkedin.com/", "social", "linkedin"},
      {"https://www.pinterest.com.au/", "social", "pinterest"},
      {"https://mastodon.example.org/@a", "social", "mastodon"},
      {"https://www.last.fm/", "social", "last.fm"},
      {"https://l.wl.co/l?u=x", "social", "whatsapp"},
      {"https://b23.tv/x", "social", "bilibili"},
      {"https://b.hatena.ne.jp/entry/x", "social", "hatena"},
      {"https://www.perplexity.ai/", "ai", "perplexity"},
      {"https://gemini.google.com/app", "ai", "gemini"},
      {"https://copilot.microsoft.com/", "ai", "copilot"},
      {"https://m365.cloud.microsoft/chat", "ai", "copilot"},
      {"https://gemini.google/", "ai", "gemini"},
      {"https://lmarena.ai/", "ai", "lmarena"},
      {"https://chat.mistral.ai/", "ai", "mistral"},
      {"https://claude.ai/", "ai", "claude"},
      {"https://news.google.co.jp/", "organic", "google"},
      {"https://google.cat/", "organic", "google"},
      {"https://yandex.com.tr/search", "organic", "yandex"},
      {"https://ya.ru/", "organic", "yandex"},
      {"https://de.search.yahoo.com/", "organic", "yahoo"},
      {"https://search.yahoo.co.jp/", "organic", "yahoo"},
      {"https://uk.ask.com/", "organic", "ask"},
      {"https://search.brave.com/", "organic", "brave"},
      {"https://suche.t-online.de/", "organic", "t-online"},
      {"https://m.search.naver.com/", "organic", "naver"},
      {"https://outlook.live.com/", "email", "email"},
      {"https://e.mail.ru/", "email", "email"},
      {"https://us.mail.yahoo.com/", "email", "email"},
      {"https://webmail.provider.example/", "email", "email"},
      {"https://webmail1.earthlink.net/", "email", "email"},
      {"https://www.laposte.net/", "email", "email"},
      {"https://connect.xfinity.com/", "email", "email"},
  };
  for (const site& s : sites) check(s);
}

TEST_CASE("ordinary sites stay referrals, however alike their names are", "[classifier]") {
  for (const std::string_view host : {"notgoogle.com",
                                      "google.example.net",
                                      "google.com.evil.example",
                                      "googleblog.com",
                                      "docs.google.com",
                                      "accounts.google.com",
                                      "google.org",
                                      "finance.yahoo.com",
                                      "research.yahoo.com",
                                      "disk.yandex.ru",
                                      "facebook.com.evil.example",
                                      "notfacebook.com",
                                      "com.facebook.example",
                                      "xx.com",
                                      "netflix.com",
                                      "openai.com",
                                      "anthropic.com",
                                      "search.example.com",
                                      "msn.com",
                                      "t-online.de",
                                      "blog.naver.com",
                                      "mail.example.com",
                                      "mastodonbooks.example",
                                      "webmail",
                                      "webmailing.example",
                                      "bing.example",
                                      "pan.baidu.com",
                                      "localhost",
                                      "192.0.2.1",
                                      "[2001:db8::1]"}) {
    check(site{"https://" + std::string(host) + "/", "referral", host});
  }
}

TEST_CASE("applications are told apart by package or number", "[classifier]") {
  const site sites[] = {
      {"android-app://com.google.android.googlequicksearchbox/", "organic", "google"},
      {"android-app://com.google.android.gm", "email", "email"},
      {"android-app://com.facebook.katana", "social", "facebook"},
      {"ANDROID-APP://com.instagram.android/https/x", "social", "instagram"},
      {"android-app://com.instagram.barcelona", "social", "threads"},
      {"android-app://com.linkedin.android/", "social", "linkedin"},
      {"android-app://com.reddit.frontpage", "social", "reddit"},
      {"android-app://com.twitter.android", "social", "twitter"},
      {"android-app://org.telegram.messenger.web", "social", "telegram"},
      {"android-app://com.openai.chatgpt", "ai", "chatgpt"},
      {"android-app://com.whatsapp.w4b", "social", "whatsapp"},
      {"ios-app://1064216828/reddit/r/x", "social", "reddit"},
      {"IOS-APP://284815942/", "organic", "google"},
      {"ios-app://123456789/", "referral", "123456789"},
      {"android-app://com.facebookish.app", "referral", "com.facebookish.app"},
      {"android-app://com.Example.Notes/x", "referral", "com.example.notes"},
      {"android-app://", "direct", "direct"},
      {"android-app:///x", "direct", "direct"},
      {"android-app://bad package", "direct", "direct"},
  };
  for (const site& s : sites) check(s);
  CHECK(classify_source("", "android-app://com.instagram.android", "").rule_id == "ref_instagram");
}

TEST_CASE("a visit is internal to the host of the URL, or else of the request", "[classifier]") {
  const auto rule = [](std::string_view url, std::string_view referrer, std::string_view host) {
    return classify_source(url, referrer, host).rule_id;
  };
  CHECK(rule("https://a.example/", "https://WWW.A.example/x", "b.example") == "internal");
  CHECK(rule("https://www.a.example/", "https://a.example:8080/", "") == "internal");
  CHECK(rule("https://a.example/", "https://b.example/", "b.example") == "referral");
  CHECK(rule("https://a.example/", "https://sub.a.example/", "") == "referral");
  CHECK(rule("", "https://b.example/", "www.B.example:443") == "internal");
  CHECK(rule("not a url", "https://b.example/", "b.example") == "internal");
  CHECK(rule("", "http://[::1]:80/", "[::1]:8787") == "internal");
  CHECK(rule("", "https://b.example/", "") == "referral");
  // A known site is known even to itself: the order of the rules says so.
  CHECK(rule("https://www.reddit.com/", "https://www.reddit.com/", "") == "ref_social");
}

TEST_CASE("a referrer counts by its host, whatever is before and behind it", "[classifier]") {
  const site sites[] = {
      {"google.com", "organic", "google"},
      {"www.google.com/", "organic", "google"},
      {"https://www.google.com/search?q=two words", "organic", "google"},
      {"ftp://files.example.org/", "referral", "files.example.org"},
      {"https://WWW.News.example", "referral", "news.example"},
      {"www.news.example:8080/x?y=a@b.example", "referral", "news.example"},
      {"news.example/r?u=https://google.com/", "referral", "news.example"},
  };
  for (const site& s : sites) check(s);
  CHECK(classify_source("https://shop.example/", "www.shop.example/cart", "").rule_id ==
        "internal");
}

TEST_CASE("unusable URLs and referrers count as none", "[classifier]") {
  for (const std::string_view referrer : {"",
                                          " ",
                                          "about:blank",
                                          "-",
                                          "(none)",
                                          "null",
                                          "direct",
                                          "/path",
                                          "localhost",
                                          "https://",
                                          "javascript:0",
                                          "javascript:alert(1.0)",
                                          "data:text/html,a.b",
                                          "file:///home/a.html",
                                          "someone@mail.example",
                                          "mailto:someone@mail.example",
                                          "https://exa mple.com/",
                                          "\xFF\xFE",
                                          "https://google.com:99999/",
                                          "https://google.com\\@news.example/",
                                          "1.5"}) {
    INFO(referrer);
    CHECK(classify_source("", referrer, "").rule_id == "direct");
  }
  CHECK(classify_source("/path?gclid=1", "", "").rule_id == "direct");
  CHECK(classify_source(" https://a.example/?gclid=1 ", "", "").rule_id == "gclid");
  CHECK(classify_source("https://a.example/#gclid=1", "", "").rule_id == "direct");
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
