#pragma once
// Why an answer is empty, in words. Source: contract, section 2.

#include <string>
#include <string_view>
#include <vector>

#include "answer/outcome.h"
#include "host/request.h"

namespace millimetric::answer {

// What is counted, where an event may be without it, and what to ask instead.
struct counted {
  std::string_view what;
  std::string_view instead;
};

// `events`: names that the question asks for; those never seen are named with the nearest known
// ones, whether the answer is otherwise empty or not (`empty`).
enum class emptiness : std::uint8_t { nothing_found, some_steps_empty };
host::task<result<std::optional<std::string>>> explain(host::context& ctx, const subject& about,
                                                       const query::scope& in,
                                                       std::vector<std::string> events,
                                                       emptiness empty, counted of = {});

// The event names that a scope's filters ask for.
[[nodiscard]] std::vector<std::string> asked_events(const query::scope& in);

}  // namespace millimetric::answer
