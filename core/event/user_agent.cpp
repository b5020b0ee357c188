#include "event/user_agent.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace millimetric::event {
namespace {

// Longer user agents are cut: they carry nothing more and must not cost more.
constexpr std::size_t max_length = 1024;

// Tokens of three letters or more, each behind its length, made of a text that separates them by
// '|'. Views of some 200 tokens would take more room than the tokens.
template <std::size_t size>
struct token_list {
  consteval token_list(const char (&separated)[size]) {
    std::size_t start = 0;
    for (std::size_t i = 0; i < size; ++i) {
      if (separated[i] != '|' && separated[i] != '\0') {
        text[i + 1] = separated[i];
        continue;
      }
      text[start] = static_cast<char>(i - start);
      start = i + 1;
    }
  }

  char text[size]{};
};

template <token_list list>
constexpr std::string_view tokens(list.text, sizeof(list.text));

// The start of a header, lower-cased, for case-insensitive searches. Some 200 tokens are looked
// for and few are there, so a set of all the text's triples of letters rules most of them out: it
// may take a triple for another one, which costs a search, but never misses one.
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

  // A token is found anywhere, but "<brew" only where a word begins and "bot>" where one ends.
  bool has(std::string_view token) const noexcept { return may_have(token.data()) && find(token); }

