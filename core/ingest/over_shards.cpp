#include "ingest/over_shards.h"

#include "event/place.h"
#include "ingest/append_record.h"
#include "shards/call.h"

namespace millimetric::ingest {
namespace {

using host::context;
using host::task;
using bytes_of = std::vector<result<std::string>>;

// A shard is sealed for as long as the last events take that are to be copied.
constexpr millis wait_ms = 100;
constexpr int most_waits = 50;
// Layouts that are followed one behind the other.
constexpr int most_moves = 8;

error too_many_requests(millis retry_after) {
  const auto seconds = static_cast<std::uint32_t>((retry_after + second_ms - 1) / second_ms);
  return rate_limited("Too many ingest requests for this project; try again in " +
                          std::to_string(seconds) +
                          " s, or send up to 1000 events per request to POST /v1/batch.",
                      seconds);
}

// One round after another, each with the events that are not stored yet.
class appending {
 public:
  appending(const control::project& p, const event::batch& batch) : project_(p), at_(p.at) {
    for (const event::received& e : batch.events) left_.push_back(&e);
  }

  // The records to put to the shards: of the first one alone while the token is to be drawn there.
  std::vector<task<result<std::string>>> calls(context& ctx, store::bucket draws_from) {
    std::vector<event::batch> parts(at_.shards);
    for (const event::received* e : left_) parts[shard(*e)].events.push_back(*e);
    asked_.clear();
    std::vector<task<result<std::string>>> out;
    for (std::uint32_t s = 0; s < at_.shards; ++s) {
      const bool draws = draws_from != store::bucket::none;
      if (draws ? s > 0 : parts[s].events.empty()) continue;
      asked_.push_back(s);
      out.push_back(ctx.call_store(store::store_name(project_.id, at_, s),
                                   append_record(parts[s], draws_from)));
    }
    return out;
  }

  // Takes the answers to the calls.
  // @return the first error.
  result<void> take(const bytes_of& answers) {
    moved_to_.reset();
    waits_ = false;
    error failed;
    bool any_failed = false;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      auto stored = take_one(asked_[i], answers[i]);
      if (stored || any_failed) continue;
      any_failed = true;
      failed = stored.error();
    }
    if (any_failed) return fail(std::move(failed));
    if (moved_to_) at_ = *moved_to_;
    return {};
  }

  [[nodiscard]] bool done() const noexcept { return left_.empty(); }
  [[nodiscard]] bool moved() const noexcept { return moved_to_.has_value(); }
  [[nodiscard]] bool waits() const noexcept { return waits_; }
  // What the control plane says may be older than what the stores said.
  void go_to(const store::layout& now) {
    if (now.generation > at_.generation) at_ = now;
  }
  [[nodiscard]] const store::append_answer& stored() const noexcept { return stored_; }

 private:
  [[nodiscard]] std::uint32_t shard(const event::received& e) const noexcept {
    return store::shard_of(event::place_of(e.what.anonymous_id), at_.shards);
  }

  result<void> take_one(std::uint32_t s, const result<std::string>& bytes) {
    if (!bytes) return fail(shards::storage_failed(bytes.error()));
    if (const auto why = store::refusal_of(*bytes)) {
      if (why->moved_to) moved_to_ = why->moved_to;
      waits_ = waits_ || !why->moved_to;
      return {};
    }
    const auto answer = read_append(*bytes);
    if (!answer) return fail(answer.error());
    stored_.stored += answer->stored;
    stored_.duplicates += answer->duplicates;
    std::erase_if(left_, [&](const event::received* e) { return shard(*e) == s; });
    return {};
  }

  const control::project& project_;
  store::layout at_;
  std::vector<const event::received*> left_;
  std::vector<std::uint32_t> asked_;  // the shards of the round
  std::optional<store::layout> moved_to_;
  bool waits_ = false;
  store::append_answer stored_;
};

}  // namespace

result<store::append_answer> read_append(std::string_view bytes) {
  const auto answer = store::decode_answer<store::append_answer>(bytes);
  if (!answer) return fail(shards::storage_failed(answer.error()));
  if (answer->retry_after > 0) return fail(too_many_requests(answer->retry_after));
  return *answer;
}

task<result<store::append_answer>> append_to_shards(context& ctx, const control::project& p,
                                                    const event::batch& batch,
                                                    store::bucket draws_from) {
  appending events(p, batch);
  int waits = 0;
  for (int moves = 0; waits < most_waits && moves < most_moves;) {
    host::all<result<std::string>> together(events.calls(ctx, draws_from));
    const bytes_of answers = co_await together;
    draws_from = store::bucket::none;
    auto taken = events.take(answers);
    if (!taken) co_return fail(taken.error());
    if (events.done()) co_return events.stored();
    if (events.moved()) {
      if (++moves == 1) continue;  // most often there is one layout behind that of the key's
    } else if (events.waits()) {
      ++waits;
      auto waited = co_await ctx.wake(wait_ms);
      static_cast<void>(waited);
    } else {
      continue;
    }
    auto now = co_await control::find_project(ctx, p.id);
    if (now && *now) events.go_to((*now)->at);
  }
  co_return fail(shards::storage_failed({}));
}

}  // namespace millimetric::ingest
