#pragma once
// What the classifiers said of places and user agents a moment ago: the next batch is of the same
// pages and browsers. What they say depends on nothing else, so it is the same for every project.

#include <memory>
#include <string>
#include <string_view>

#include "base/memo.h"
#include "event/checked.h"
#include "event/classifier.h"

namespace millimetric::event {

// Lives as long as the gateway.
class classification_cache {
 public:
  // Answers that are kept: with their keys some 200 KB as a rule, and 700 KB at most.
  static constexpr std::size_t kept_sources = 1024;
  static constexpr std::size_t kept_agents = 256;
  // Longer ones are classified anew each time, in bytes.
  static constexpr std::size_t longest_key = 512;

  // As classify_source, of places with a URL. Valid until the next call.
  [[nodiscard]] const attribution& source_of(const checked_places& p);
  // As classify_user_agent, without hints.
  [[nodiscard]] user_agent_class agent_of(std::string_view user_agent);

 private:
  struct places {
    std::string url;
    std::string referrer;
    friend bool operator==(const places& a, const place_names& b) noexcept {
      return a.url == b.first && a.referrer == b.second;
    }
  };
  struct memory {
    memo<places, attribution, kept_sources> sources;
    memo<std::string, user_agent_class, kept_agents> agents;
  };

  [[nodiscard]] memory& kept();

  std::unique_ptr<memory> kept_;  // from the first batch on
  attribution unkept_;
};

}  // namespace millimetric::event
