#pragma once
// Prompts: routines that a person starts from their client. Each expands to instructions that name
// the tools to call, with the range filled in. Source: contract, section 2.

#include <string>
#include <string_view>
#include <vector>

#include "mcp/session.h"

namespace millimetric::mcp {

// The members of prompts/list ("prompts":[...]).
[[nodiscard]] std::string prompts_list(query::endpoint where);
[[nodiscard]] std::vector<std::string> prompt_names();

// @return unknown_prompt; invalid_params for a missing or misshapen argument.
[[nodiscard]] result<method_result> get_prompt(const session& s, const message& m, millis now);

// What an argument of a prompt may be completed from.
enum class completes_from : std::uint8_t {
  nothing,
  event_names,
  sources,
  project_slugs,
  frameworks
};
[[nodiscard]] completes_from completion_source(std::string_view name, std::string_view argument,
                                               query::endpoint where);
[[nodiscard]] const std::vector<std::string>& framework_names();

}  // namespace millimetric::mcp
