#include "history.h"

#include <algorithm>
#include <memory>

#include "answer_texts.h"
#include "oracle.h"
#include "segment/fields.h"

namespace millimetric::store {
namespace {

using query::end_of_time;

constexpr std::string_view kinds_of_clock_moves[] = {"a millisecond", "an hour", "a day", "a week"};
constexpr millis clock_moves[] = {1, hour_ms, day_ms, 7 * day_ms};

}  // namespace

segment::limits tiny_limits() {
  segment::limits l;
  l.events = 96;
  l.small_events = 12;
  l.sealed_events = 48;
  l.least_apart = 40;
  l.block_values = 7;
  l.stored_block_bytes = 60;
  l.group_bytes = 12;
  l.group_rows = 4;
  l.merge_inputs = 3;
  l.level_ends = {4, 12, 24};
  l.upkeep_rows = 1;
  l.rows_per_count = 0;
  l.least_url_references = 1;
  l.least_summarised = 1;
  l.segments_together = 2;
  l.guess_rows = 1;
  l.rows_at_once = 5;
  l.funnel_events = 60;
  return l;
}

history::history(std::string_view seed)
    : random_(seed),
      segments_({.upkeep = native::upkeep_runs::when_told, .limits = tiny_limits()}),
      rows_({.store = native::store_kind::sql}) {
  segments_.now = rows_.now = random_world::last;
}

// What goes wrong mostly does so soon: many short ones find more than fewer long ones, some find
// what takes long.
std::size_t history::length() {
  return random_.one_in(12) ? 5 + random_.below(36) : 1 + random_.below(5);
}

std::optional<std::string> history::run() {
  try {
    // Enough for a merge, mostly.
    for (std::size_t left = random_.below(5); left > 0; --left) append();
    for (std::size_t left = length(); left > 0; --left) step();
    settle();
    everything();
  } catch (const gone_wrong& wrong) {
    return wrong.what();
  }
  return std::nullopt;
}

void history::step() {
  const std::size_t which = random_.below(100);
  if (which < 45) return append();
  if (which < 50) return move_clock();
  if (which < 68) return upkeep();
  if (which < 72) return expire();
  if (which < 75) return forget();
  if (which < 78) {
    note("evicted");
    return segments_.restart();
  }
  question();
}

void history::expect(bool holds, const std::string& what) {
  if (!holds) throw gone_wrong(what);
}

template <class Answer, class Request>
Answer history::oracle(operation op, Request q) {
  auto answer = rows_.ask<Answer>("prj", op, std::move(q));
  if (!answer) throw gone_wrong("the oracle failed: " + answer.error().message);
  return std::move(*answer);
}

std::uint64_t history::stored() {
  const auto storage = store<storage_answer>(operation::storage, storage_request{});
  expect(storage.has_value(), "storage failed");
  expect(storage->damaged_segments == 0, "a segment is damaged");
  return storage->events;
}

std::uint64_t history::expected() {
  return oracle<query::explanation>(operation::explain, explain_request{{{0, end_of_time}, {}}, {}})
      .events;
}

void history::choose_times(asked& events) {
  const std::size_t how = random_.below(4);
  const millis start = random_.time();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (how == 0) events[i].timestamp = start;
    if (how == 1) events[i].timestamp = start + static_cast<millis>(i);
    if (how == 2) events[i].timestamp = segments_.now - static_cast<millis>(random_.below(5000));
  }
}

history::asked history::batch() {
  asked out(1 + random_.below(random_.one_in(3) ? 30 : 5));
  for (event::record& r : out) r = random_.event();
  choose_times(out);
  for (event::record& r : out) {
    times_.push_back(r.timestamp);
    if (random_.one_in(2)) r.session_id = segment::default_session(r.anonymous_id, r.timestamp);
    if (!random_.one_in(3)) continue;
    r.event_id = "id-" + std::to_string(random_.below(20));
    r.client_event_id = true;
  }
  return out;
}

void history::plan_crash() {
  crashing_ = !calm_ && random_.one_in(5);
  if (!crashing_) return;
  note("  (effects fail soon)");
  crashed_ = false;
  segments_.fails = [this, left = random_.below(6)](std::string_view, const host::effect&) mutable {
    if (left > 0) {
      --left;
      return false;
    }
    return crashed_ = true;
  };
}

void history::recover() {
  segments_.fails = nullptr;
  if (!crashing_) return;
  crashing_ = false;
  // Without an eviction the store must find its way from what it remembers.
  if (random_.one_in(4)) return;
  note("  (evicted)");
  segments_.restart();
}

