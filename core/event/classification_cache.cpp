#include "event/classification_cache.h"

namespace millimetric::event {

classification_cache::memory& classification_cache::kept() {
  if (!kept_) kept_ = std::make_unique<memory>();
  return *kept_;
}

const attribution& classification_cache::source_of(const checked_places& p) {
  const place_names names{p.url.value_or(""), p.referrer.value_or("")};
  const std::uint64_t hash = quick_hash(names);
  if (const attribution* const known = kept().sources.find(names, hash)) return *known;
  attribution found = classify_source(p.page, names.second, {});
  if (names.first.size() + names.second.size() > longest_key) return unkept_ = std::move(found);
  return kept().sources.keep({std::string(names.first), std::string(names.second)}, hash,
                             std::move(found));
}

user_agent_class classification_cache::agent_of(std::string_view user_agent) {
  const std::uint64_t hash = millimetric::quick_hash(user_agent);
  if (const user_agent_class* const known = kept().agents.find(user_agent, hash)) return *known;
  const user_agent_class found = classify_user_agent(user_agent);
  if (user_agent.size() > longest_key) return found;
  return kept().agents.keep(std::string(user_agent), hash, found);
}

}  // namespace millimetric::event
