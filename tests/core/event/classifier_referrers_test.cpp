#include "../catch.h"
#include "event/classifier.h"

using millimetric::event::attribution;
using millimetric::event::classify_source;

namespace {

struct site {
  std::string_view referrer, medium, source;
};

void check(const site& s) {
  INFO(s.referrer);
  const attribution actual = classify_source("", s.referrer, "");
  CHECK(actual.medium == s.medium);
  CHECK(actual.source == s.source);
}

}  // namespace

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
      {"https://medium.com/", "social", "medium"},
      {"https://dev.to/", "social", "dev.to"},
      {"https://app.slack.com/client", "social", "slack"},
      {"https://teams.microsoft.com/", "social", "microsoft_teams"},
      {"https://login.live.com/", "social", "windows_live"},
      {"https://lin.ee/x", "social", "line"},
      {"https://vkvideo.ru/", "social", "vk"},
      {"https://www.lemon8-app.com/", "social", "lemon8"},
      {"https://m.blog.naver.com/x", "social", "naver"},
      {"https://boards.4chan.org/g/", "social", "4chan"},
      {"https://kbin.example.org/m/x", "social", "kbin"},
      {"https://social.pleroma.example/", "social", "pleroma"},
      {"https://www.perplexity.ai/", "ai", "perplexity"},
      {"https://pplx.ai/x", "ai", "perplexity"},
      {"https://grok.x.ai/", "ai", "grok"},
      {"https://edgeservices.bing.com/", "ai", "copilot"},
      {"https://sydney.bing.com/", "ai", "copilot"},
      {"https://m365copilot.com/", "ai", "copilot"},
      {"https://assistant.kagi.com/", "ai", "kagi"},
      {"https://ernie.baidu.com/", "ai", "ernie"},
      {"https://gigachat.sber.ru/", "ai", "gigachat"},
      {"https://chat.groq.com/", "ai", "groq"},
      {"https://nova.amazon.com/", "ai", "amazon_nova"},
      {"https://xinghuo.xfyun.cn/", "ai", "xinghuo"},
      {"https://openrouter.ai/", "ai", "openrouter"},
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
      {"https://lens.google/", "organic", "google"},
      {"https://discover.google.com/", "organic", "google"},
      {"https://search.app/x", "organic", "google"},
      {"https://so.toutiao.com/", "organic", "toutiao"},
      {"https://kagi.com/", "organic", "kagi"},
      {"https://outlook.live.com/", "email", "email"},
      {"https://e.mail.ru/", "email", "email"},
      {"https://us.mail.yahoo.com/", "email", "email"},
      {"https://webmail.provider.example/", "email", "email"},
      {"https://webmail1.earthlink.net/", "email", "email"},
      {"https://www.laposte.net/", "email", "email"},
      {"https://connect.xfinity.com/", "email", "email"},
      {"https://deref-web-02.de/", "email", "email"},
      {"https://3c.web.de/", "email", "email"},
      {"https://mail.example.com/", "email", "email"},
      {"https://mail2.example.co.uk/", "email", "email"},
      {"https://email.example.com/c/x", "email", "email"},
      {"https://webmail-eu.example.com/", "email", "email"},
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
                                      "smartstore.naver.com",
                                      "mail.example",
                                      "mail.co.uk",
                                      "mails.example.com",
                                      "email2.example.com",
                                      "mastodonbooks.example",
                                      "webmail",
                                      "webmailing.example",
                                      "bing.example",
                                      "pan.baidu.com",
                                      "baike.baidu.com",
                                      "bat.bing.com",
                                      "amazon.com",
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
      {"android-app://com.Slack/", "social", "slack"},
      {"android-app://com.microsoft.teams/", "social", "microsoft_teams"},
      {"android-app://com.ss.android.ugc.aweme/", "social", "douyin"},
      {"android-app://com.zhiliaoapp.musically.go/", "social", "tiktok"},
      {"android-app://com.tencent.mobileqq/", "social", "qq"},
      {"android-app://org.thoughtcrime.securesms/", "social", "signal"},
      {"android-app://flipboard.app/", "social", "flipboard"},
      {"android-app://com.poe.android/", "ai", "poe"},
      {"android-app://com.readdle.spark/", "email", "email"},
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
  CHECK(rule("https://mail.a.example/", "https://mail.a.example/x", "") == "internal");
  CHECK(rule("https://a.example/", "https://mail.a.example/x", "") == "ref_email");
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
      {"//www.google.com/x", "organic", "google"},
      {"localhost:3000", "referral", "localhost"},
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
