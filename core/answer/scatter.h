#pragma once
// Asking the stores of several projects at once.

#include <string>
#include <utility>
#include <vector>

#include "answer/outcome.h"
#include "host/request.h"
#include "store/protocol.h"

namespace millimetric::answer {

// Storage that failed in the middle of a call; nothing was lost and the call may be repeated.
[[nodiscard]] error storage_failed(const error& cause);

template <class Answer>
host::task<result<Answer>> ask(host::context& ctx, std::string project_id, std::string record) {
  auto bytes = co_await ctx.call_store(std::move(project_id), std::move(record));
  if (!bytes) co_return fail(storage_failed(bytes.error()));
  auto answer = store::decode_answer<Answer>(*bytes);
  if (!answer) co_return fail(storage_failed(answer.error()));
  co_return answer;
}

// The same question to every project, under way together; answers in the projects' order.
// @return the first error, by the projects' order.
template <class Answer>
host::task<result<std::vector<Answer>>> ask_all(host::context& ctx, const subject& about,
                                                std::string record) {
  std::vector<host::task<result<Answer>>> tasks;
  for (const control::project& p : about.projects) tasks.push_back(ask<Answer>(ctx, p.id, record));
  host::all<result<Answer>> together(std::move(tasks));
  std::vector<result<Answer>> results = co_await together;
  std::vector<Answer> answers;
  for (result<Answer>& r : results) {
    if (!r) co_return fail(r.error());
    answers.push_back(std::move(*r));
  }
  co_return answers;
}

}  // namespace millimetric::answer