  bool has_any(std::string_view list) const noexcept {
    const char* token = list.data();
    const char* const end = token + list.size();
    for (std::size_t size = 0; token < end; token += size) {
      size = static_cast<std::size_t>(*token++);
      if (may_have(token) && find({token, size})) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t triple = 3;
  static constexpr std::size_t bits = 2048;  // a user agent of 130 characters fills 6 % of them

  bool may_have(const char* token) const noexcept {
    const std::size_t bit = bit_of(*token == '<' ? token + 1 : token);
    return (triples_[bit / 64] >> bit % 64 & 1) != 0;
  }

  bool find(std::string_view token) const noexcept {
    const bool begins = token.front() == '<', ends = token.back() == '>';
    token = token.substr(begins, token.size() - begins - ends);
    const std::string_view text(text_.data(), size_);
    for (std::size_t at = 0; (at = text.find(token, at)) != std::string_view::npos; ++at) {
      const std::size_t end = at + token.size();
      const bool within = (begins && at > 0 && is_letter(text[at - 1])) ||
                          (ends && end < size_ && is_letter(text[end]));
      if (!within) return true;
    }
    return false;
  }

  static bool is_letter(char c) noexcept { return c >= 'a' && c <= 'z'; }

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

// What tokens tell; in a table the first one found decides.
struct sign {
  std::string_view tokens, value;
};

// The value of the first sign found, or nullptr.
const std::string_view* first_sign(const lowered& text, std::span<const sign> signs) noexcept {
  const auto found = std::find_if(signs.begin(), signs.end(),
                                  [&](const sign& s) { return text.has_any(s.tokens); });
  return found == signs.end() ? nullptr : &found->value;
}

// Systems that borrow another's name come before it: Windows Phone claims Android and iPhone,
// consoles and Ubuntu's telephones are "like" another, iOS is "like Mac OS X", Android is "Linux".
// UC Browser shortens to "iPh" and "Adr", the latter also before the name of another system's
// model. Browsers of iOS that ask for a desktop's page say "Macintosh".
constexpr sign os_signs[] = {
    {tokens<"<ubuntu ">, "linux"},
    {tokens<"windows phone|windows mobile|like iphone|like android|watchos|<tizen|webos|web0s|"
            "kaios|symbian|playstation">,
     ""},
    {tokens<"iphone|<ipad|<ipod|<iph>">, "ios"},
    {tokens<"android| silk/|silk-accelerated|<juc(linux|<juc (linux|<adr 1|<adr 2|<adr 3|<adr 4|"
            "<adr 5|<adr 6|<adr 7|<adr 8|<adr 9">,
     "android"},
    {tokens<"fban/fbios|crios/|fxios/|edgios/">, "ios"},
    {tokens<"windows|wince|winnt|win98|win95|win32|win64|winme|win xp">, "windows"},
    {tokens<"macintosh|mac os|macos|mac_powerpc|apple-darwin">, "macos"},
    {tokens<"<cros |maemo">, ""},
    {tokens<"linux|ubuntu|debian|fedora|centos|slackware|red hat">, "linux"},
    {tokens<"<ios>">, "ios"},
};

// Clients that carry a known browser's token without being it: other brands on its engine and
// applications that embed it.
constexpr std::string_view other_brands = tokens<
    "vivaldi|yabrowser|samsungbrowser|ucbrowser|ucweb|qqbrowser|miuibrowser|whale/|brave/|"
    "silk/|electron/|seamonkey|palemoon|waterfox|iceweasel|librewolf|icecat|floorp/|"
    "konqueror|epiphany|maxthon|puffin|slbrowser| iron/|coc_coc|duckduckgo/|ddg/|nwjs|"
    "qtwebengine|chromium/|huaweibrowser|heytapbrowser|vivobrowser|baidubrowser|"
    "bidubrowser|baiduboxapp|metasr|lbbrowser|qihu|360se|sogoumobile|micromessenger|fban/|"
    "fbav/|fb_iab|instagram|snapchat|pinterest/| line/|kakaotalk|linkedinapp|twitter|"
    "whatsapp|telegram|musical_ly|bytedance|gsa/|; wv)|ecosia|naver(|"
    "flipboard|weibo|camoufox|otter/|qupzilla|falkon|midori|oculusbrowser|ubrowser/|"
    "mint browser|comodo_dragon|alohabrowser|quark/|basilisk|k-meleon|flock/|navigator/|"
    "nokiabrowser|browserng|<tizen|web0s|iemobile|playstation|like firefox">;

// BlackBerry's own systems; its telephones with Android have Chrome.
constexpr std::string_view blackberry_tokens = tokens<"blackberry|<bb10|playbook">;

// Robots of every kind: crawlers, previews of links, monitors, assistants that fetch a page. Only
// they say where to read about them, or more than "like Gecko" about their engine.
constexpr std::string_view robot_tokens = tokens<
    "://|like gecko;|robots|crawl|spider|slurp|scrap|fetch|preview|favicon|external|google-|"
    "-google|googleother|-user/|headless|phantomjs|lighthouse|pagespeed|prerender|"
    "screenshot|imageproxy|archive|validator|statuscake|ptst/|gomez|synthetic|pingdom|"
    "catchpoint|gtmetrix|uptime|monitor|playwright|selenium">;

// Who has these tokens is it, whatever else it borrows; but DuckDuckGo's browser has Edge's.
constexpr sign sure_browser_signs[] = {
    {tokens<"opera mini/">, "opera"},
    {tokens<"ddg/">, ""},
    {tokens<"edg/|<edge/|edga/|edgios/">, "edge"},
    {tokens<"opr/|<opera>|opios/| opt/| opx/| coast/">, "opera"},
};

// Firefox Focus (Klar in German) carries Chrome's and Safari's tokens, Chrome carries Safari's.
constexpr sign browser_signs[] = {
    {tokens<"firefox/|fxios/|fennec/| focus/|klar/">, "firefox"},
    {tokens<"crios/|chrome/|crmo/">, "chrome"},
};

constexpr std::string_view tablet_tokens = tokens<
    "<ipad|tablet|playbook|kindle|silk/|nexus 7|nexus 9|nexus 10|transformer>|mediapad|"
    "ideatab|galaxy tab|touchpad|<sm-t|<sm-p|<sm-x|<gt-p|<gt-n80|<gt-n51|pixel c>|; kf">;

// Television sets often run Android but are neither phone nor tablet.
constexpr std::string_view tv_tokens = tokens<
    "smart-tv|smarttv|hbbtv|android tv|androidtv|crkey|mitv|googletv|google tv|"
    "appletv|apple tv|bravia|; aft">;

constexpr std::string_view phone_tokens = tokens<
    "mobile|mobi/|iphone|<ipod|windows phone|windows ce|iemobile|blackberry|<bb10|symbian|"
    "series40|series 40|series60|series 60|s60version|<s60;|j2me|midp>|opera mini|"
    "opera mobi|<brew|palmos|palm os|pocketpc|pockettunes|maemo|meego|bada/|kaios|<wap1|"
    "<wap2|up.browser|obigo|netfront|docomo|ucweb|ucbrowser|nokia|sonyericsson|watchos|foma;|kddi-|"
    "willcom;|hiptop|webos/|teleca">;

// Of the tokens of phones, those that an Android tablet's model or browser cannot carry.
constexpr std::string_view mobile_tokens = tokens<"mobile|mobi/|opera mini|opera mobi">;

// Makers of phones, whose Android devices may be tablets.
constexpr std::string_view maker_tokens = tokens<"<samsung-|<lg-|<lge |<mot-">;

// Engines of browsers, as opposed to the user agents that applications make up for themselves.
constexpr std::string_view engine_tokens = tokens<"applewebkit|gecko|presto">;

// How makers name tablets. Only for user agents of applications: in those of browsers "Mobile"
// tells, and telephones have such names, too.
constexpr std::string_view tablet_model_tokens = tokens<"pad>|tab>|xoom|nexus_7">;

// Of Darwin's systems, which applications name by their kernel alone, only the desktop's tells its
// processor, and only the desktop has programs that do not use its own network library.
constexpr std::string_view mac_tokens = tokens<"x86_64|i386|power%20mac|macbook|macmini|imac">;

std::string_view detect_os(const lowered& ua) noexcept {
  if (const std::string_view* os = first_sign(ua, os_signs))
    return *os == "macos" && ua.has("mobile/") ? "ios" : *os;  // an iPad in desktop mode
  if (!ua.has("darwin/")) return {};
  return ua.has("cfnetwork") && !ua.has_any(mac_tokens) ? "ios" : "macos";
}

bool is_robot(const lowered& ua) noexcept {
  if (ua.has_any(robot_tokens)) return true;
  // Browsers are compatible with nothing but this one.
  if (ua.has("compatible;") && !ua.has_any(tokens<"msie|<opera|compatible; windows">)) return true;
  return ua.has("bot>") && !ua.has("cubot");  // a maker of phones
}

std::string_view detect_browser(const lowered& ua, std::string_view os) noexcept {
  if (const std::string_view* browser = first_sign(ua, sure_browser_signs)) return *browser;
  if (ua.has_any(other_brands)) return {};
  if (os != "android" && ua.has_any(blackberry_tokens)) return {};
  if (const std::string_view* browser = first_sign(ua, browser_signs)) return *browser;
  // Android's own browser of old calls itself Safari too.
  return ua.has("safari") && os != "android" ? std::string_view("safari") : std::string_view();
}

std::string_view detect_device(const lowered& ua, std::string_view os) noexcept {
  if (ua.has_any(tv_tokens)) return "desktop";
  // Tablets with Windows do not say so; "Tablet PC" is a part of any Windows.
  if (os != "windows" && ua.has_any(tablet_tokens)) return "tablet";
  if (os == "ios" && ua.has("macintosh")) return "tablet";  // an iPad in desktop mode
  if (os == "android") {
    if (ua.has_any(mobile_tokens)) return "mobile";
    return ua.has_any(engine_tokens) || ua.has_any(tablet_model_tokens) ? "tablet" : "mobile";
  }
  if (ua.has_any(phone_tokens)) return "mobile";
  return os == "ios" || ua.has_any(maker_tokens) ? "mobile" : "desktop";
}

// Brands of Sec-CH-UA; a browser names itself beside "Chromium" and a nonsense brand.
constexpr sign brand_signs[] = {
    {tokens<"\"microsoft edge\"">, "edge"},
    {tokens<"\"opera">, "opera"},
    {tokens<"\"google chrome\"">, "chrome"},
    {tokens<
         "\"brave\"|\"vivaldi\"|\"samsung internet\"|\"yabrowser\"|\"yandex\"|\"duckduckgo\"|"
         "\"headlesschrome\"|\"android webview\"|\"whale\"|\"avast |\"avg |\"norton |\"ccleaner |"
         "\"ecosia|\"oculus |\"mi browser|\"huaweibrowser|\"amazon silk">,
     ""},
};

constexpr sign platform_signs[] = {
    {tokens<"windows">, "windows"},
    {tokens<"macos|mac os">, "macos"},
    {tokens<"android">, "android"},
    {tokens<"ios">, "ios"},
    {tokens<"chrome os|chromium os|chromeos">, ""},
    {tokens<"linux">, "linux"},
};

void apply_hints(const client_hints& hints, bool robot, user_agent_class& result) noexcept {
  if (const auto* browser = first_sign(lowered(hints.brands), brand_signs); browser && !robot) {
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
  const bool robot = is_robot(ua);
  user_agent_class result;
  if (!ua.empty()) {
    result.os = detect_os(ua);
    if (!robot) result.browser = detect_browser(ua, result.os);
    result.device_type = detect_device(ua, result.os);
  }
  if (!hints.brands.empty() || !hints.platform.empty() || !hints.mobile.empty())
    apply_hints(hints, robot, result);
  return result;
}

}  // namespace millimetric::event