std::vector<append_answer> history::stored_together(const std::vector<append_records>& requests) {
  std::vector<append_answer> out;
  if (requests.size() == 1) {
    const auto answer = store<append_answer>(operation::append, requests.front());
    if (answer) out.push_back(*answer);
    return out;
  }
  for (const result<append_answer>& answer : append_all(segments_, "prj", requests))
    if (answer) out.push_back(*answer);
  expect(out.empty() || out.size() == requests.size(),
         "some of the appends that came together failed");
  return out;
}

void history::append() {
  std::vector<append_records> requests(random_.one_in(4) ? 2 + random_.below(3) : 1);
  for (append_records& request : requests) {
    request.events = batch();
    std::string ids;
    for (const event::record& r : request.events)
      if (r.client_event_id) ids += " " + r.event_id;
    note("append " + std::to_string(request.events.size()) + " events; ids" + ids);
  }
  if (requests.size() > 1) note("  (together)");
  plan_crash();
  auto answers = stored_together(requests);
  recover();
  if (answers.empty()) {
    expect(crashed_, "an append failed");
    expect(stored() == expected(), "an append that failed left something");
    note("  (failed; again)");
    answers = stored_together(requests);
    expect(!answers.empty(), "an append failed when repeated");
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto right = oracle<append_answer>(operation::append, requests[i]);
    expect(answers[i].stored == right.stored && answers[i].duplicates == right.duplicates,
           "stored " + std::to_string(answers[i].stored) + " instead of " +
               std::to_string(right.stored));
  }
  expect(stored() == expected(), "an append stored something else than it said");
}

void history::move_clock() {
  const std::size_t which = random_.below(std::size(clock_moves));
  // A week to the millisecond is what ids are remembered for.
  const millis by = clock_moves[which] - static_cast<millis>(random_.below(2));
  note("clock: " + std::string(kinds_of_clock_moves[which]));
  segments_.now = rows_.now = segments_.now + by;
}

void history::upkeep() {
  const std::size_t steps = 1 + random_.below(random_.one_in(2) ? 4 : 60);
  note("upkeep: " + std::to_string(steps) + " steps");
  plan_crash();
  bool more = true;
  for (std::size_t i = 0; i < steps && more; ++i) {
    const auto done = store<maintain_answer>(operation::maintain, maintain_request{});
    if (!done) expect(crashing_ && crashed_, "upkeep failed: " + done.error().message);
    more = done && done->more;
  }
  recover();
  if (!more || !random_.one_in(5)) return;
  // What deletes has to find what a merge under way has read.
  random_.one_in(3) ? expire() : forget();
}

