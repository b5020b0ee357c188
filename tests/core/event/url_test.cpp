#include "event/url.h"

#include <cstring>
#include <memory>
#include <string>

#include "../catch.h"

using millimetric::event::host_without_www;
using millimetric::event::is_same_site;
using millimetric::event::parse_http_url;
using millimetric::event::query_parameter;
using millimetric::event::query_parameters;
using millimetric::event::referrer_host;
using millimetric::event::url_view;
using millimetric::event::without_white_space;

namespace {

// The text in a heap block of exactly its size, so that a sanitizer sees any read beyond it.
struct exact_copy {
  explicit exact_copy(std::string_view text) : bytes(new char[text.size()]), size(text.size()) {
    if (!text.empty()) std::memcpy(bytes.get(), text.data(), text.size());
  }
  std::string_view view() const { return {bytes.get(), size}; }

  std::unique_ptr<char[]> bytes;
  std::size_t size;
};

}  // namespace

TEST_CASE("an http URL is split into its parts", "[url]") {
  struct sample {
    std::string_view url;
    url_view parts;
  };
  const sample samples[] = {
      {.url = "https://example.com",
       .parts = {.scheme = "https", .host = "example.com", .path = "/"}},
      {.url = "HTTP://Example.COM:8080/a/b?c=d#e",
       .parts = {.scheme = "HTTP",
                 .host = "Example.COM",
                 .port = "8080",
                 .path = "/a/b",
                 .query = "c=d",
                 .fragment = "e"}},
      {.url = "https://example.com?x=1",
       .parts = {.scheme = "https", .host = "example.com", .path = "/", .query = "x=1"}},
      {.url = "https://example.com#top?not=query",
       .parts =
           {.scheme = "https", .host = "example.com", .path = "/", .fragment = "top?not=query"}},
      {.url = "https://user:p@ss@example.com:/x",
       .parts = {.scheme = "https", .host = "example.com", .path = "/x"}},
      {.url = "https://example.com/a?b=c?d#e#f",
       .parts = {.scheme = "https",
                 .host = "example.com",
                 .path = "/a",
                 .query = "b=c?d",
                 .fragment = "e#f"}},
      {.url = "http://[2001:db8::7]:443/",
       .parts = {.scheme = "http", .host = "[2001:db8::7]", .port = "443", .path = "/"}},
      {.url = "http://192.168.0.1/x",
       .parts = {.scheme = "http", .host = "192.168.0.1", .path = "/x"}},
      {.url = "https://b\xC3\xBC"
              "cher.example/",
       .parts = {.scheme = "https",
                 .host = "b\xC3\xBC"
                         "cher.example",
                 .path = "/"}},
      {.url = "https://my_host-1.example./",
       .parts = {.scheme = "https", .host = "my_host-1.example.", .path = "/"}},
      {.url = "http://localhost:65535",
       .parts = {.scheme = "http", .host = "localhost", .port = "65535", .path = "/"}},
      {.url = "https://example.com/\xE2\x82\xAC?q=%20+",
       .parts =
           {.scheme = "https", .host = "example.com", .path = "/\xE2\x82\xAC", .query = "q=%20+"}},
  };
  for (const sample& s : samples) {
    INFO(s.url);
    const exact_copy url(s.url);
    const auto parsed = parse_http_url(url.view());
    REQUIRE(parsed.has_value());
    CHECK(parsed->scheme == s.parts.scheme);
    CHECK(parsed->host == s.parts.host);
    CHECK(parsed->port == s.parts.port);
    CHECK(parsed->path == s.parts.path);
    CHECK(parsed->query == s.parts.query);
    CHECK(parsed->fragment == s.parts.fragment);
  }
}

TEST_CASE("what is not an absolute http URL with a valid host is refused", "[url]") {
  const std::string_view samples[] = {
      "",
      "http",
      "http:",
      "http:/",
      "http://",
      "https:///path",
      "http://?q",
      "http://#f",
      "ftp://example.com",
      "javascript:alert(1)",
      "//example.com",
      "example.com",
      "/path",
      "http:example.com",
      "http:/example.com",
      "mailto:a@example.com",
      "httpss://example.com",
      " https://example.com",
      "https://example.com ",
      "https://exa mple.com",
      "https://example.com/a b",
      "https://example.com/\n",
      "https://example.com/\x7F",
      "https://exam%70le.com",
      "https://exa<mple.com",
      "https://a..b",
      "https://.example.com",
      "https://.",
      "https://user@",
      "https://user@/x",
      "https://example.com:65536",
      "https://example.com:-1",
      "https://example.com:8a",
      "https://example.com:99999999999999999",
      "https://example.com\\@evil.example",
      "https://256.1.1.1",
      "https://1.2.3",
      "https://1",
      "https://1.2.3.04",
      "https://1.2.3.4.5",
      "https://[",
      "https://[]",
      "https://[::1",
      "https://[::1]x",
      "https://[1:2:3]",
      "https://[1:2:3:4:5:6:7:8:9]",
      "https://[12345::]",
      "https://[::1::]",
      "https://[:1:2:3:4:5:6:7]",
      "https://[1:2:3:4:5:6:7:]",
      "https://[g::]",
      "https://[::1.2.3]",
      "https://[1.2.3.4]",
      "https://[fe80::1%25eth0]",
      "https://caf\xC3",
      "https://caf\xC3\x28",
      "https://\xED\xA0\x80.com",
      "https://\xC0\xAF.com",
      "https://a\xE2\x80\xAE"
      "b.com",
      "https://a\xC2\xA0"
      "b.com",
      "https://\xEF\xBB\xBF"
      "a.com",
  };
  for (const std::string_view s : samples) {
    INFO(s);
    CHECK_FALSE(parse_http_url(exact_copy(s).view()).has_value());
  }
  CHECK_FALSE(parse_http_url(std::string_view("https://a.com/\0", 15)).has_value());
}

