#include "api/engine.h"

#include "api/gateway.h"
#include "base/hash.h"
#include "host/frames.h"
#include "store/segment_store.h"
#include "store/service.h"

namespace millimetric::api {
namespace {

class gateway_engine final : public engine {
 public:
  explicit gateway_engine(settings s) : gateway_(std::move(s)) {}
  host::task<std::string> call(host::context& ctx, call_kind what,
                               std::string_view frame) override {
    return what == call_kind::upkeep ? gateway_.run_daily(ctx) : gateway_.serve(ctx, frame);
  }

 private:
  gateway gateway_;
};

class store_engine final : public engine {
 public:
  explicit store_engine(std::unique_ptr<store::event_store> events) : service_(std::move(events)) {}
  host::task<std::string> call(host::context& ctx, call_kind what,
                               std::string_view frame) override {
    if (what == call_kind::upkeep) return service_.serve(ctx, upkeep_record_);
    const auto request = host::decode_store_request(frame);
    return service_.serve(ctx, request ? request->record : std::string_view());
  }

 private:
  store::service service_;
  const std::string upkeep_record_ =
      store::encode_request(store::operation::maintain, store::maintain_request{});
};

}  // namespace

std::unique_ptr<engine> open_engine(engine_kind kind, std::string_view configuration) {
  if (kind == engine_kind::store) return open_store(std::make_unique<store::segment_store>());
  if (kind != engine_kind::gateway) return nullptr;
  auto s = from_record<settings>(configuration);
  return s ? std::make_unique<gateway_engine>(std::move(*s)) : nullptr;
}

std::unique_ptr<engine> open_store(std::unique_ptr<store::event_store> events) {
  return std::make_unique<store_engine>(std::move(events));
}

engine_call::engine_call(engine& e, call_kind what, std::string frame) : frame_(std::move(frame)) {
  byte_reader in(frame_);
  const millis now = in.i64();
  const std::string_view seed = in.text();
  if (!seed.empty()) key_tables(hash64(seed));
  request_ = std::make_unique<host::request>(now, seed);
  request_->start([&](host::context& ctx) { return e.call(ctx, what, frame_); });
}

}  // namespace millimetric::api
