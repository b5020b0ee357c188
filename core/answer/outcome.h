#pragma once
// An answered question, ready for either rendering (a tool's result or a REST body), and the
// projects that a call is about.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/directory.h"
#include "query/question.h"
#include "query/read.h"

namespace millimetric::answer {

// The projects that a call is about: already checked to be visible to its key. At least one.
struct subject {
  std::vector<control::project> projects;
  // Rows name their project whenever there is more than one.
  [[nodiscard]] bool many() const noexcept { return projects.size() > 1; }
};

struct outcome {
  std::string rows = "[]";  // a JSON array of row objects
  std::size_t row_count = 0;
  std::optional<std::string> next_cursor;
  std::optional<std::string> notice;  // why there is nothing to see, or less than was asked for
  query::time_range range;
  bool exact = true;       // false: some distinct count is an estimate
  bool truncated = false;  // the limit cut rows
  // Over all rows and projects, where several projects are asked and the rows are numbers.
  std::optional<std::uint64_t> total;
};

}  // namespace millimetric::answer
