#include "event/user_agent.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace millimetric::event {
namespace {

/// Longer user agents are cut: they carry nothing more and must not cost more.
constexpr std::size_t max_length = 1024;

/// The start of a header, lower-cased, for case-insensitive searches. Some 200 tokens are looked
/// for and few are there, so a set of all the text's triples of letters rules most of them out: it
/// may take a triple for another one, which costs a search, but never misses one.
class lowered {
 public:
  explicit lowered(std::string_view text) noexcept : size_(std::min(text.size(), max_length)) {
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size_), text_.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    for (std::size_t i = 0; i + triple <= size_; ++i) {
      const std::size_t bit = bit_of(text_.data() + i);
      triples_[bit / 64] |= std::uint64_t{1} << bit % 64;
    }
  }

  bool empty() const noexcept { return size_ == 0; }

  bool has(std::string_view token) const noexcept {
    if (token.size() >= triple) {
      const std::size_t bit = bit_of(token.data());
      if ((triples_[bit / 64] >> bit % 64 & 1) == 0) return false;
    }
    return std::string_view(text_.data(), size_).find(token) != std::string_view::npos;
  }

  template <class Tokens>
  bool has_any(const Tokens& tokens) const noexcept {
    return std::any_of(std::begin(tokens), std::end(tokens),
                       [this](std::string_view token) { return has(token); });
  }

 private:
  static constexpr std::size_t triple = 3;
  static constexpr std::size_t bits = 2048;  // a user agent of 130 characters fills 6 % of them

  static std::size_t bit_of(const char* letters) noexcept {
    std::uint32_t key = 0;
    std::memcpy(&key, letters, triple);
    return (key * 0x9E3779B1U) >> 21;  // Knuth's multiplicative hash, to as many as there are bits
  }
  static_assert(bits == std::size_t{1} << (32 - 21));

  std::array<char, max_length> text_;
  std::size_t size_;
  std::array<std::uint64_t, bits / 64> triples_{};
};

/// What a token tells; in a table the first one found decides.
struct sign {
  std::string_view token, value;
};

/// The value of the first sign found, or nullptr.
template <std::size_t size>
const std::string_view* first_sign(const lowered& text, const sign (&signs)[size]) noexcept {
  const auto found = std::find_if(std::begin(signs), std::end(signs),
                                  [&](const sign& s) { return text.has(s.token); });
  return found == std::end(signs) ? nullptr : &found->value;
}

// Tables, laid out by hand.
// clang-format off

/// Systems that borrow another's name come before it: Windows Phone claims Android and iPhone,
/// iOS is "like Mac OS X", Android is "Linux".
constexpr sign os_signs[] = {
    {"windows phone", ""},
    {"windows mobile", ""},
    {"watchos", ""},
    {"tizen", ""},
    {"webos", ""},
    {"web0s", ""},
    {"kaios", ""},
    {"symbian", ""},
    {"iphone", "ios"},
    {"ipad", "ios"},
    {"ipod", "ios"},
    {"android", "android"},
    {"fban/fbios", "ios"},
    {"windows", "windows"},
    {"wince", "windows"},
    {"winnt", "windows"},
    {"win98", "windows"},
    {"win95", "windows"},
    {"win32", "windows"},
    {"win64", "windows"},
    {"macintosh", "macos"},
    {"mac os", "macos"},
    {"macos", "macos"},
    {"mac_powerpc", "macos"},
    {"cros ", ""},
    {"maemo", ""},
    {"linux", "linux"},
    {"ubuntu", "linux"},
};

/// Clients that carry a known browser's token without being it: other brands on its engine,
/// applications that embed it, and robots.
constexpr std::string_view other_brands[] = {
    "vivaldi", "yabrowser", "samsungbrowser", "ucbrowser", "ucweb", "qqbrowser", "miuibrowser",
    "whale/", "brave/", "silk/", "headless", "electron/", "seamonkey", "palemoon", "waterfox",
    "iceweasel", "konqueror", "epiphany", "maxthon", "puffin", "slbrowser", " iron/", "coc_coc",
    "duckduckgo/", "ddg/", "phantomjs", "nwjs", "qtwebengine", "chromium/", "huaweibrowser",
    "heytapbrowser", "vivobrowser", "baidubrowser", "bidubrowser", "baiduboxapp", "metasr",
    "lbbrowser", "qihu", "360se", "sogoumobile", "micromessenger", "fban/", "fbav/", "fb_iab",
    "instagram", "snapchat", "pinterest/", " line/", "kakaotalk", "linkedinapp", "twitter",
    "whatsapp", "telegram", "musical_ly", "bytedance", "gsa/", "; wv)", "klar/", " focus/",
    "ecosia", "naver(", "flipboard", "weibo", "camoufox", "otter/", "qupzilla", "falkon",
    "midori", "blackberry", "bb10", "playbook", "nokiabrowser", "browserng", "kaios", "tizen",
    "web0s", "bot/", "robot", "bot;", "+http", "crawl", "spider", "slurp", "lighthouse",
    "pagespeed", "facebookexternalhit", "like firefox",
};

