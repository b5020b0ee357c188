#include "event/user_agent.h"

#include <string>

#include "../catch.h"

using millimetric::event::classify_user_agent;
using millimetric::event::client_hints;
using millimetric::event::user_agent_class;

namespace {

struct sample {
  std::string_view user_agent;
  user_agent_class expected;
};

void check(const sample& s) {
  INFO(s.user_agent);
  const user_agent_class actual = classify_user_agent(s.user_agent);
  CHECK(actual.device_type == s.expected.device_type);
  CHECK(actual.browser == s.expected.browser);
  CHECK(actual.os == s.expected.os);
}

constexpr std::string_view frozen_android =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36";

}  // namespace

TEST_CASE("the common browsers are recognised on their systems", "[user_agent]") {
  const sample samples[] = {
      {.user_agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/131.0.0.0 Safari/537.36",
       .expected = {.device_type = "desktop", .browser = "chrome", .os = "windows"}},
      {.user_agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.51",
       .expected = {.device_type = "desktop", .browser = "edge", .os = "windows"}},
      {.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, "
                     "like Gecko) Chrome/129.0.0.0 Safari/537.36 OPR/115.0.0.0",
       .expected = {.device_type = "desktop", .browser = "opera", .os = "macos"}},
      {.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
                     "(KHTML, like Gecko) Version/18.1 Safari/605.1.15",
       .expected = {.device_type = "desktop", .browser = "safari", .os = "macos"}},
      {.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
       .expected = {.device_type = "desktop", .browser = "firefox", .os = "linux"}},
      {.user_agent = "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/131.0.0.0 Safari/537.36",
       .expected = {.device_type = "desktop", .browser = "chrome", .os = ""}},
      {.user_agent = frozen_android,
       .expected = {.device_type = "mobile", .browser = "chrome", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
       .expected = {.device_type = "mobile", .browser = "firefox", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
                     "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
       .expected = {.device_type = "mobile", .browser = "safari", .os = "ios"}},
      {.user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
                     "(KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
       .expected = {.device_type = "mobile", .browser = "chrome", .os = "ios"}},
      {.user_agent = "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
                     "like Gecko) FxiOS/132.0 Mobile/15E148 Safari/605.1.15",
       .expected = {.device_type = "tablet", .browser = "firefox", .os = "ios"}},
      {.user_agent = "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1/35.5706; U; en) Presto/2.8.119",
       .expected = {.device_type = "mobile", .browser = "opera", .os = ""}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("an Android browser without Mobile is a tablet, an application is a phone",
          "[user_agent]") {
  const sample samples[] = {
      {.user_agent = "Mozilla/5.0 (Linux; Android 13; Tab P11) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/131.0.0.0 Safari/537.36",
       .expected = {.device_type = "tablet", .browser = "chrome", .os = "android"}},
      // Names that phones have, too.
      {.user_agent = "Mozilla/5.0 (Linux; Android 12; Nokia T20) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/131.0.0.0 Safari/537.36",
       .expected = {.device_type = "tablet", .browser = "chrome", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Linux; U; Android 9; en-US; Tab P11) AppleWebKit/537.36 (KHTML, "
                     "like Gecko) Version/4.0 Chrome/78.0.3904.108 UCBrowser/13.4.0.1306 "
                     "Safari/537.36",
       .expected = {.device_type = "tablet", .browser = "", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Linux; Android 12; Nokia G21) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "chrome", .os = "android"}},
      {.user_agent = "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; en) Presto/2.12.423",
       .expected = {.device_type = "mobile", .browser = "opera", .os = "android"}},
      {.user_agent = "ShopApp/4.2 (Android 14; Pixel 8)",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "ShopApp/4.2 (Android 12; SM-T970)",
       .expected = {.device_type = "tablet", .browser = "", .os = "android"}},
      // An application's tablet by how its maker names it.
      {.user_agent = "Dalvik/2.1.0 (Linux; U; Android 5.1.1; MI PAD 2 MIUI/6.11.3)",
       .expected = {.device_type = "tablet", .browser = "", .os = "android"}},
      {.user_agent = "ShopApp/4.2 Android/4.4 Device/LENOVO-LIFETAB_S1034X",
       .expected = {.device_type = "tablet", .browser = "", .os = "android"}},
      {.user_agent = "ShopApp/4.2 Android/4.4 Device/asus-Nexus_7",
       .expected = {.device_type = "tablet", .browser = "", .os = "android"}},
      {.user_agent = "ShopApp/4.2 Android/4.0 Device/Motorola-XOOM",
       .expected = {.device_type = "tablet", .browser = "", .os = "android"}},
      {.user_agent = "ShopApp/4.2 (Android 5.0; PadFone S; database 3)",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/90.0.4430.210 Safari/537.36",
       .expected = {.device_type = "desktop", .browser = "chrome", .os = "android"}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("Firefox is one browser under each of its names", "[user_agent]") {
  const sample samples[] = {
      {.user_agent = "Mozilla/5.0 (Linux; Android 7.0) AppleWebKit/537.36 (KHTML, like Gecko) "
                     "Version/4.0 Focus/1.0 Chrome/59.0.3029.83 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "firefox", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Linux; Android 7.0) AppleWebKit/537.36 (KHTML, like Gecko) "
                     "Version/4.0 Klar/1.0 Chrome/58.0.3029.83 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "firefox", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) AppleWebKit/605.1.15 "
                     "(KHTML, like Gecko) FxiOS/7.0.4 Mobile/16B91 Safari/605.1.15",
       .expected = {.device_type = "mobile", .browser = "firefox", .os = "ios"}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("brands on a known engine and embedded browsers are no known browser", "[user_agent]") {
  const sample samples[] = {
      {.user_agent = "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/130.0.0.0 Safari/537.36 Vivaldi/7.0.3495.11",
       .expected = {.device_type = "desktop", .browser = "", .os = "windows"}},
      {.user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 "
                     "(KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/480.0.0]",
       .expected = {.device_type = "mobile", .browser = "", .os = "ios"}},
      {.user_agent = "Mozilla/5.0 (Linux; Android 14; Pixel 7; wv) AppleWebKit/537.36 (KHTML, "
                     "like Gecko) Version/4.0 Chrome/130.0.6723.58 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Linux; U; Android 4.0.3; en-us) AppleWebKit/534.30 (KHTML, "
                     "like Gecko) Version/4.0 Mobile Safari/534.30",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:91.0) Gecko/20100101 Firefox/91.0 "
                     "LibreWolf/91.0.1",
       .expected = {.device_type = "desktop", .browser = "", .os = "linux"}},
      {.user_agent = "Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, "
                     "like Gecko) Version/13.0 Safari/605.1.15",
       .expected = {.device_type = "desktop", .browser = "", .os = ""}},
      {.user_agent = "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)",
       .expected = {.device_type = "desktop", .browser = "", .os = "windows"}},
      {.user_agent = "curl/8.5.0", .expected = {.device_type = "desktop", .browser = "", .os = ""}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("a browser that says its own name is it, embedded or on another's device",
          "[user_agent]") {
  const sample samples[] = {
      {.user_agent = "Mozilla/5.0 (Linux; U; Android 9; SM-J530F Build/PPR1.180610.011; wv) "
                     "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/96.0.4664.104 "
                     "Mobile Safari/537.36 OPR/61.0.2254.59937",
       .expected = {.device_type = "mobile", .browser = "opera", .os = "android"}},
      {.user_agent = "BlackBerry9000/4.6 Opera/9.5 (BlackBerry; U; en)",
       .expected = {.device_type = "mobile", .browser = "opera", .os = ""}},
      {.user_agent = "Mozilla/5.0 (Linux; Android 6.0.1; BlackBerry STV100-3 Build/MMB29M) "
                     "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/61.0.3163.98 Mobile "
                     "Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "chrome", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) "
                     "Version/10.0.9.2372 Mobile Safari/537.10+",
       .expected = {.device_type = "mobile", .browser = "", .os = ""}},
      {.user_agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0 Ddg/120.0",
       .expected = {.device_type = "desktop", .browser = "", .os = "windows"}},
      {.user_agent = "Mozilla/5.0 (X11; U; Linux i686; rv:1.8.1) Gecko/20080716 Firefox/2.0 "
                     "Navigator/9.0.0.6",
       .expected = {.device_type = "desktop", .browser = "", .os = "linux"}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("robots are no browser, whatever tokens and hints they carry", "[user_agent]") {
  for (const std::string_view robot : {"compatible; ExampleBot/1.0; +https://example.com/bot",
                                       "compatible; GoogleOther",
                                       "Storebot-Google/1.0",
                                       "SeobilityBot",
                                       "Pingdom.com_bot_version_1.4",
                                       "Example Bot",
                                       "see the page on robots",
                                       "http://example.com/about",
                                       "Chrome-Lighthouse",
                                       "HeadlessChrome/130.0.0.0",
                                       "BingPreview/1.0b",
                                       "Google Favicon",
                                       "Google-InspectionTool/1.0",
                                       "DuplexWeb-Google/1.0",
                                       "GoogleOther",
                                       "SkypeUriPreview Preview/0.5",
                                       "ChatGPT-User/1.0",
                                       "meta-externalagent/1.1",
                                       "Bytespider",
                                       "StatusCake",
                                       "PTST/190628.140653",
                                       "GomezAgent 3.0",
                                       "DatadogSynthetics",
                                       "Dotcom-Monitor",
                                       "Playwright/1.40.0",
                                       "Selenium",
                                       "GoogleImageProxy"}) {
    for (const std::string_view browser :
         {"Chrome/130.0.0.0 Safari/537.36", "Firefox/130.0", "Version/18.1 Safari/605.1.15"}) {
      const std::string agent = "Mozilla/5.0 (X11; Linux x86_64) " + std::string(browser);
      INFO(robot << ", " << browser);
      CHECK(classify_user_agent(agent).browser != "");
      CHECK(classify_user_agent(agent + " (" + std::string(robot) + ")").browser == "");
      CHECK(classify_user_agent(agent + " " + std::string(robot)).browser == "");
      const client_hints hints{.brands = R"("Google Chrome";v="130")"};
      CHECK(classify_user_agent(agent + " " + std::string(robot), hints).browser == "");
    }
  }
  check({.user_agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; "
                       "Google Web Search) Chrome/27.0.1453 Safari/537.36",
         .expected = {.device_type = "desktop", .browser = "", .os = "linux"}});
}

TEST_CASE("what only looks like a robot is a browser", "[user_agent]") {
  const sample samples[] = {
      // A maker of phones whose name ends like a robot's.
      {.user_agent = "Mozilla/5.0 (Linux; Android 11; CUBOT P50) AppleWebKit/537.36 (KHTML, like "
                     "Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "chrome", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Linux; Android 8.0.0; CUBOT_P20) AppleWebKit/537.36 (KHTML, "
                     "like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "chrome", .os = "android"}},
      {.user_agent = "Mozilla/5.0 (Linux; Android 12; Abbott Robotics) AppleWebKit/537.36 (KHTML, "
                     "like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "chrome", .os = "android"}},
      {.user_agent = "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; en) Opera 8.50",
       .expected = {.device_type = "desktop", .browser = "opera", .os = "windows"}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("the name of another thing inside a word tells nothing", "[user_agent]") {
  const sample samples[] = {
      {.user_agent = "Homebrew/4.3.1 (Macintosh; arm64 Mac OS X 14.5) curl/8.6.0",
       .expected = {.device_type = "desktop", .browser = "", .os = "macos"}},
      {.user_agent = "Opera/9.80 (BREW; Opera Mini/5.0/27.2213; U; en) Presto/2.8.119",
       .expected = {.device_type = "mobile", .browser = "opera", .os = ""}},
      {.user_agent = "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; SLCC2; "
                     ".NET CLR 2.0.50727; Tablet PC 2.0)",
       .expected = {.device_type = "desktop", .browser = "", .os = "windows"}},
      {.user_agent = "TripAdvisor/46.0 (Android 13; SM-G991B)",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "Tripod/2.0 (Windows NT 10.0)",
       .expected = {.device_type = "desktop", .browser = "", .os = "windows"}},
      {.user_agent = "Citizen/1.0 (iPhone; iOS 17.1)",
       .expected = {.device_type = "mobile", .browser = "", .os = "ios"}},
      {.user_agent = "transformers/4.40.0; python/3.11.8",
       .expected = {.device_type = "desktop", .browser = "", .os = ""}},
      {.user_agent = "Mozilla/5.0 (Linux; U; Android 4.0.3; Transformer TF101) AppleWebKit/534.30 "
                     "(KHTML, like Gecko) Version/4.0 Safari/534.30",
       .expected = {.device_type = "tablet", .browser = "", .os = "android"}},
      {.user_agent = "Knowledge/2.1 (Windows NT 10.0)",
       .expected = {.device_type = "desktop", .browser = "", .os = "windows"}},
      {.user_agent = "Operator/2.1 (Windows NT 10.0)",
       .expected = {.device_type = "desktop", .browser = "", .os = "windows"}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("systems that borrow another's name are told apart", "[user_agent]") {
  const sample samples[] = {
      {.user_agent = "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) "
                     "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile "
                     "Safari/537.36 Edge/15.15063",
       .expected = {.device_type = "mobile", .browser = "edge", .os = ""}},
      {.user_agent = "Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; "
                     "Touch; rv:11.0; IEMobile/11.0; NOKIA; Lumia 520) like iPhone OS 7_0_3 Mac OS "
                     "X AppleWebKit/537 (KHTML, like Gecko) Mobile Safari/537",
       .expected = {.device_type = "mobile", .browser = "", .os = ""}},
      {.user_agent = "Mozilla/5.0 (New Nintendo 3DS like iPhone) AppleWebKit/536.30 (KHTML, like "
                     "Gecko) NX/3.0.0.5.15 Mobile NintendoBrowser/1.3.10126.US",
       .expected = {.device_type = "mobile", .browser = "", .os = ""}},
      {.user_agent = "Mozilla/5.0 (ExampleOS 2; Mobile; like Android 9) AppleWebKit/537.36 (KHTML, "
                     "like Gecko)",
       .expected = {.device_type = "mobile", .browser = "", .os = ""}},
      {.user_agent = "Mozilla/5.0 (Symbian/3; Series60/5.2 ExamplePhone) AppleWebKit/533.4 "
                     "(KHTML, like Gecko) Mobile Safari/533.4",
       .expected = {.device_type = "mobile", .browser = "safari", .os = ""}},
      {.user_agent = "Mozilla/5.0 (Mobile; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5",
       .expected = {.device_type = "mobile", .browser = "firefox", .os = ""}},
      {.user_agent = "Mozilla/5.0 (Linux; Ubuntu 20.04 like Android 9) AppleWebKit/537.36 "
                     "Chrome/87.0.4280.144 Mobile Safari/537.36",
       .expected = {.device_type = "mobile", .browser = "chrome", .os = "linux"}},
      // Browsers of iOS that ask for a desktop's page.
      {.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, "
                     "like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
       .expected = {.device_type = "tablet", .browser = "safari", .os = "ios"}},
      {.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, "
                     "like Gecko) CriOS/131 Version/13.0.3 Safari/605.1.15",
       .expected = {.device_type = "tablet", .browser = "chrome", .os = "ios"}},
      {.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15) AppleWebKit/605.1.15 (KHTML, "
                     "like Gecko) FxiOS/132.0 Safari/605.1.15",
       .expected = {.device_type = "tablet", .browser = "firefox", .os = "ios"}},
      {.user_agent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, "
                     "like Gecko) Version/17.0 EdgiOS/131.0.2903.68 Safari/605.1.15",
       .expected = {.device_type = "tablet", .browser = "edge", .os = "ios"}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("systems that are named by their parts are known", "[user_agent]") {
  const sample samples[] = {
      {.user_agent = "PlayTube/1.7 CFNetwork/672.0.2 Darwin/14.0.0",
       .expected = {.device_type = "mobile", .browser = "", .os = "ios"}},
      {.user_agent = "Safari/9537.71 CFNetwork/673.0.2 Darwin/13.0.1 (x86_64) (MacBookPro11,1)",
       .expected = {.device_type = "desktop", .browser = "safari", .os = "macos"}},
      {.user_agent = "aws-cli/2.15 Python/3.11 Darwin/23.5.0 source/arm64",
       .expected = {.device_type = "desktop", .browser = "", .os = "macos"}},
      {.user_agent = "curl/7.24.0 (x86_64-apple-darwin12.0) libcurl/7.24.0",
       .expected = {.device_type = "desktop", .browser = "", .os = "macos"}},
      {.user_agent = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 (KHTML, like Gecko) "
                     "Chrome/126.0.6478.124 Safari/537.36 CrKey/1.56.500000 DeviceType/AndroidTV",
       .expected = {.device_type = "desktop", .browser = "chrome", .os = "android"}},
      {.user_agent = "IUC(U;iOS 5.1.1;Zh-cn;320*480;)/UCWEB7.9.0.94/41/997",
       .expected = {.device_type = "mobile", .browser = "", .os = "ios"}},
      {.user_agent = "UCWEB/2.0 (MIDP-2.0; U; Adr 4.4.2; en-US; Model_1) U2/1.0.0 "
                     "UCBrowser/9.4.1.482 U2/1.0.0 Mobile",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "UCWEB/2.0 (Linux; U; Adr 10; en-US; Model_1) U2/1.0.0 UCBrowser/10.9.8.1129",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "UCWEB/2.0 (Linux; U; Adr EXAMPLE A1; en; EXAMPLE_A1) UCBrowser/8.6.0.318",
       .expected = {.device_type = "mobile", .browser = "", .os = "linux"}},
      {.user_agent = "UCWEB/2.0 (iOS; U; iPh OS 6_1_3; en-US; iPh4,1) U2/1.0.0 UCBrowser/9.0.1.284",
       .expected = {.device_type = "mobile", .browser = "", .os = "ios"}},
      {.user_agent = "ShopApp/1.0 (iPh; OS 6_1_3)",
       .expected = {.device_type = "mobile", .browser = "", .os = "ios"}},
      {.user_agent = "Axios/1.7 (curiosity)",
       .expected = {.device_type = "desktop", .browser = "", .os = ""}},
      {.user_agent = "Mozilla/5.0 (Linux; U; en-us; KFTT Build/IML74K) AppleWebKit/535.19 (KHTML, "
                     "like Gecko) Silk/3.4 Safari/535.19 Silk-Accelerated=true",
       .expected = {.device_type = "tablet", .browser = "", .os = "android"}},
      {.user_agent = "JUC (Linux; U; 2.3.6; zh-cn; GT-S7500; 320*352) UCWEB7.9.0.94/139/352",
       .expected = {.device_type = "mobile", .browser = "", .os = "android"}},
      {.user_agent = "Wget/1.11.1 (Red Hat modified)",
       .expected = {.device_type = "desktop", .browser = "", .os = "linux"}},
      {.user_agent = "Opera/9.80 (BlackBerry; Opera Mini/7.0.31437/28.3030; U; en) Presto/2.8.119",
       .expected = {.device_type = "mobile", .browser = "opera", .os = ""}},
      {.user_agent = "Mozilla/5.0 (X11; U; Linux armv6l; en-US; rv:1.9.1b2pre) Gecko/20081015 "
                     "Fennec/1.0a1",
       .expected = {.device_type = "desktop", .browser = "firefox", .os = "linux"}},
      {.user_agent = "Mozilla/5.0 (compatible; Windows; U; Windows NT 6.2; WOW64; en-US; rv:12.0) "
                     "Gecko/20120403211507 Firefox/12.0",
       .expected = {.device_type = "desktop", .browser = "firefox", .os = "windows"}},
      {.user_agent = "Mozilla/5.0 (webOS/1.4.5; U; en-US) AppleWebKit/532.2 (KHTML, like Gecko) "
                     "Version/1.0 Safari/532.2 Pre/1.0",
       .expected = {.device_type = "mobile", .browser = "safari", .os = ""}},
  };
  for (const sample& s : samples) check(s);
}

TEST_CASE("client hints win over the user agent", "[user_agent]") {
  const client_hints edge_on_windows = {
      .brands = R"("Microsoft Edge";v="131", "Chromium";v="131", "Not_A Brand";v="24")",
      .platform = R"("Windows")",
      .mobile = "?0"};
  user_agent_class result = classify_user_agent(frozen_android, edge_on_windows);
  CHECK(result.device_type == "desktop");
  CHECK(result.browser == "edge");
  CHECK(result.os == "windows");

  result = classify_user_agent(frozen_android, {.brands = R"("Chromium";v="131")", .mobile = "?0"});
  CHECK(result.device_type == "tablet");
  CHECK(result.browser == "chrome");
  CHECK(result.os == "android");

  result = classify_user_agent(frozen_android, {.brands = R"("Brave";v="131", "Chromium";v="131")",
                                                .platform = R"("Android")"});
  CHECK(result.device_type == "mobile");
  CHECK(result.browser == "");

  result = classify_user_agent(frozen_android,
                               {.brands = R"("Chromium";v="140", "Avast Secure Browser";v="140")"});
  CHECK(result.browser == "");

  result = classify_user_agent(
      "", {.brands = R"("Google Chrome";v="131")", .platform = R"("Chrome OS")", .mobile = "?0"});
  CHECK(result.device_type == "desktop");
  CHECK(result.browser == "chrome");
  CHECK(result.os == "");

  result = classify_user_agent(frozen_android,
                               {.brands = "nonsense", .platform = "\"\"", .mobile = "yes"});
  CHECK(result.device_type == "mobile");
  CHECK(result.browser == "chrome");
  CHECK(result.os == "android");
}

TEST_CASE("any user agent at all gets an answer, and only none gets no device", "[user_agent]") {
  const user_agent_class none = classify_user_agent("");
  CHECK(none.device_type == "");
  CHECK(none.browser == "");
  CHECK(none.os == "");
  CHECK(classify_user_agent("?").device_type == "desktop");
  CHECK(classify_user_agent(std::string(1 << 20, 'A')).device_type == "desktop");
  CHECK(classify_user_agent(std::string_view("\0\xFF\x80", 3)).device_type == "desktop");
  // Beyond the limit nothing is read.
  CHECK(classify_user_agent(std::string(1024, ' ') + "Firefox/1.0").browser == "");
  CHECK(classify_user_agent(std::string(1013, ' ') + "Firefox/1.0").browser == "firefox");
}

TEST_CASE("a token is found wherever in a user agent it stands", "[user_agent]") {
  const std::string filler = "abcdefghijklmnopqrstuvwxyz0123456789 ;()./-_";
  for (std::size_t before = 0; before < 200; before += 3) {
    INFO(before);
    std::string agent;
    while (agent.size() < before) agent += filler;
    agent.resize(before);
    CHECK(classify_user_agent(agent + "Firefox/1").browser == "firefox");
    CHECK(classify_user_agent(agent + "Firefox/1" + filler).browser == "firefox");
    CHECK(classify_user_agent(agent + "Firefox1").browser == "");
  }
}