TEST_CASE("IPv6 hosts may be compressed and end in an IPv4 address", "[url]") {
  const std::string_view hosts[] = {"[::]",
                                    "[::1]",
                                    "[1::]",
                                    "[1:2:3:4:5:6:7:8]",
                                    "[1:2:3:4:5:6:7::]",
                                    "[::ffff:192.0.2.1]",
                                    "[1:2:3:4:5:6:192.0.2.1]",
                                    "[64:FF9B::192.0.2.33]"};
  for (const std::string_view host : hosts) {
    const std::string url = "http://" + std::string(host) + "/";
    INFO(url);
    const auto parsed = parse_http_url(url);
    REQUIRE(parsed.has_value());
    CHECK(parsed->host == host);
  }
}

TEST_CASE("the host of a referrer is found behind any scheme and without one", "[url]") {
  struct sample {
    std::string_view referrer;
    std::optional<std::string_view> host;
  };
  const sample samples[] = {
      {"https://user:p@Example.com:8080/a b?c#d", "Example.com"},
      {"ftp://example.com", "example.com"},
      {"chrome-extension://abcdef/x.html", "abcdef"},
      {"svn+ssh://example.com/", "example.com"},
      {"http://localhost/", "localhost"},
      {"http://[::1]:80/", "[::1]"},
      {"example.com", "example.com"},
      {"example.com:80?x", "example.com"},
      {"192.0.2.1/x", "192.0.2.1"},
      {"localhost", std::nullopt},
      {"a@example.com", std::nullopt},
      {"//example.com/x", "example.com"},
      {"//example", std::nullopt},
      {"localhost:3000", "localhost"},
      {"LocalHost:3000/x", "LocalHost"},
      {"javascript:0", std::nullopt},
      {"/example.com", std::nullopt},
      {"https:/example.com", std::nullopt},
      {"https://", std::nullopt},
      {"https:///example.com", std::nullopt},
      {"https://example.com\\@evil.example", std::nullopt},
      {"blob:https://example.com/x", std::nullopt},
      {"exam ple.com", std::nullopt},
      {"", std::nullopt},
  };
  for (const sample& s : samples) {
    INFO(s.referrer);
    CHECK(referrer_host(exact_copy(s.referrer).view()) == s.host);
  }
}

TEST_CASE("every prefix and every damaged byte of a URL is read within bounds", "[url]") {
  const std::string url = "https://u:p@[::ffff:1.2.3.4]:80/p\xC3\xA9?a=%C3%A9&b=%zz%4#f";
  for (std::size_t size = 0; size <= url.size(); ++size) {
    const exact_copy prefix(std::string_view(url).substr(0, size));
    (void)parse_http_url(prefix.view());
    (void)query_parameter(prefix.view(), "b");
    (void)referrer_host(prefix.view());
  }
  for (std::size_t i = 0; i < url.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string damaged = url;
      damaged[i] = static_cast<char>(byte);
      const exact_copy copy(damaged);
      if (const auto parsed = parse_http_url(copy.view())) CHECK_FALSE(parsed->host.empty());
    }
  }
}

TEST_CASE("no white space and no control character may be anywhere in a URL", "[url]") {
  const std::string url = "https://a.example/some/path/0123456789";
  for (std::size_t i = url.find("/some"); i < url.size(); ++i) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = url;
      changed[i] = static_cast<char>(byte);
      if (i == url.find("/some") && byte != '/') continue;  // it would belong to the host
      const bool fine = byte > 0x20 && byte != 0x7F;
      if (parse_http_url(changed).has_value() != fine) FAIL("byte " << byte << " at " << i);
    }
  }
}

