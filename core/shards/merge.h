#pragma once
// Answers of a project's shards made one. Each takes at least one part.

#include <vector>

#include "query/partial.h"
#include "store/protocol.h"

namespace millimetric::shards {

// @return invalid_params when there are too many groups.
[[nodiscard]] result<query::funnel_partial> merge(std::vector<query::funnel_partial> parts);
[[nodiscard]] query::schema_partial merge(std::vector<query::schema_partial> parts);
[[nodiscard]] query::values_partial merge(std::vector<query::values_partial> parts);
[[nodiscard]] query::explanation merge(const std::vector<query::explanation>& parts);
[[nodiscard]] query::summary_partial merge(std::vector<query::summary_partial> parts);
[[nodiscard]] store::storage_answer merge(std::vector<store::storage_answer> parts);

}  // namespace millimetric::shards
