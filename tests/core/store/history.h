#pragma once
// A random sequence of operations on the event store and on its oracle of plain SQL rows, the same
// for the same seed: events in batches, merging, evictions, crashes between any two writes,
// forgetting, retention, and questions, to which both must give the same answer.

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "native/native_host.h"
#include "random_events.h"

namespace millimetric::store {

// Sizes at which a few dozen events make large segments, summaries and columns of several parts.
[[nodiscard]] segment::limits tiny_limits();

class history {
 public:
  explicit history(std::string_view seed);

  // Runs it to its end. Gives what went wrong, or nothing.
  [[nodiscard]] std::optional<std::string> run();
  // What was done, a line each.
  [[nodiscard]] const std::vector<std::string>& operations() const noexcept { return done_; }

 private:
  struct gone_wrong : std::runtime_error {
    using std::runtime_error::runtime_error;
  };
  using asked = std::vector<event::record>;

  [[nodiscard]] std::size_t length();
  void step();
  void note(std::string what) { done_.push_back(std::move(what)); }

  [[nodiscard]] asked batch();
  void choose_times(asked& events);
  void append();
  // Gives the answer to each; none where storage failed.
  [[nodiscard]] std::vector<append_answer> stored_together(
      const std::vector<append_records>& requests);
  void move_clock();
  void upkeep();
  void expire();
  void forget();
  [[nodiscard]] result<forget_answer> forget_steps(forget_request whom);

  // Has the effects of the store's next operation fail from one of them on, sometimes.
  void plan_crash();
  // Ends what plan_crash began, mostly with an eviction.
  void recover();

  void question();
  void page(query::page_question q);
  void explain(const query::scope& in);
  void cut_at_an_event(query::time_range& range);
  template <class Question>
  void again(std::vector<Question>& before, Question fresh);
  template <class Answer, class Question, class Text>
  Answer compare(operation op, const Question& q, std::string what, Text text);
  void everything();
  // Merging comes to an end when nothing disturbs it.
  void settle();

  template <class Answer, class Request>
  result<Answer> store(operation op, Request q) {
    return segments_.ask<Answer>("prj", op, std::move(q));
  }
  template <class Answer, class Request>
  Answer oracle(operation op, Request q);
  void expect(bool holds, const std::string& what);
  [[nodiscard]] std::uint64_t stored();
  [[nodiscard]] std::uint64_t expected();

  random_world random_;
  native::native_host segments_;
  native::native_host rows_;
  std::vector<std::string> done_;
  std::vector<millis> times_;  // of the events
  bool crashing_ = false;
  bool calm_ = false;  // nothing crashes any more
  bool crashed_ = false;
  std::vector<query::aggregate_question> aggregates_;
  std::vector<query::funnel_question> funnels_;
  std::vector<query::page_question> pages_;
};

}  // namespace millimetric::store
