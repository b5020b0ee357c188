#include "event/classification_cache.h"

#include "../catch.h"

using namespace millimetric;
using event::checked_places;
using event::classification_cache;

namespace {

checked_places places(std::string_view url, std::optional<std::string_view> referrer = {}) {
  return {url, event::parse_http_url(url), referrer};
}

void check_source(classification_cache& cache, const checked_places& p) {
  const event::attribution fresh = event::classify_source(p.page, p.referrer.value_or(""), "");
  const event::attribution& kept = cache.source_of(p);
  CHECK(kept.source == fresh.source);
  CHECK(kept.medium == fresh.medium);
  CHECK(kept.campaign == fresh.campaign);
  CHECK(kept.confidence == fresh.confidence);
  CHECK(kept.rule_id == fresh.rule_id);
}

void check_agent(classification_cache& cache, std::string_view user_agent) {
  const event::user_agent_class fresh = event::classify_user_agent(user_agent);
  const event::user_agent_class kept = cache.agent_of(user_agent);
  CHECK(kept.device_type == fresh.device_type);
  CHECK(kept.browser == fresh.browser);
  CHECK(kept.os == fresh.os);
}

}  // namespace

TEST_CASE("a cache of classifications says what the classifiers say, however often it is asked") {
  classification_cache cache;
  for (int round = 0; round < 3; ++round) {
    check_source(cache, places("https://a.example/?utm_source=News&utm_campaign=Spring"));
    check_source(cache, places("https://a.example/?utm_source=News&utm_campaign=Autumn"));
    check_source(cache, places("https://a.example/", "https://www.google.com/"));
    check_source(cache, places("https://a.example/", "https://a.example/b"));
    check_source(cache, places("https://b.example/", "https://a.example/b"));
    check_source(cache, places("https://a.example/", ""));
    check_source(cache, places("https://a.example/"));
    check_agent(cache, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    check_agent(cache, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)");
    check_agent(cache, "");
  }
}

TEST_CASE("where a URL ends and its referrer begins is told apart") {
  classification_cache cache;
  check_source(cache, places("https://a.example/?gclid=1", "https://t.co/"));
  check_source(cache, places("https://a.example/?gclid=", "1https://t.co/"));
}

TEST_CASE("long places and user agents are classified, and more of them than are kept") {
  classification_cache cache;
  for (const std::size_t size : {classification_cache::longest_key - 30,
                                 classification_cache::longest_key, std::size_t{2000}}) {
    const std::string tail(size, 'x');
    for (int round = 0; round < 2; ++round) {
      check_source(cache, places("https://a.example/?utm_source=" + tail, "https://t.co/"));
      check_agent(cache, "Firefox/1.0 " + tail);
    }
  }
  for (std::size_t n = 0; n < 2 * classification_cache::kept_sources; ++n) {
    const std::string number = std::to_string(n);
    check_source(cache, places("https://a.example/?utm_source=" + number));
    check_agent(cache, "Android " + number);
  }
}
