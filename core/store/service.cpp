#include "store/service.h"

namespace millimetric::store {
namespace {

using host::context;
using host::task;

// Reads the request, asks the store by one of its member functions, writes the answer.
template <class Answer, class Request>
task<std::string> forward(context& ctx, event_store& events,
                          task<result<Answer>> (event_store::*ask)(context&, const Request&),
                          std::string_view body) {
  const auto request = from_record<Request>(body);
  if (!request)
    co_return encode_answer<Answer>(fail(error_code::internal_error, "A record cannot be read."));
  auto answer = co_await (events.*ask)(ctx, *request);
  co_return encode_answer(std::move(answer));
}

}  // namespace

task<std::string> service::append(context& ctx, std::string_view body) {
  const auto request = from_record<append_request>(body);
  if (!request)
    co_return encode_answer<append_answer>(
        fail(error_code::internal_error, "A record cannot be read."));
  append_answer refused;
  if (request->draws_from == bucket::track) refused.retry_after = track_.take(ctx.now());
  if (request->draws_from == bucket::batch) refused.retry_after = batch_.take(ctx.now());
  if (refused.retry_after > 0) co_return encode_answer<append_answer>(refused);
  auto answer = co_await events_->append(ctx, request->events);
  co_return encode_answer(std::move(answer));
}

task<std::string> service::serve(context& ctx, std::string_view record) {
  const std::string_view body = record.substr(record.empty() ? 0 : 1);
  const auto op = static_cast<operation>(record.empty() ? 0xFF : record.front());
  switch (op) {
    case operation::append: return append(ctx, body);
    case operation::aggregate: return forward(ctx, *events_, &event_store::aggregate, body);
    case operation::funnel: return forward(ctx, *events_, &event_store::funnel, body);
    case operation::page: return forward(ctx, *events_, &event_store::page, body);
    case operation::schema: return forward(ctx, *events_, &event_store::schema, body);
    case operation::values: return forward(ctx, *events_, &event_store::values, body);
    case operation::explain: return forward(ctx, *events_, &event_store::explain, body);
    case operation::summary: return forward(ctx, *events_, &event_store::summary, body);
    case operation::expire: return forward(ctx, *events_, &event_store::expire, body);
  }
  // An unknown operation reads as a record that cannot be decoded.
  return forward(ctx, *events_, &event_store::expire, {});
}

}  // namespace millimetric::store
