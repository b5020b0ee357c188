#pragma once
// Asking the stores of several projects at once.

#include <string>
#include <utility>
#include <vector>

#include "answer/outcome.h"
#include "host/request.h"
#include "shards/call.h"

namespace millimetric::answer {

// Asks a project's shards and merges what they say. The project must live until the task ends.
// @return what the question caused, invalid_params of too many groups among it; tool_failed.
template <class Answer>
host::task<result<Answer>> ask(host::context& ctx, const control::project& p, std::string record) {
  auto got = co_await shards::call(ctx, p.id, p.at, std::move(record));
  if (!got) co_return fail(got.error());
  co_return shards::merged<Answer>(got->of);
}

// Answers that are under way together, in the order of the tasks.
// @return the first error, in that order.
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

// The same question to every project, under way together; answers in the projects' order.
// @return the first error, in that order.
template <class Answer>
host::task<result<std::vector<Answer>>> ask_all(host::context& ctx, const subject& about,
                                                std::string record) {
  std::vector<host::task<result<Answer>>> tasks;
  for (const control::project& p : about.projects) tasks.push_back(ask<Answer>(ctx, p, record));
  return gather<Answer>(std::move(tasks));
}

// Memory of all projects' groups together at most: each project's are bounded, but a thousand times
// that would be too much. Some 150,000 groups, as long as they have no distinct values.
inline constexpr std::size_t most_bytes_together = 48UL * 1024 * 1024;

// One project's part of an answer; `bytes` is what all its parts take so far.
// @return also invalid_params when that becomes too much, which one part alone never is.
template <class Partial>
host::task<result<Partial>> within_bounds(host::task<result<Partial>> part, std::size_t& bytes) {
  auto got = co_await part;
  if (!got) co_return got;
  const std::size_t others = bytes;
  bytes += query::bytes_of(*got);
  if (others > 0 && bytes > most_bytes_together)
    co_return fail(error_code::invalid_params,
                   "too many groups in these projects together: name fewer of them in project_ids, "
                   "narrow the range or add filters");
  co_return got;
}

}  // namespace millimetric::answer
