#include "host/task.h"

#include <memory>
#include <string>

#include "../catch.h"
#include "host/request.h"

using namespace millimetric;
using host::context;
using host::task;

namespace {

// Runs a task that needs no host to its end.
template <class T>
T run(task<T> t) {
  host::ready_queue queue;
  t.start(queue, {}, nullptr);
  queue.run();
  REQUIRE(t.done());
  return t.take();
}

task<int> just(int v) { co_return v; }

task<int> count_down(int n) {
  if (n == 0) co_return 0;
  const int below = co_await count_down(n - 1);
  co_return below + 1;
}

task<int> count_in_loop(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    const int one = co_await just(1);
    sum += one;
  }
  co_return sum;
}

task<int> sum_of(std::vector<task<int>> tasks) {
  host::all<int> together(std::move(tasks));
  const std::vector<int> values = co_await together;
  int sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += values[i] * static_cast<int>(i + 1);
  co_return sum;
}

// A value that may only be moved, and says when it is gone.
struct tracked {
  std::shared_ptr<int> alive;
  std::unique_ptr<int> only = std::make_unique<int>(7);
};

task<tracked> make_tracked(std::shared_ptr<int> alive) { co_return tracked{std::move(alive)}; }

task<int> use_tracked(std::shared_ptr<int> alive) {
  const tracked t = co_await make_tracked(std::move(alive));
  co_return *t.only;
}

}  // namespace

TEST_CASE("a task starts only when it is awaited") {
  bool ran = false;
  const auto note = [](bool& flag) -> task<int> {
    flag = true;
    co_return 1;
  };
  {
    const task<int> never = note(ran);
    CHECK_FALSE(ran);
  }
  CHECK_FALSE(ran);
  CHECK(run(note(ran)) == 1);
  CHECK(ran);
}

TEST_CASE("a hundred thousand nested awaits keep the stack flat") {
  CHECK(run(count_down(100'000)) == 100'000);
}

TEST_CASE("a hundred thousand awaits one after the other keep the stack flat") {
  CHECK(run(count_in_loop(100'000)) == 100'000);
}

TEST_CASE("tasks awaited together give their results in order, however many they are") {
  for (const int n : {0, 1, 2, 10'000}) {
    std::vector<task<int>> tasks;
    int expected = 0;
    for (int i = 0; i < n; ++i) {
      tasks.push_back(i % 2 == 0 ? just(i % 7) : count_down(i % 7));
      expected += i % 7 * (i + 1);
    }
    CHECK(run(sum_of(std::move(tasks))) == expected);
  }
}

TEST_CASE("results are moved out, and nothing of a task outlives it") {
  const auto alive = std::make_shared<int>(1);
  CHECK(run(use_tracked(alive)) == 7);
  CHECK(alive.use_count() == 1);
  {
    const task<int> dropped = use_tracked(alive);
    CHECK(alive.use_count() == 2);
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("a task that takes another's place destroys it") {
  const auto alive = std::make_shared<int>(1);
  task<int> t = use_tracked(alive);
  t = just(3);
  CHECK(alive.use_count() == 1);
  CHECK(run(std::move(t)) == 3);
}
