#include "control/project_rows.h"

#include <algorithm>

#include "json/reader.h"

namespace millimetric::control {
namespace {

using host::rows;

std::uint32_t shards_of(std::int64_t stored) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(stored, 1, store::max_shards));
}

project read_project(const rows& r, std::size_t row) {
  project p;
  p.id = std::string(r.text(row, 0));
  p.slug = std::string(r.text(row, 1));
  p.name = std::string(r.text(row, 2));
  p.origins = read_text_list(r.text(row, 3));
  p.on = plan_named(r.text(row, 6)).value_or(plan::free);
  if (!r.is_null(row, 4)) p.own_retention_days = static_cast<int>(r.integer(row, 4));
  p.retention_days = p.own_retention_days.value_or(describe(p.on).retention_days);
  p.created_at = r.integer(row, 5);
  p.account_id = std::string(r.text(row, 7));
  p.at = {r.integer(row, 8), shards_of(r.integer(row, 9))};
  if (!r.is_null(row, 10))
    p.other = store::layout{r.integer(row, 10), shards_of(r.integer(row, 11))};
  return p;
}

}  // namespace

std::vector<std::string> read_text_list(std::string_view text) {
  std::vector<std::string> out;
  json::parser_pool parsers;
  json::parser_lease parser = parsers.lease();
  const auto document = parser.parse(text);
  json::array list;
  if (!document || !json::as_array(*document, list)) return out;
  for (const json::element item : list) {
    std::string_view origin;
    if (json::as_string(item, origin)) out.emplace_back(origin);
  }
  return out;
}

host::statement project_with(std::string id) {
  return {"SELECT " + std::string(project_columns) +
              " FROM projects p JOIN accounts a ON a.id = p.account_id WHERE p.id = ?",
          {std::move(id)}};
}

std::vector<project> read_projects(const rows& r) {
  std::vector<project> out;
  for (std::size_t row = 0; row < r.size(); ++row) out.push_back(read_project(r, row));
  return out;
}

}  // namespace millimetric::control
