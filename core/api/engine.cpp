#include "api/engine.h"

#include "api/gateway.h"
#include "host/frames.h"
#include "store/service.h"
#include "store/sql_store.h"

namespace millimetric::api {
namespace {

class gateway_engine final : public engine {
 public:
  explicit gateway_engine(settings s) : gateway_(std::move(s)) {}
  host::task<std::string> call(host::context& ctx, call_kind what,
                               std::string_view frame) override {
    return what == call_kind::daily ? gateway_.run_daily(ctx) : gateway_.serve(ctx, frame);
  }

 private:
  gateway gateway_;
};

class store_engine final : public engine {
 public:
  store_engine() : service_(std::make_unique<store::sql_store>()) {}
  host::task<std::string> call(host::context& ctx, call_kind, std::string_view frame) override {
    const auto request = host::decode_store_request(frame);
    return service_.serve(ctx, request ? request->record : std::string_view());
  }

 private:
  store::service service_;
};

}  // namespace

std::unique_ptr<engine> open_engine(engine_kind kind, std::string_view configuration) {
  if (kind == engine_kind::store) return std::make_unique<store_engine>();
  if (kind != engine_kind::gateway) return nullptr;
  auto s = from_record<settings>(configuration);
  return s ? std::make_unique<gateway_engine>(std::move(*s)) : nullptr;
}

engine_call::engine_call(engine& e, call_kind what, std::string frame) : frame_(std::move(frame)) {
  byte_reader in(frame_);
  const millis now = in.i64();
  request_ = std::make_unique<host::request>(now, in.text());
  request_->start([&](host::context& ctx) { return e.call(ctx, what, frame_); });
}

}  // namespace millimetric::api