void history::expire() {
  const millis before = random_.time() - static_cast<millis>(random_.below(60)) * day_ms;
  const std::uint32_t limit = random_.one_in(2) ? 3 : 100'000;
  note("expire before " + std::to_string(before) + ", " + std::to_string(limit) + " at a time");
  const auto right = oracle<expire_answer>(operation::expire, expire_request{before, 100'000});
  plan_crash();
  const bool disturbed = crashing_;
  std::uint64_t deleted = 0;
  for (;;) {
    const auto answer = store<expire_answer>(operation::expire, expire_request{before, limit});
    if (!answer) expect(crashing_ && crashed_, "expiry failed: " + answer.error().message);
    if (crashing_) recover();
    if (!answer) continue;
    deleted += answer->deleted;
    if (!answer->more) break;
  }
  expect(disturbed || deleted == right.deleted,
         "expired " + std::to_string(deleted) + " instead of " + std::to_string(right.deleted));
}

result<forget_answer> history::forget_steps(forget_request whom) {
  for (;;) {
    auto step = store<forget_answer>(operation::forget, whom);
    if (!step || !step->more) return step;
    note("  (" + std::to_string(step->deleted) + " so far)");
    whom.deleted_before = step->deleted;
    // Other calls come between.
    for (std::size_t i = random_.below(30); i > 0; --i)
      static_cast<void>(store<maintain_answer>(operation::maintain, maintain_request{}));
  }
}

void history::forget() {
  forget_request request;
  if (random_.one_in(2))
    request.user_id = "user-" + std::to_string(random_.below(7));
  else
    request.anonymous_id = "visitor-" + std::to_string(random_.below(13));
  note("forget " + request.user_id.value_or(request.anonymous_id.value_or("")));
  const auto right = oracle<forget_answer>(operation::forget, request);
  plan_crash();
  auto answer = forget_steps(request);
  const bool disturbed = !answer;
  expect(answer || crashed_, "forgetting failed");
  recover();
  if (!answer) answer = forget_steps(request);
  expect(answer.has_value(), "forgetting failed when repeated");
  expect(
      disturbed || answer->deleted == right.deleted,
      "forgot " + std::to_string(answer->deleted) + " instead of " + std::to_string(right.deleted));
}

template <class Answer, class Question, class Text>
Answer history::compare(operation op, const Question& q, std::string what, Text text) {
  auto answer = store<Answer>(op, q);
  expect(answer.has_value(), what + " failed: " + (answer ? "" : answer.error().message));
  const std::string got = text(*answer);
  const std::string wanted = text(oracle<Answer>(op, q));
  expect(got == wanted, what + " gave\n" + got + "\ninstead of\n" + wanted);
  return std::move(*answer);
}

void history::page(query::page_question q) {
  q.order = static_cast<query::page_order>(random_.below(2));
  for (int pages = 0; pages < 8; ++pages) {
    const auto got = compare<query::page_partial>(operation::page, q, "a page",
                                                  [](const auto& p) { return text_of(p); });
    if (!got.more) return;
    q.after = {got.events.back().what.timestamp, got.events.back().arrival};
  }
}

void history::explain(const query::scope& in) {
  const explain_request q{in, {"signup", "nothing", "$pageview"}};
  compare<query::explanation>(operation::explain, q, "an explanation",
                              [](const auto& p) { return text_of(p); });
}

// Time ranges that end or begin at an event tell whether it belongs to them.
void history::cut_at_an_event(query::time_range& range) {
  if (times_.empty() || !random_.one_in(3)) return;
  const millis at = times_[random_.below(times_.size())];
  if (random_.one_in(2))
    range.to = std::max(at, range.from + 1);
  else
    range.from = std::min(at, range.to - 1);
}

// A new question, or one of those before: its answer may be kept from then.
template <class Question>
void history::again(std::vector<Question>& before, Question fresh) {
  cut_at_an_event(fresh.in.range);
  if (before.empty() || random_.one_in(2)) return before.push_back(std::move(fresh));
  std::swap(before[random_.below(before.size())], before.back());
  if (random_.one_in(2))
    before.back().in.range.to += static_cast<millis>(random_.below(3)) * hour_ms;
}

void history::question() {
  const std::size_t which = random_.below(8);
  note("question " + std::to_string(which));
  if (which < 3) {
    again(aggregates_, random_.aggregate());
    const query::aggregate_question& q = aggregates_.back();
    compare<query::aggregate_partial>(operation::aggregate, q, "an aggregate",
                                      [&](const auto& p) { return text_of(p, q.of); });
  } else if (which == 3) {
    again(funnels_, random_.funnel());
    compare<query::funnel_partial>(operation::funnel, funnels_.back(), "a funnel",
                                   [](const auto& p) { return text_of(p); });
  } else if (which == 4) {
    again(pages_, random_.page(50));
    page(pages_.back());
  } else if (which == 5) {
    query::scope in = random_.scope();
    cut_at_an_event(in.range);
    explain(in);
  } else if (which == 6) {
    compare<query::schema_partial>(operation::schema, schema_request{random_.time()}, "a schema",
                                   [](const auto& p) { return text_of(p); });
  } else {
    const auto col = static_cast<query::column>(random_.below(query::columns.size()));
    compare<query::values_partial>(operation::values, values_request{col, 5}, "values",
                                   [](const auto& p) { return text_of(p); });
    compare<query::summary_partial>(operation::summary, summary_request{random_.time()},
                                    "a summary", [](const auto& p) { return text_of(p); });
  }
}

void history::everything() {
  query::page_question all;
  all.in.range = {0, end_of_time};
  all.limit = 1000;
  page(all);
  explain({all.in.range, {}});
  query::aggregate_question q;
  q.in = all.in;
  for (const query::metric of : {query::metric::count, query::metric::uniques}) {
    q.of = of;
    q.paid = random_.one_in(2);
    q.every = static_cast<query::interval>(random_.below(5));
    q.group_by = {static_cast<query::column>(random_.below(query::columns.size()))};
    compare<query::aggregate_partial>(operation::aggregate, q, "an aggregate of everything",
                                      [&](const auto& p) { return text_of(p, q.of); });
  }
  query::funnel_question f = random_.funnel();
  f.in = all.in;
  compare<query::funnel_partial>(operation::funnel, f, "a funnel of everything",
                                 [](const auto& p) { return text_of(p); });
}

void history::settle() {
  if (random_.one_in(2)) {
    note("evicted");
    segments_.restart();
  }
  // Where the wish to be woken is lost with the last effect, the next request makes it again.
  calm_ = true;
  append();
  note("upkeep to its end");
  segments_.run_upkeep("prj");
  const auto storage = store<storage_answer>(operation::storage, storage_request{});
  expect(storage.has_value(), "storage failed");
  expect(storage->merge_debt == 0, "merging stopped before its end");
}

}  // namespace millimetric::store
