#pragma once
// Why an answer is empty, in words. Source: contract, section 2.

#include <set>
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

// The step of a funnel, from 1, whose events are asked for by the last of a scope's filters.
struct asked_step {
  std::size_t number = 0;   // 0: there is none
  std::size_t filters = 0;  // how many of the scope's filters are not of the step
};

// An outcome without rows yet, with a notice of values that its filters ask for in vain, since no
// event can have them, and of a range that begins before what is kept.
[[nodiscard]] outcome outcome_of(const query::scope& in, const subject& about, millis now);

// Whether a filter asks for several names that people have chosen, of which one may be misspelt
// while the others make up an answer.
[[nodiscard]] bool names_several(const query::filter& f);

// Notes those of its names that no event has. `found`: what the matching events have in its column;
// where there are none, `explain` says why.
void note_absent(const query::filter& f, const std::set<std::string_view>& found, outcome& out);

enum class emptiness : std::uint8_t { nothing_found, some_found };

// Puts before the outcome's notice why there is nothing, or less than there might be.
// `events`: names that the question asks for; those never seen are named with the nearest known
// ones, whether the answer is otherwise empty or not (`empty`).
// @return tool_failed: storage did not answer.
host::task<result<void>> explain(host::context& ctx, const subject& about, const query::scope& in,
                                 std::vector<std::string> events, emptiness empty, outcome& out,
                                 counted of = {}, asked_step step = {});
// Likewise for the events that a scope's filters ask for. Where something was found, only one of
// several names can be wrong.
host::task<result<void>> explain(host::context& ctx, const subject& about, const query::scope& in,
                                 emptiness empty, outcome& out, counted of = {});

// Adds a sentence to the outcome's notice.
void note(std::string sentence, outcome& out);
// Notes that the rows of an answer were cut: `shown` of `all`, and what to do about it.
void note_cut(std::size_t shown, std::size_t all, std::string_view of, std::string_view advice,
              outcome& out);

// The event names that a scope's filters ask for.
[[nodiscard]] std::vector<std::string> asked_events(const query::scope& in);

}  // namespace millimetric::answer
