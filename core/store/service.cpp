#include "store/service.h"

#include <utility>

namespace millimetric::store {
namespace {

using host::context;
using host::task;

// Of requests that are stored together, if they are several: as many as a row of the database is
// for (segment/limits.h small_events).
constexpr std::size_t most_events_together = 4096;

// An append that its bucket let pass, and where its answer belongs.
struct passed_append {
  segment::event_columns events;
  std::string* answer;
};

// Of the first of the appends, one at least.
std::size_t how_many_together(std::span<const passed_append> appends) {
  std::size_t events = appends.front().events.size();
  std::size_t n = 1;
  while (n < appends.size() && (events += appends[n].events.size()) <= most_events_together) ++n;
  return n;
}

// The events of all, which are in `joined` if they are several.
const segment::event_columns& columns_of(std::span<const passed_append> appends,
                                         segment::event_columns& joined) {
  if (appends.size() == 1) return appends.front().events;
  std::vector<const segment::event_columns*> parts;
  for (const passed_append& a : appends) parts.push_back(&a.events);
  return joined = segment::joined(parts);
}

// Answers each by what became of the events of all.
void answer(std::span<const passed_append> appends,
            const result<std::vector<std::uint8_t>>& stored) {
  std::size_t row = 0;
  for (const passed_append& a : appends) {
    if (!stored) {
      *a.answer = encode_answer<append_answer>(fail(stored.error()));
      continue;
    }
    append_answer of;
    for (std::size_t i = 0; i < a.events.size(); ++i)
      ++((*stored)[row++] != 0 ? of.stored : of.duplicates);
    *a.answer = encode_answer<append_answer>(of);
  }
}

// An answer that is an error has the same bytes whatever was asked for.
std::string refuse(std::string message) {
  return encode_answer<append_answer>(fail(error_code::internal_error, std::move(message)));
}

std::string unreadable() { return refuse("A record cannot be read."); }

task<std::string> unknown_operation() {
  co_return refuse("This store does not know what it was asked to do.");
}

// Reads the request, asks the store by one of its member functions, writes the answer.
template <class Answer, class Request>
task<std::string> forward(context& ctx, event_store& events,
                          task<result<Answer>> (event_store::*ask)(context&, const Request&),
                          std::string_view body) {
  const auto request = from_record<Request>(body);
  if (!request) co_return unreadable();
  auto answer = co_await (events.*ask)(ctx, *request);
  co_return encode_answer(std::move(answer));
}

}  // namespace

// Notes between which events the range's edges lie, and keeps the answer for as long as they do.
task<result<void>> service::keep(context& ctx, std::string question, query::time_range range,
                                 std::string answer, std::uint64_t version) {
  auto from = co_await events_->around(ctx, range.from);
  if (!from) co_return fail(from.error());
  auto to = co_await events_->around(ctx, range.to);
  if (!to) co_return fail(to.error());
  kept_.keep(std::move(question), {*from, *to}, std::move(answer), version);
  co_return result<void>{};
}

// As forward, for questions about a range: from what is kept where it still holds.
template <class Answer, class Question>
task<std::string> service::ask(context& ctx, operation op,
                               task<result<Answer>> (event_store::*member)(context&,
                                                                           const Question&),
                               std::string_view body) {
  auto question = from_record<Question>(body);
  if (!question) co_return unreadable();
  const query::time_range range = std::exchange(question->in.range, {});
  std::string key = encode_request(op, *question);
  if (const std::string* kept = kept_.find(key, range)) co_return *kept;
  question->in.range = range;
  const std::uint64_t version = kept_.version();
  auto answer = co_await (events_.get()->*member)(ctx, *question);
  const bool worth_keeping = answer.has_value();
  std::string bytes = encode_answer(std::move(answer));
  const std::size_t size = key.size() + bytes.size();
  if (!worth_keeping || size > answer_cache::max_entry_bytes) co_return bytes;
  // An answer that could not be kept is still an answer.
  auto noted = co_await keep(ctx, std::move(key), range, bytes, version);
  static_cast<void>(noted);
  co_return bytes;
}

// As forward, for what changes the events: nothing that was kept holds any more.
template <class Answer, class Request>
task<std::string> service::change(context& ctx,
                                  task<result<Answer>> (event_store::*member)(context&,
                                                                              const Request&),
                                  std::string_view body) {
  const auto request = from_record<Request>(body);
  if (!request) co_return unreadable();
  auto answer = co_await (events_.get()->*member)(ctx, *request);
  kept_.forget_all();
  co_return encode_answer(std::move(answer));
}

millis service::draw(bucket from, millis now) noexcept {
  if (from == bucket::track) return track_.take(now);
  if (from == bucket::batch) return batch_.take(now);
  return 0;
}

task<std::vector<std::string>> service::append(context& ctx,
                                               std::span<const std::string_view> requests) {
  std::vector<std::string> out(requests.size());
  std::vector<passed_append> passed;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto read = read_append_request(requests[i].substr(requests[i].empty() ? 0 : 1));
    if (!read) {
      out[i] = unreadable();
    } else if (const millis wait = draw(read->draws_from, ctx.now()); wait > 0) {
      out[i] = encode_answer<append_answer>(append_answer{0, 0, wait});
    } else {
      passed.push_back({std::move(read->events), &out[i]});
    }
  }
  for (std::span<const passed_append> left(passed); !left.empty();) {
    const auto some = left.first(how_many_together(left));
    segment::event_columns joined;
    auto stored = co_await events_->append(ctx, columns_of(some, joined));
    answer(some, stored);
    left = left.subspan(some.size());
  }
  if (!passed.empty()) kept_.forget_all();
  co_return out;
}

