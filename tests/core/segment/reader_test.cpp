#include "segment/reader.h"

#include <algorithm>
#include <numeric>

#include "../catch.h"
#include "../store/random_events.h"
#include "opened.h"

using namespace millimetric;
using namespace millimetric::segment;

TEST_CASE("rows are read in the order in which they are asked for") {
  store::random_world random("rows");
  std::vector<event::record> events;
  for (int i = 0; i < 300; ++i) events.push_back(random.event());
  opened s(events, limits{});
  std::vector<std::uint32_t> rows(events.size());
  std::iota(rows.begin(), rows.end(), 0U);
  std::reverse(rows.begin(), rows.end());
  std::swap(rows[3], rows[200]);
  rows.resize(250);
  check_rows(s, events, rows);
}
