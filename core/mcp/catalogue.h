#pragma once
// The tools and resources that an endpoint offers, as data: names, descriptions written for a
// language model, schemas and annotations.

#include <string>
#include <string_view>

#include "control/api_key.h"
#include "query/read.h"

namespace millimetric::mcp {

// The members of tools/list ("tools":[...]) for a kind of key: exactly the tools it may call.
[[nodiscard]] const std::string& tools_list(control::key_kind kind);

// Whether a tool of this name exists on the endpoint, and whether this kind of key may call it.
enum class tool_access : std::uint8_t { unknown, not_allowed, allowed };
[[nodiscard]] tool_access access(std::string_view name, control::key_kind kind);
// The names of the tools that a kind of key may call, in their order.
[[nodiscard]] std::vector<std::string> tool_names(control::key_kind kind);

// The members of resources/list ("resources":[...]).
[[nodiscard]] const std::string& resources_list(query::endpoint where);
[[nodiscard]] std::vector<std::string> resource_uris(query::endpoint where);

// What a client's model reads once, before anything else. At most 2,048 characters: clients cut.
[[nodiscard]] std::string_view instructions(query::endpoint where);
// {"name","title","version"} of the server at this endpoint; each endpoint has a name of its own,
// since clients key their caches by it.
[[nodiscard]] const std::string& server_info(query::endpoint where);

}  // namespace millimetric::mcp