task<std::string> service::append_one(context& ctx, std::string_view request) {
  auto answers = co_await append(ctx, {&request, 1});
  co_return std::move(answers.front());
}

task<std::string> service::append_all(context& ctx, std::string_view body) {
  auto all = from_record<append_all_request>(body);
  if (!all) co_return unreadable();
  auto answers = co_await append(ctx, all->requests);
  co_return encode_answer<append_all_answer>(append_all_answer{std::move(answers)});
}

task<std::string> service::serve(context& ctx, std::string_view record) {
  const std::string_view body = record.substr(record.empty() ? 0 : 1);
  const auto op = static_cast<operation>(record.empty() ? 0xFF : record.front());
  switch (op) {
    case operation::append: return append_one(ctx, record);
    case operation::append_all: return append_all(ctx, body);
    case operation::aggregate: return ask(ctx, op, &event_store::aggregate, body);
    case operation::funnel: return ask(ctx, op, &event_store::funnel, body);
    case operation::page: return ask(ctx, op, &event_store::page, body);
    case operation::schema: return forward(ctx, *events_, &event_store::schema, body);
    case operation::values: return forward(ctx, *events_, &event_store::values, body);
    case operation::explain: return forward(ctx, *events_, &event_store::explain, body);
    case operation::summary: return forward(ctx, *events_, &event_store::summary, body);
    case operation::expire: return change(ctx, &event_store::expire, body);
    case operation::forget: return change(ctx, &event_store::forget, body);
    case operation::maintain: return forward(ctx, *events_, &event_store::maintain, body);
    case operation::storage: return forward(ctx, *events_, &event_store::storage, body);
    case operation::funnel_rows: return forward(ctx, *events_, &event_store::funnel_rows, body);
    case operation::shard: return change(ctx, &event_store::shard, body);
    case operation::copy_out: return forward(ctx, *events_, &event_store::copy_out, body);
    case operation::copy_in: return change(ctx, &event_store::copy_in, body);
    case operation::append_rows: break;
  }
  // Of a gateway of another version, while a deployment rolls out.
  return unknown_operation();
}

}  // namespace millimetric::store
