#include "store/service.h"

#include <utility>

namespace millimetric::store {
namespace {

using host::context;
using host::task;

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

task<std::string> service::append(context& ctx, std::string_view body) {
  const auto request = read_append_request(body);
  if (!request) co_return unreadable();
  append_answer refused;
  if (request->draws_from == bucket::track) refused.retry_after = track_.take(ctx.now());
  if (request->draws_from == bucket::batch) refused.retry_after = batch_.take(ctx.now());
  if (refused.retry_after > 0) co_return encode_answer<append_answer>(refused);
  auto answer = co_await events_->append(ctx, request->events);
  kept_.forget_all();
  co_return encode_answer(std::move(answer));
}

task<std::string> service::serve(context& ctx, std::string_view record) {
  const std::string_view body = record.substr(record.empty() ? 0 : 1);
  const auto op = static_cast<operation>(record.empty() ? 0xFF : record.front());
  switch (op) {
    case operation::append: return append(ctx, body);
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
