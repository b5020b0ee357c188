#include "../core/catch.h"
#include "native/case_runner.h"
#include "native/files.h"

using namespace millimetric;
using namespace millimetric::native;

TEST_CASE("every shared case gives the expected bytes natively") {
  const auto paths = files_in("tests/data/cases", ".json");
  REQUIRE_FALSE(paths.empty());
  for (const auto& path : paths) {
    INFO(path.filename().string());
    const case_file file = read_case_file(path);
    const auto host = host_of_cases(file);
    REQUIRE_FALSE(file.steps.empty());
    for (const case_step& step : file.steps) {
      INFO(step.name);
      host->now = step.at;
      for (int time = 0; time < step.times; ++time)
        CHECK(difference(host->serve(step.request), step.expect) == "");
    }
  }
}