TEST_CASE("white space in a URL is taken as browsers take it", "[url]") {
  struct sample {
    std::string_view url, taken;
  };
  const sample samples[] = {
      {"https://a.example/b", "https://a.example/b"},
      {" \x01\thttps://a.example/b\r\n\x1F ", "https://a.example/b"},
      {"https://a.exa\tmple/\r\nb", "https://a.example/b"},
      {"https://a.example/b c?d=e f#g  h", "https://a.example/b%20c?d=e%20f#g%20%20h"},
      {"https://a.example/b%20c?d=e+f", "https://a.example/b%20c?d=e+f"},
      {"https://a.example/\x7F\x02", "https://a.example/\x7F"},
      {"https://a.example/\x7F/\x02/", "https://a.example/\x7F/\x02/"},
      {" \n ", ""},
      {"", ""},
  };
  for (const sample& s : samples) {
    INFO(s.url);
    CHECK(without_white_space(exact_copy(s.url).view()) == s.taken);
  }
}

TEST_CASE("a query parameter is found by name and decoded", "[url]") {
  struct sample {
    std::string_view query, name;
    std::optional<std::string> value;
  };
  const sample samples[] = {
      {.query = "", .name = "a", .value = std::nullopt},
      {.query = "a=1&b=2", .name = "b", .value = "2"},
      {.query = "UTM_Source=X", .name = "utm_source", .value = "X"},
      {.query = "a=1&a=2", .name = "a", .value = "1"},
      {.query = "a=&a=2", .name = "a", .value = ""},
      {.query = "a", .name = "a", .value = ""},
      {.query = "a=b=c", .name = "a", .value = "b=c"},
      {.query = "ab=1", .name = "a", .value = std::nullopt},
      {.query = "a=1", .name = "ab", .value = std::nullopt},
      {.query = "=1", .name = "", .value = std::nullopt},
      {.query = "&&a=1&", .name = "a", .value = "1"},
      {.query = "utm%5Fsource=x", .name = "utm_source", .value = "x"},
      {.query = "a=one+two%20three%2Bfour", .name = "a", .value = "one two three+four"},
      {.query = "a=%", .name = "a", .value = "%"},
      {.query = "a=%4", .name = "a", .value = "%4"},
      {.query = "a=%zz%41", .name = "a", .value = "%zzA"},
      {.query = "a=%C3%BC", .name = "a", .value = "\xC3\xBC"},
      {.query = "a=\xC3\xBC", .name = "a", .value = "\xC3\xBC"},
      {.query = "a=%FFx%C3", .name = "a", .value = "\xEF\xBF\xBDx\xEF\xBF\xBD"},
      {.query = "a=%ED%A0%80", .name = "a", .value = "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {.query = "a=%F0%9F%92%A9", .name = "a", .value = "\xF0\x9F\x92\xA9"},
      {.query = "a=%F0%9F%92", .name = "a", .value = "\xEF\xBF\xBD"},
      {.query = "a=x%00%0A%1F%7F%C2%85y", .name = "a", .value = "xy"},
      {.query = "a=x%C2%A0y%E2%80%89%E3%80%80z", .name = "a", .value = "x y  z"},
  };
  for (const sample& s : samples) {
    INFO(s.query);
    CHECK(query_parameter(exact_copy(s.query).view(), s.name) == s.value);
  }
}

TEST_CASE("all parameters of a query keep their control characters and spaces", "[url]") {
  const auto all = query_parameters(exact_copy("event=a%0Ab&%00x=%7F&event=c&d=%C2%A0").view());
  REQUIRE(all.size() == 4);
  CHECK(all[3] == std::pair<std::string, std::string>("d", "\xC2\xA0"));
  CHECK(all[0] == std::pair<std::string, std::string>("event", "a\nb"));
  CHECK(all[1] == std::pair<std::string, std::string>(std::string("\0x", 2), "\x7F"));
  CHECK(all[2] == std::pair<std::string, std::string>("event", "c"));
}

TEST_CASE("a host is compared without case, www and the final dot", "[url]") {
  CHECK(host_without_www("WWW.Example.COM.") == "example.com");
  CHECK(host_without_www("example.com") == "example.com");
  CHECK(host_without_www("www.www.example.com") == "www.example.com");
  CHECK(host_without_www("www2.example.com") == "www2.example.com");
  CHECK(host_without_www("www.com") == "www.com");
  CHECK(host_without_www("www.") == "www");
  CHECK(host_without_www("") == "");
  CHECK(host_without_www("WWW.M\u00DCNCHEN.DE") == "m\u00FCnchen.de");
  CHECK(host_without_www("\u041F\u0420\u0418\u041C\u0415\u0420.\u0420\u0424") ==
        "\u043F\u0440\u0438\u043C\u0435\u0440.\u0440\u0444");
}

TEST_CASE("two hosts are the same site without case, www and the final dot", "[url]") {
  CHECK(is_same_site("WWW.Example.COM.", "example.com"));
  CHECK(is_same_site("example.com", "example.com."));
  CHECK(is_same_site("WWW.M\u00DCNCHEN.DE", "m\u00FCnchen.de"));
  CHECK_FALSE(is_same_site("m\u00FCnchen.de", "m\u00FCnchen.at"));
  CHECK_FALSE(is_same_site("www.com", "com"));
  CHECK_FALSE(is_same_site("shop.example.com", "example.com"));
  CHECK_FALSE(is_same_site("example.com", ""));
}