/// Edge and Opera carry Chrome's and Safari's tokens, Chrome carries Safari's.
constexpr sign browser_signs[] = {
    {"edg/", "edge"},     {"edge/", "edge"},    {"edga/", "edge"},      {"edgios/", "edge"},
    {"opr/", "opera"},    {"opera", "opera"},   {"opios/", "opera"},    {" opt/", "opera"},
    {" opx/", "opera"},   {"firefox/", "firefox"}, {"fxios/", "firefox"}, {"crios/", "chrome"},
    {"chrome/", "chrome"}, {"crmo/", "chrome"},
};

constexpr std::string_view tablet_tokens[] = {
    "ipad", "tablet", "playbook", "kindle", "silk/", "nexus 7", "nexus 9", "nexus 10",
    "transformer", "mediapad", "ideatab", "galaxy tab", "touchpad", "sm-t", "sm-p", "sm-x",
    "gt-p", "gt-n80", "gt-n51", "pixel c", "; kf",
};

/// Television sets often run Android but are neither phone nor tablet.
constexpr std::string_view tv_tokens[] = {
    "smart-tv", "smarttv", "hbbtv", "android tv", "googletv", "google tv", "appletv",
    "apple tv", "bravia", "; aft",
};

constexpr std::string_view phone_tokens[] = {
    "mobile", "mobi/", "iphone", "ipod", "windows phone", "windows ce", "iemobile",
    "blackberry", "bb10", "symbian", "series40", "series 40", "series60", "series 60",
    "s60version", "s60;", "j2me", "midp", "opera mini", "opera mobi", "brew", "palmos",
    "palm os", "pocketpc", "pockettunes", "maemo", "meego", "bada/", "kaios", "wap1", "wap2",
    "up.browser", "obigo", "netfront", "docomo", "ucweb", "ucbrowser", "nokia", "sonyericsson",
    "watchos",
};

// clang-format on

/// Engines of browsers, as opposed to the user agents that applications make up for themselves.
constexpr std::string_view engine_tokens[] = {"applewebkit", "gecko", "presto"};

std::string_view detect_os(const lowered& ua) noexcept {
  const std::string_view* os = first_sign(ua, os_signs);
  return os ? *os : std::string_view();
}

std::string_view detect_browser(const lowered& ua, std::string_view os) noexcept {
  if (ua.has_any(other_brands)) return {};
  if (const std::string_view* browser = first_sign(ua, browser_signs)) return *browser;
  // Android's own browser of old calls itself Safari too.
  return ua.has("safari") && os != "android" ? std::string_view("safari") : std::string_view();
}

std::string_view detect_device(const lowered& ua, std::string_view os) noexcept {
  if (ua.has_any(tv_tokens)) return "desktop";
  if (ua.has_any(tablet_tokens)) return "tablet";
  if (ua.has_any(phone_tokens)) return "mobile";
  if (os == "android") return ua.has_any(engine_tokens) ? "tablet" : "mobile";
  return os == "ios" ? "mobile" : "desktop";
}

/// Brands of Sec-CH-UA; a browser names itself beside "Chromium" and a nonsense brand.
constexpr sign brand_signs[] = {
    {"\"microsoft edge\"", "edge"},
    {"\"opera", "opera"},
    {"\"google chrome\"", "chrome"},
    {"\"brave\"", ""},
    {"\"vivaldi\"", ""},
    {"\"samsung internet\"", ""},
    {"\"yabrowser\"", ""},
    {"\"yandex\"", ""},
    {"\"duckduckgo\"", ""},
    {"\"headlesschrome\"", ""},
    {"\"android webview\"", ""},
    {"\"whale\"", ""},
};

constexpr sign platform_signs[] = {
    {"windows", "windows"}, {"macos", "macos"}, {"mac os", "macos"},
    {"android", "android"}, {"ios", "ios"},     {"chrome os", ""},
    {"chromium os", ""},    {"chromeos", ""},   {"linux", "linux"},
};

void apply_hints(const client_hints& hints, user_agent_class& result) noexcept {
  if (const auto* browser = first_sign(lowered(hints.brands), brand_signs)) {
    result.browser = *browser;
  }
  if (const auto* os = first_sign(lowered(hints.platform), platform_signs)) result.os = *os;
  if (hints.mobile == "?1") {
    result.device_type = "mobile";
  } else if (hints.mobile == "?0" && (result.device_type != "tablet" || !hints.platform.empty())) {
    result.device_type = result.os == "android" || result.os == "ios" ? "tablet" : "desktop";
  }
}

}  // namespace

user_agent_class classify_user_agent(std::string_view user_agent,
                                     const client_hints& hints) noexcept {
  const lowered ua(user_agent);
  user_agent_class result;
  if (!ua.empty()) {
    result.os = detect_os(ua);
    result.browser = detect_browser(ua, result.os);
    result.device_type = detect_device(ua, result.os);
  }
  if (!hints.brands.empty() || !hints.platform.empty() || !hints.mobile.empty())
    apply_hints(hints, result);
  return result;
}

}  // namespace millimetric::event
