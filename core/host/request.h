#pragma once
// One request in flight: its coroutine, its clock reading and randomness, and its open effects.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "host/effects.h"
#include "host/task.h"
#include "host/turns.h"

namespace millimetric::host {

struct pending_effect {
  std::uint32_t id = 0;
  effect what;
};

// What a coroutine of the core sees of its request. Lives as long as the request.
class context {
 public:
  context(millis now, std::string_view seed) : now_(now), random_(seed) {}
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  [[nodiscard]] millis now() const noexcept { return now_; }
  [[nodiscard]] random_stream& random() noexcept { return random_; }

  // Each suspends until the host has answered, `wake` for so many milliseconds.
  // @return upstream_failed when the host could not.
  task<result<sql_answer>> sql(std::vector<statement> statements);
  task<result<std::string>> call_store(std::string store, std::string request);
  task<result<std::string>> hmac_with_pepper(std::string data);
  // The digest of each text, in order.
  task<result<std::vector<std::string>>> hmac(std::string key, std::vector<std::string> data);
  task<result<std::string>> random_bytes(std::uint32_t size);
  task<result<void>> wake(millis after);

  // The turn that the answers of stores are of, if they take one; it is null or outlives its use.
  void hold_answers_in(turns::turn* t) noexcept { answers_ = t; }
  // Whether there is room for an answer of so many bytes. Where there is not, the request is to
  // let go of what it has and to fail; it is begun anew when its turn comes (api/gateway.cpp).
  [[nodiscard]] bool has_room_for(std::size_t bytes) noexcept {
    return answers_ == nullptr || answers_->grow(bytes);
  }

 private:
  friend class request;

  struct waiting {
    std::coroutine_handle<> who;
    answer* where = nullptr;
  };
  struct effect_awaiter {
    context& ctx;
    effect what;
    answer got;
    [[nodiscard, gnu::always_inline]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> h);
    answer await_resume() { return std::move(got); }
  };

  millis now_;
  random_stream random_;
  turns::turn* answers_ = nullptr;
  ready_queue queue_;
  std::vector<pending_effect> asked_;
  std::unordered_map<std::uint32_t, waiting> waiting_;
  std::uint32_t next_id_ = 1;
};

// Runs a coroutine that ends in the bytes of a response. Not thread-safe; movable by pointer only.
class request {
 public:
  request(millis now, std::string_view seed) : context_(now, seed) {}
  request(const request&) = delete;
  request& operator=(const request&) = delete;

  // Starts what `make` gives for this request's context and runs it to its first suspension.
  void start(const std::function<task<std::string>(context&)>& make);

  // The effects asked for since the last call; the host carries them out in any order.
  [[nodiscard]] std::vector<pending_effect> take_effects();

  // Resumes with the answer of one effect. False when no effect with this id is open.
  bool resume(std::uint32_t id, answer a);

  [[nodiscard]] bool done() const noexcept { return root_ && root_->done(); }
  // The response; once, after done().
  [[nodiscard]] std::string take_response() { return root_->take(); }

 private:
  context context_;  // outlives root_, which refers to it
  std::optional<task<std::string>> root_;
};

}  // namespace millimetric::host
