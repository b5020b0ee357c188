// Random histories of the event store against its oracle. MM_HISTORIES=n runs more of them,
// MM_SEED=text others; a failure says how to run it again by itself. MM_PART=k/n runs the k-th of n
// parts, for several processes to share them.

#include <cstdlib>

#include "../catch.h"
#include "history.h"

using namespace millimetric;

namespace {

std::string environment(const char* name, std::string otherwise) {
  const char* set = std::getenv(name);
  return set == nullptr ? std::move(otherwise) : set;
}

// The numbers of the histories to run, from the first on, each a step behind the one before.
struct numbers {
  int first;
  int end;
  int step;
};

numbers numbers_to_run() {
  const int first = std::stoi(environment("MM_FIRST", "1"));
  const int count = std::stoi(environment("MM_HISTORIES", "2500"));
  const std::string part = environment("MM_PART", "1/1");
  const int which = std::stoi(part);
  const int parts = std::stoi(part.substr(part.find('/') + 1));
  return {first + which - 1, first + count, parts};
}

}  // namespace

TEST_CASE("random histories: the store and plain rows agree") {
  const std::string seed = environment("MM_SEED", "histories");
  const auto [first, end, step] = numbers_to_run();
  for (int number = first; number < end; number += step) {
    store::history h(seed + "/" + std::to_string(number));
    const auto wrong = h.run();
    if (!wrong) continue;
    std::string told =
        "MM_SEED=" + seed + " MM_FIRST=" + std::to_string(number) + " MM_HISTORIES=1 repeats it:\n";
    for (const std::string& line : h.operations()) told += line + "\n";
    FAIL(told << *wrong);
  }
  SUCCEED("they agree");
}
