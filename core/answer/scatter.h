#pragma once
// Asking the stores of several projects at once.

#include <string>
#include <utility>
#include <vector>

#include "answer/outcome.h"
#include "host/request.h"
#include "shards/call.h"

namespace millimetric::answer {

// The project must live until the task ends.
template <class Answer>
host::task<result<Answer>> ask(host::context& ctx, const control::project& p, std::string record) {
  auto got = co_await shards::call(ctx, p.id, p.at, std::move(record));
  if (!got) co_return fail(got.error());
  co_return shards::merged<Answer>(got->of);
}

// The same question to every project, under way together; answers in the projects' order.
// @return the first error, by the projects' order.
template <class Answer>
host::task<result<std::vector<Answer>>> gather(std::vector<host::task<result<Answer>>> tasks) {
  host::all<result<Answer>> together(std::move(tasks));
  std::vector<result<Answer>> results = co_await together;
  std::vector<Answer> answers;
  for (result<Answer>& r : results) {
    if (!r) co_return fail(r.error());
    answers.push_back(std::move(*r));
  }
  co_return answers;
}
template <class Answer>
host::task<result<std::vector<Answer>>> ask_all(host::context& ctx, const subject& about,
                                                std::string record) {
  std::vector<host::task<result<Answer>>> tasks;
  for (const control::project& p : about.projects) tasks.push_back(ask<Answer>(ctx, p, record));
  return gather<Answer>(std::move(tasks));
}

// One project's part of an answer. `groups` is how many all its parts have so far; each is
// bounded, but a thousand of them would not fit into memory.
// @return also invalid_params when there are too many.
template <class Partial>
host::task<result<Partial>> within_bounds(host::task<result<Partial>> part, std::size_t& groups) {
  auto got = co_await part;
  if (got && (groups += got->groups.size()) > query::max_groups) co_return query::too_many_groups();
  co_return got;
}

}  // namespace millimetric::answer
