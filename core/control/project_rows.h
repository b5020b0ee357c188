#pragma once
// Projects as rows of the control plane: one list of columns and its reader.

#include <string>
#include <string_view>
#include <vector>

#include "control/directory.h"
#include "host/effects.h"

namespace millimetric::control {

// Columns of `projects p JOIN accounts a`.
inline constexpr std::string_view project_columns =
    "p.id, p.slug, p.name, p.origins, p.retention_days, p.created_at, a.plan, p.account_id, "
    "p.generation, p.shards, p.other_generation, p.other_shards";

// A project by its id.
[[nodiscard]] host::statement project_with(std::string id);
[[nodiscard]] std::vector<project> read_projects(const host::rows& r);
// The strings of a JSON array; empty for anything else.
[[nodiscard]] std::vector<std::string> read_text_list(std::string_view text);

}  // namespace millimetric::control
