#include "store/answer_cache.h"

namespace millimetric::store {
namespace {

// Whether the instant cuts the events at the same place.
bool between(const neighbours& n, millis t) {
  return (!n.before || *n.before < t) && (!n.behind || t <= *n.behind);
}

}  // namespace

const std::string* answer_cache::find(const std::string& question, query::time_range range) const {
  const auto found = answers_.find(question);
  if (found == answers_.end()) return nullptr;
  const entry& e = found->second;
  const bool holds = between(e.valid.from, range.from) && between(e.valid.to, range.to);
  return holds ? &e.answer : nullptr;
}

void answer_cache::keep(std::string question, const range_neighbours& valid, std::string answer,
                        std::uint64_t at_version) {
  if (at_version != version_ || question.size() + answer.size() > max_entry_bytes) return;
  if (answers_.size() >= max_answers && answers_.find(question) == answers_.end()) answers_.clear();
  answers_.insert_or_assign(std::move(question), entry{valid, std::move(answer)});
}

void answer_cache::forget_all() {
  ++version_;
  answers_.clear();
}

}  // namespace millimetric::store
