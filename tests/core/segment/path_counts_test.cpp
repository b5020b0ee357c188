#include "segment/path_counts.h"

#include "../catch.h"
#include "base/time.h"

using namespace millimetric;
using namespace millimetric::segment;

namespace {

query::aggregate_question counting(std::vector<query::column> group_by,
                                   std::vector<query::column> filters) {
  query::aggregate_question q;
  q.group_by = std::move(group_by);
  for (const query::column c : filters) q.in.filters.push_back({c, {"x"}});
  return q;
}

std::string encoded(std::size_t rows, std::size_t pairs, std::size_t days,
                    std::size_t rows_per_count) {
  std::vector<std::int64_t> times;
  std::vector<std::uint32_t> names;
  std::vector<std::uint32_t> paths;
  for (std::size_t i = 0; i < rows; ++i) {
    times.push_back(static_cast<std::int64_t>(i * days / rows) * day_ms);
    names.push_back(static_cast<std::uint32_t>(i % pairs % 7));
    paths.push_back(static_cast<std::uint32_t>(i % pairs));
  }
  limits most;
  most.rows_per_count = rows_per_count;
  return encode_path_counts(times, names, paths, most);
}

}  // namespace

TEST_CASE("path counts answer what is about names and paths alone") {
  using query::column;
  CHECK(path_counts_answer(counting({}, {})));
  CHECK(path_counts_answer(counting({column::path, column::event_name}, {column::path})));
  CHECK_FALSE(path_counts_answer(counting({column::country}, {column::path})));
  CHECK_FALSE(path_counts_answer(counting({column::path}, {column::country})));
  auto q = counting({column::path}, {});
  q.every = query::interval::month;
  CHECK(path_counts_answer(q));
  q.every = query::interval::hour;
  CHECK_FALSE(path_counts_answer(q));
  q = counting({column::path}, {});
  q.paid = true;
  CHECK_FALSE(path_counts_answer(q));
  q = counting({column::path}, {});
  q.of = query::metric::uniques;
  CHECK_FALSE(path_counts_answer(q));
}

TEST_CASE("path counts are left out where they would not help") {
  CHECK_FALSE(encoded(400, 100, 1, 4).empty());
  CHECK(encoded(400, 101, 1, 4).empty());
  CHECK_FALSE(encoded(400, 50, 2, 4).empty());
  CHECK(encoded(400, 51, 2, 4).empty());
  CHECK_FALSE(encoded(2048, 2048, 128, 0).empty());  // 262,144 cells
  CHECK(encoded(2048, 2048, 129, 0).empty());
}
