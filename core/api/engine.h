#pragma once
// The two state machines that hosts run: the gateway of a deployment and the store of a project.
// A host opens one engine per instance and gives it calls; each call is a host::request.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/request.h"
#include "store/event_store.h"

namespace millimetric::api {

enum class engine_kind : std::uint32_t { gateway = 0, store = 1 };
enum class call_kind : std::uint32_t {
  serve = 0,  // an http request (gateway) or a store request (store); see host/frames.h
  upkeep =
      1,  // gateway: apply retention; store: a step of merging. The frame: `i64 now_ms, text seed`
};

class engine {
 public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  // The call's coroutine. The frame must live until it ends.
  [[nodiscard]] virtual host::task<std::string> call(host::context& ctx, call_kind what,
                                                     std::string_view frame) = 0;
};

// `configuration` is a record of api::settings for a gateway and empty for a store. Empty when it
// cannot be read or the kind is unknown.
[[nodiscard]] std::unique_ptr<engine> open_engine(engine_kind kind, std::string_view configuration);

// A store on an event store of the caller's choice: how tests run the engine on another one.
[[nodiscard]] std::unique_ptr<engine> open_store(std::unique_ptr<store::event_store> events);

// A request of an engine in flight, with the frame it reads from.
class engine_call {
 public:
  // Starts the call. The clock and the seed are the first fields of every frame.
  engine_call(engine& e, call_kind what, std::string frame);

  [[nodiscard]] bool done() const noexcept { return request_->done(); }
  [[nodiscard]] std::vector<host::pending_effect> take_effects() {
    return request_->take_effects();
  }
  bool resume(std::uint32_t effect, host::answer a) {
    return request_->resume(effect, std::move(a));
  }
  [[nodiscard]] std::string take_response() { return request_->take_response(); }

 private:
  std::string frame_;
  std::unique_ptr<host::request> request_;
};

}  // namespace millimetric::api
