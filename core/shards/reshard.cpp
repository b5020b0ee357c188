#include "shards/reshard.h"

#include <algorithm>
#include <limits>
#include <map>

#include "control/registry.h"
#include "event/place.h"
#include "shards/steps.h"

namespace millimetric::shards {
namespace {

using host::context;
using host::task;
using store::layout;
using store::shard_answer;
using store::shard_step;
using store::standing;

// Of one step: each is a call to a source, and one to every target.
constexpr int pages_of_step = 8;
constexpr int empties_of_step = 16;
// So few events are left when the sources are sealed: some ten milliseconds of copying.
constexpr std::int64_t few_left = 2000;
// Should the step end in the middle, events are taken in again after this long.
constexpr millis first_seal_ms = 20 * second_ms;

using stores = std::vector<shard_answer>;

// A resharding whose targets are being filled.
struct filling {
  std::string project;
  layout at;     // the sources
  layout other;  // the targets
  stores sources;
  stores targets;

  // The last arrival of a source that every target has taken notice of.
  [[nodiscard]] std::int64_t copied(std::size_t source) const {
    std::int64_t least = query::last_arrival;
    for (const shard_answer& t : targets)
      least = std::min(least, source < t.state.copied.size() ? t.state.copied[source] : 0);
    return least;
  }
  [[nodiscard]] std::int64_t left(std::size_t source) const {
    return std::max<std::int64_t>(sources[source].last_arrival - copied(source), 0);
  }
  [[nodiscard]] std::int64_t left() const {
    std::int64_t all = 0;
    for (std::size_t s = 0; s < sources.size(); ++s) all += left(s);
    return all;
  }
  [[nodiscard]] bool active() const { return targets.front().state.is == standing::serving; }
};

store::shard_request asking(shard_step what, const layout& to) {
  store::shard_request request;
  request.step = what;
  request.to = to;
  return request;
}
store::shard_request sealing(const layout& to, millis seal_ms) {
  store::shard_request request = asking(shard_step::seal, to);
  request.seal_ms = seal_ms;
  return request;
}
store::shard_request preparing(const layout& to, std::uint32_t sources) {
  store::shard_request request = asking(shard_step::prepare, to);
  request.sources = sources;
  return request;
}

bool all(const stores& of, standing what) {
  return std::all_of(of.begin(), of.end(),
                     [&](const shard_answer& s) { return s.state.is == what; });
}

std::uint64_t events_of(const stores& of) {
  std::uint64_t all = 0;
  for (const shard_answer& s : of) all += s.events;
  return all;
}

task<result<progress>> progress_of(context& ctx, control::project p) {
  progress out{p.at, p.other};
  if (!p.other) co_return out;
  const bool copying = p.other->generation > p.at.generation;
  auto others = co_await step_each(ctx, p.id, *p.other, asking(shard_step::look, *p.other));
  if (!others) co_return fail(others.error());
  out.is = copying ? phase::copying : phase::emptying;
  if (!copying) {
    out.total = events_of(*others);
    co_return out;
  }
  auto sources = co_await step_each(ctx, p.id, p.at, asking(shard_step::look, *p.other));
  if (!sources) co_return fail(sources.error());
  const filling f{p.id, p.at, *p.other, std::move(*sources), std::move(*others)};
  for (std::size_t s = 0; s < f.sources.size(); ++s) {
    out.total += static_cast<std::uint64_t>(f.sources[s].last_arrival);
    out.copied += static_cast<std::uint64_t>(f.sources[s].last_arrival - f.left(s));
  }
  co_return out;
}

// The records that give every target its events of a page.
result<std::vector<std::string>> split(std::string_view page, std::uint32_t source,
                                       std::uint32_t targets, std::int64_t& up_to) {
  auto read = store::decode_answer<store::copied_event_views>(page);
  if (!read) return fail(storage_failed(read.error()));
  std::vector<store::copied_event_views> parts(targets);
  for (auto& e : read->events)
    parts[store::shard_of(event::place_of(e.what.anonymous_id), targets)].events.push_back(e);
  up_to = read->up_to;
  std::vector<std::string> out;
  for (store::copied_event_views& p : parts) {
    p.source = source;
    p.after = read->after;
    p.up_to = read->up_to;
    out.push_back(store::encode_request(store::operation::copy_in, std::move(p)));
  }
  return out;
}

task<result<void>> copy_page(context& ctx, filling& f, std::uint32_t source) {
  store::copy_out_request request{f.copied(source)};
  auto page = co_await ctx.call_store(store::store_name(f.project, f.at, source),
                                      store::encode_request(store::operation::copy_out, request));
  if (!page) co_return fail(storage_failed(page.error()));
  std::int64_t up_to = 0;
  auto records = split(*page, source, f.other.shards, up_to);
  if (!records) co_return fail(records.error());
  std::vector<task<result<std::string>>> tasks;
  for (std::uint32_t t = 0; t < f.other.shards; ++t)
    tasks.push_back(
        ctx.call_store(store::store_name(f.project, f.other, t), std::move((*records)[t])));
  host::all<result<std::string>> together(std::move(tasks));
  auto answers = co_await together;
  for (std::uint32_t t = 0; t < f.other.shards; ++t) {
    if (!answers[t]) co_return fail(storage_failed(answers[t].error()));
    auto taken = store::decode_answer<shard_answer>(*answers[t]);
    if (!taken) co_return fail(storage_failed(taken.error()));
    f.targets[t] = std::move(*taken);
  }
  co_return result<void>{};
}

// Copies what the sources have, as far as is known, in at most so many pages.
task<result<void>> copy_pages(context& ctx, filling& f, int most) {
  for (std::uint32_t s = 0; s < f.sources.size(); ++s)
    for (; f.left(s) > 0 && most > 0; --most) {
      auto copied = co_await copy_page(ctx, f, s);
      if (!copied) co_return fail(copied.error());
    }
  co_return result<void>{};
}

task<result<void>> step_sources(context& ctx, filling& f, store::shard_request request) {
  auto now = co_await step_each(ctx, f.project, f.at, std::move(request));
  if (!now) co_return fail(now.error());
  f.sources = std::move(*now);
  co_return result<void>{};
}

// Empties the stores of a layout as far as one step goes. Gives how many events are left.
task<result<std::uint64_t>> empty(context& ctx, std::string project, layout at) {
  std::uint64_t left = 1;
  for (int i = 0; i < empties_of_step && left > 0; ++i) {
    auto now = co_await step_each(ctx, project, at, asking(shard_step::empty, at));
    if (!now) co_return fail(now.error());
    left = events_of(*now);
  }
  if (left > 0) co_return left;
  // Once more, in a commit of its own, as when forgetting.
  auto settled = co_await step_each(ctx, project, at, asking(shard_step::empty, at));
  if (!settled) co_return fail(settled.error());
  co_return left;
}

// An abandoned layout makes room for the next one.
task<result<void>> begin_again(context& ctx, control::project p) {
  auto abandoned = co_await step_each(ctx, p.id, *p.other, asking(shard_step::abandon, *p.other));
  if (!abandoned) co_return fail(abandoned.error());
  auto left = co_await empty(ctx, p.id, *p.other);
  if (!left) co_return fail(left.error());
  if (*left > 0) co_return result<void>{};
  layout next = *p.other;
  ++next.generation;
  auto noted = co_await control::change_layouts(ctx, p, p.at, next);
  co_return noted;
}

// With the last events copied and the sources sealed for good: the targets serve. False when the
// copying has to go on, or to begin again.
task<result<bool>> activate(context& ctx, filling& f) {
  auto sealed = co_await step_sources(ctx, f, sealing(f.other, first_seal_ms));
  if (!sealed) co_return fail(sealed.error());
  auto copied = co_await copy_pages(ctx, f, pages_of_step);
  if (!copied) co_return fail(copied.error());
  if (f.left() > 0) co_return false;
  sealed = co_await step_sources(ctx, f, sealing(f.other, query::end_of_time));
  if (!sealed) co_return fail(sealed.error());
  // Where the first seal had run out meanwhile.
  copied = co_await copy_pages(ctx, f, std::numeric_limits<int>::max());
  if (!copied) co_return fail(copied.error());
  for (const shard_answer& s : f.sources)
    if (s.state.sealed_until != query::end_of_time || s.state.sealed_for != f.other.generation)
      co_return false;
  std::map<std::string, std::uint64_t> usage;
  for (const shard_answer& s : f.sources)
    for (const store::month_usage& m : s.usage) usage[m.month] += m.events;
  store::shard_request request = asking(shard_step::activate, f.other);
  for (const auto& [month, events] : usage) request.usage.push_back({month, events});
  auto first = co_await step_each(ctx, f.project, {f.other.generation, 1}, std::move(request));
  if (!first) co_return fail(first.error());
  co_return first->front().state.is == standing::serving;
}

// From the first target's activation on there is one way only, wherever it was interrupted.
task<result<void>> move(context& ctx, control::project p) {
  auto targets = co_await step_each(ctx, p.id, *p.other, asking(shard_step::activate, *p.other));
  if (!targets) co_return fail(targets.error());
  auto sources = co_await step_each(ctx, p.id, p.at, asking(shard_step::move, *p.other));
  if (!sources) co_return fail(sources.error());
  if (!all(*targets, standing::serving) || !all(*sources, standing::moved))
    co_return fail(storage_failed({}));
  auto flipped = co_await control::change_layouts(ctx, p, *p.other, p.at);
  co_return flipped;
}

task<result<void>> fill(context& ctx, control::project p) {
  const layout to = *p.other;
  auto targets = co_await step_each(ctx, p.id, to, preparing(to, p.at.shards));
  if (!targets) co_return fail(targets.error());
  if (targets->front().state.is == standing::abandoned) {
    auto again = co_await begin_again(ctx, std::move(p));
    co_return again;
  }
  filling f{p.id, p.at, to, {}, std::move(*targets)};
  if (!f.active()) {
    // Ends the seal of a layout that was abandoned, and no other.
    auto known = co_await step_sources(ctx, f, asking(shard_step::look, to));
    if (!known) co_return fail(known.error());
    const bool old_seal = std::any_of(f.sources.begin(), f.sources.end(), [&](const auto& s) {
      return s.state.sealed_for < to.generation && s.state.sealed_until > ctx.now();
    });
    if (old_seal) known = co_await step_sources(ctx, f, sealing(to, 0));
    if (!known) co_return fail(known.error());
    auto copied = co_await copy_pages(ctx, f, pages_of_step);
    if (!copied) co_return fail(copied.error());
    known = co_await step_sources(ctx, f, asking(shard_step::look, to));
    if (!known) co_return fail(known.error());
    if (f.left() > few_left) co_return result<void>{};
    auto activated = co_await activate(ctx, f);
    if (!activated) co_return fail(activated.error());
    if (!*activated) co_return result<void>{};
  }
  auto moved = co_await move(ctx, std::move(p));
  co_return moved;
}

task<result<void>> step(context& ctx, control::project p, std::optional<std::uint32_t> to) {
  if (!p.other) {
    if (!to || *to == p.at.shards) co_return result<void>{};
    auto begun = co_await control::change_layouts(ctx, p, p.at, layout{p.at.generation + 1, *to});
    co_return begun;
  }
  if (p.other->generation > p.at.generation) {
    if (to && *to != p.other->shards)
      co_return fail(error_code::conflict, "The project is on its way to " +
                                               std::to_string(p.other->shards) +
                                               " shards: go on with that first.");
    auto filled = co_await fill(ctx, std::move(p));
    co_return filled;
  }
  auto left = co_await empty(ctx, p.id, *p.other);
  if (!left) co_return fail(left.error());
  if (*left > 0) co_return result<void>{};
  auto done = co_await control::change_layouts(ctx, p, p.at, std::nullopt);
  co_return done;
}

}  // namespace

task<result<progress>> look(context& ctx, std::string project) {
  auto p = co_await existing_project(ctx, std::move(project));
  if (!p) co_return fail(p.error());
  auto out = co_await progress_of(ctx, std::move(*p));
  co_return out;
}

task<result<progress>> take_step(context& ctx, std::string project,
                                 std::optional<std::uint32_t> to) {
  auto p = co_await caught_up(ctx, project);
  if (!p) co_return fail(p.error());
  auto taken = co_await step(ctx, std::move(*p), to);
  if (!taken) co_return fail(taken.error());
  auto out = co_await look(ctx, std::move(project));
  co_return out;
}

}  // namespace millimetric::shards
