#pragma once
// The store of one project as the gateway sees it: records in, records out.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/event_store.h"
#include "store/rate_limit.h"

namespace millimetric::store {

class service {
 public:
  explicit service(std::unique_ptr<event_store> events) : events_(std::move(events)) {}

  // Answers one record of store/protocol.h. The record must live until the task ends.
  [[nodiscard]] host::task<std::string> serve(host::context& ctx, std::string_view record);

 private:
  // Zero, or for how long a bucket is empty.
  [[nodiscard]] millis draw(bucket from, millis now) noexcept;
  // Answers appends that came together.
  host::task<std::vector<std::string>> append(host::context& ctx,
                                              std::span<const std::string_view> requests);
  host::task<std::string> append_one(host::context& ctx, std::string_view request);
  host::task<std::string> append_all(host::context& ctx, std::string_view body);
  template <class Answer, class Request>
  host::task<std::string> change(host::context& ctx,
                                 host::task<result<Answer>> (event_store::*member)(host::context&,
                                                                                   const Request&),
                                 std::string_view body);
  template <class Answer, class Question>
  host::task<std::string> ask(host::context& ctx, operation op,
                              host::task<result<Answer>> (event_store::*member)(host::context&,
                                                                                const Question&),
                              std::string_view body);
  host::task<result<void>> keep(host::context& ctx, std::string question, query::time_range range,
                                std::string answer, std::uint64_t version);

  std::unique_ptr<event_store> events_;
  answer_cache kept_;
  token_bucket track_{track_limits};
  token_bucket batch_{batch_limits};
};

}  // namespace millimetric::store
