#include "host/request.h"

#include <utility>

namespace millimetric::host {
namespace {

error no_answer() {
  return {error_code::upstream_failed, "A part of the service did not answer; try again."};
}

template <class T>
result<T> expect(answer a) {
  if (T* got = std::get_if<T>(&a)) return std::move(*got);
  return fail(no_answer());
}

}  // namespace

void context::effect_awaiter::await_suspend(std::coroutine_handle<> h) {
  const std::uint32_t id = ctx.next_id_++;
  ctx.waiting_.emplace(id, waiting{h, &got});
  ctx.asked_.push_back({id, std::move(what)});
}

task<result<sql_answer>> context::sql(std::vector<statement> statements) {
  effect_awaiter wait{*this, sql_effect{std::move(statements)}, {}};
  answer got = co_await wait;
  co_return expect<sql_answer>(std::move(got));
}

task<result<std::string>> context::call_store(std::string store, std::string request) {
  effect_awaiter wait{*this, store_effect{std::move(store), std::move(request)}, {}};
  answer got = co_await wait;
  co_return expect<std::string>(std::move(got));
}

task<result<std::string>> context::hmac_with_pepper(std::string data) {
  std::vector<std::string> one;
  one.push_back(std::move(data));
  effect_awaiter wait{*this, hmac_effect{hmac_effect::key_source::pepper, {}, std::move(one)}, {}};
  answer got = co_await wait;
  co_return expect<std::string>(std::move(got));
}

task<result<std::vector<std::string>>> context::hmac(std::string key,
                                                     std::vector<std::string> data) {
  const std::size_t count = data.size();
  effect_awaiter wait{
      *this, hmac_effect{hmac_effect::key_source::given, std::move(key), std::move(data)}, {}};
  answer got = co_await wait;
  const auto digests = expect<std::string>(std::move(got));
  if (!digests) co_return fail(digests.error());
  if (digests->size() != count * digest_bytes) co_return fail(no_answer());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(digests->substr(i * digest_bytes, digest_bytes));
  co_return out;
}

task<result<std::string>> context::random_bytes(std::uint32_t size) {
  effect_awaiter wait{*this, random_effect{size}, {}};
  answer got = co_await wait;
  co_return expect<std::string>(std::move(got));
}

task<result<void>> context::wake(millis after) {
  effect_awaiter wait{*this, wake_effect{after}, {}};
  answer got = co_await wait;
  auto taken = expect<std::string>(std::move(got));
  if (!taken) co_return fail(taken.error());
  co_return result<void>{};
}

void request::start(const std::function<task<std::string>(context&)>& make) {
  root_.emplace(make(context_));
  root_->start(context_.queue_, {}, nullptr);
  context_.queue_.run();
}

std::vector<pending_effect> request::take_effects() { return std::exchange(context_.asked_, {}); }

bool request::resume(std::uint32_t id, answer a) {
  const auto found = context_.waiting_.find(id);
  if (found == context_.waiting_.end()) return false;
  const context::waiting w = found->second;
  context_.waiting_.erase(found);
  *w.where = std::move(a);
  context_.queue_.push(w.who);
  context_.queue_.run();
  return true;
}

}  // namespace millimetric::host
