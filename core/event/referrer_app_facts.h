#pragma once
// The facts behind find_known_app (referrer_hosts.h): included by referrer_hosts.cpp only.

#include <string_view>

#include "event/referrer_hosts.h"

namespace millimetric::event::host_facts {

using enum host_kind;

// Android packages. A name that ends in '.' stands for all packages below it.
struct app {
  std::string_view package;
  known_host host;
};

inline constexpr app apps[] = {
    {"com.facebook.katana", {"facebook", facebook}},
    {"com.facebook.", {"facebook", facebook}},
    {"com.instagram.android", {"instagram", instagram}},
    {"com.instagram.", {"instagram", instagram}},
    {"com.burbn.instagram", {"instagram", instagram}},
    {"com.instagram.barcelona", {"threads", social}},
    {"com.twitter.android", {"twitter", social}},
    {"com.twitter.android.lite", {"twitter", social}},
    {"com.linkedin.android", {"linkedin", social}},
    {"com.linkedin.", {"linkedin", social}},
    {"com.reddit.frontpage", {"reddit", social}},
    {"com.reddit.", {"reddit", social}},
    {"com.pinterest", {"pinterest", social}},
    {"com.pinterest.twa", {"pinterest", social}},
    {"com.snapchat.android", {"snapchat", social}},
    {"com.zhiliaoapp.musically", {"tiktok", social}},
    {"com.zhiliaoapp.musically.go", {"tiktok", social}},
    {"com.ss.android.ugc.trill", {"tiktok", social}},
    {"com.ss.android.ugc.aweme", {"douyin", social}},
    {"com.google.android.youtube", {"youtube", social}},
    {"com.google.android.apps.plus", {"google_plus", social}},
    {"com.whatsapp", {"whatsapp", social}},
    {"com.whatsapp.", {"whatsapp", social}},
    {"com.discord", {"discord", social}},
    {"com.tumblr", {"tumblr", social}},
    {"com.quora.android", {"quora", social}},
    {"com.vkontakte.android", {"vk", social}},
    {"com.sina.weibo", {"weibo", social}},
    {"com.tencent.mm", {"wechat", social}},
    {"com.tencent.mobileqq", {"qq", social}},
    {"com.xingin.xhs", {"xiaohongshu", social}},
    {"com.zhihu.android", {"zhihu", social}},
    {"tv.danmaku.bili", {"bilibili", social}},
    {"com.viber.voip", {"viber", social}},
    {"com.kakao.talk", {"kakao", social}},
    {"com.zing.zalo", {"zalo", social}},
    {"com.imo.android.imoim", {"imo", social}},
    {"org.thoughtcrime.securesms", {"signal", social}},
    {"com.slack", {"slack", social}},
    {"com.microsoft.teams", {"microsoft_teams", social}},
    {"jp.naver.line.android", {"line", social}},
    {"org.telegram.messenger", {"telegram", social}},
    {"org.telegram.", {"telegram", social}},
    {"org.thunderdog.challegram", {"telegram", social}},
    {"org.joinmastodon.android", {"mastodon", social}},
    {"org.joinmastodon.", {"mastodon", social}},
    {"xyz.blueskyweb.app", {"bluesky", social}},
    {"ru.ok.android", {"odnoklassniki", social}},
    {"tv.twitch.android.app", {"twitch", social}},
    {"com.nextdoor", {"nextdoor", social}},
    {"com.medium.reader", {"medium", social}},
    {"flipboard.app", {"flipboard", social}},
    {"com.bereal.ft", {"bereal", social}},
    {"com.openai.chatgpt", {"chatgpt", ai}},
    {"com.anthropic.claude", {"claude", ai}},
    {"com.google.android.apps.bard", {"gemini", ai}},
    {"com.microsoft.copilot", {"copilot", ai}},
    {"com.deepseek.chat", {"deepseek", ai}},
    {"ai.perplexity.app.android", {"perplexity", ai}},
    {"ai.x.grok", {"grok", ai}},
    {"ai.mistral.chat", {"mistral", ai}},
    {"com.poe.android", {"poe", ai}},
    {"com.google.android.gm", {"email", email}},
    {"com.google.android.gm.", {"email", email}},
    {"com.microsoft.office.outlook", {"email", email}},
    {"com.yahoo.mobile.client.android.mail", {"email", email}},
    {"com.fsck.k9", {"email", email}},
    {"com.samsung.android.email.", {"email", email}},
    {"ch.protonmail.android", {"email", email}},
    {"ru.mail.mailapp", {"email", email}},
    {"com.readdle.spark", {"email", email}},
    {"me.bluemail.mail", {"email", email}},
    {"com.fastmail.app", {"email", email}},
    {"com.basecamp.hey", {"email", email}},
    {"com.google.android.googlequicksearchbox", {"google", search}},
    {"com.google.android.apps.searchlite", {"google", search}},
    {"com.duckduckgo.mobile.android", {"duckduckgo", search}},
    {"com.microsoft.bing", {"bing", search}},
    {"com.ecosia.android", {"ecosia", search}},
    {"com.nhn.android.search", {"naver", search}},
    {"com.yandex.searchapp", {"yandex", search}},
    {"ru.yandex.searchplugin", {"yandex", search}},
    {"com.baidu.searchbox", {"baidu", search}},
};

}  // namespace millimetric::event::host_facts
