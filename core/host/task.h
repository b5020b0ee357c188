#pragma once
// task<T>: a lazy coroutine that one parent awaits, and the ready queue that resumes coroutines.
//
// A finished task does not jump to its parent: it queues it. WebAssembly has no tail calls by
// default, so symmetric transfer would grow the stack with every step of a long chain; the queue
// keeps it flat. A task is started by being awaited (or by task::start), lives in its owner,
// and is destroyed with it, also in mid-flight.

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "host/coroutine.h"

namespace millimetric::host {

// Coroutines that may go on. One queue per request.
class ready_queue {
 public:
  void push(std::coroutine_handle<> h) { ready_.push_back(h); }
  void run() {
    while (!ready_.empty()) {
      const std::coroutine_handle<> next = ready_.front();
      ready_.pop_front();
      next.resume();
    }
  }

 private:
  std::deque<std::coroutine_handle<>> ready_;
};

namespace detail {

struct promise_base {
  ready_queue* queue = nullptr;
  std::coroutine_handle<> continuation{};
  std::size_t* siblings_left = nullptr;  // set when awaited together with others

  struct final_awaiter {
    [[nodiscard, gnu::always_inline]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> h) const noexcept {
      promise_base& p = h.promise();
      if (p.siblings_left != nullptr && --*p.siblings_left > 0) return;
      if (p.continuation) p.queue->push(p.continuation);
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  final_awaiter final_suspend() noexcept { return {}; }
  [[noreturn]] void unhandled_exception() noexcept { __builtin_trap(); }
};

}  // namespace detail

template <class T>
class [[nodiscard]] task {
 public:
  struct promise_type : detail::promise_base {
    std::optional<T> value;
    task get_return_object() noexcept {
      return task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    template <class U>
    void return_value(U&& v) {
      value.emplace(std::forward<U>(v));
    }
  };
  using handle = std::coroutine_handle<promise_type>;

  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  task& operator=(task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard, gnu::always_inline]] bool await_ready() const noexcept { return false; }
  template <class Parent>
  void await_suspend(std::coroutine_handle<Parent> parent) {
    start(*parent.promise().queue, parent, nullptr);
  }
  T await_resume() { return std::move(*handle_.promise().value); }

  // Queues the task. `continuation` is queued when it and all its siblings are done.
  void start(ready_queue& queue, std::coroutine_handle<> continuation, std::size_t* siblings_left) {
    detail::promise_base& p = handle_.promise();
    p.queue = &queue;
    p.continuation = continuation;
    p.siblings_left = siblings_left;
    queue.push(handle_);
  }
  [[nodiscard]] bool done() const noexcept { return handle_ && handle_.done(); }
  [[nodiscard]] T take() { return std::move(*handle_.promise().value); }

 private:
  explicit task(handle h) noexcept : handle_(h) {}
  handle handle_;
};

// Awaits all tasks at once: their effects are under way together. Results in the tasks' order.
template <class T>
class [[nodiscard]] all {
 public:
  explicit all(std::vector<task<T>> tasks) : tasks_(std::move(tasks)), left_(tasks_.size()) {}

  [[nodiscard]] bool await_ready() const noexcept { return tasks_.empty(); }
  template <class Parent>
  void await_suspend(std::coroutine_handle<Parent> parent) {
    for (task<T>& t : tasks_) t.start(*parent.promise().queue, parent, &left_);
  }
  std::vector<T> await_resume() {
    std::vector<T> out;
    out.reserve(tasks_.size());
    for (task<T>& t : tasks_) out.push_back(t.take());
    return out;
  }

 private:
  std::vector<task<T>> tasks_;
  std::size_t left_;
};

}  // namespace millimetric::host
