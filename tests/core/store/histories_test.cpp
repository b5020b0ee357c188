// Random histories of the event store against its oracle. MM_HISTORIES=n runs more of them,
// MM_SEED=text others; a failure says how to run it again by itself.

#include <cstdlib>

#include "../catch.h"
#include "history.h"

using namespace millimetric;

namespace {

std::string environment(const char* name, std::string otherwise) {
  const char* set = std::getenv(name);
  return set == nullptr ? std::move(otherwise) : set;
}

}  // namespace

TEST_CASE("random histories: the store and plain rows agree") {
  const std::string seed = environment("MM_SEED", "histories");
  const int first = std::stoi(environment("MM_FIRST", "1"));
  const int count = std::stoi(environment("MM_HISTORIES", "250"));
  for (int number = first; number < first + count; ++number) {
    store::history h(seed + "/" + std::to_string(number));
    const auto wrong = h.run();
    if (!wrong) continue;
    std::string told =
        "MM_SEED=" + seed + " MM_FIRST=" + std::to_string(number) + " MM_HISTORIES=1 repeats it:\n";
    for (const std::string& line : h.operations()) told += line + "\n";
    FAIL(told << *wrong);
  }
  SUCCEED(std::to_string(count) + " histories");
}
