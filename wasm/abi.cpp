#include "abi.h"

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "api/engine.h"
#include "host/frames.h"

namespace {

using namespace millimetric;

struct live_request {
  api::engine_call call;
  std::string bytes;
  mm_output_record output{};
};

// The one engine of this instance, set by mm_open, and its requests in flight.
struct instance {
  std::unique_ptr<api::engine> engine;
  std::unordered_map<std::uint32_t, std::unique_ptr<live_request>> requests;
  std::uint32_t last_number = 0;
};

instance& self() {
  static instance only;
  return only;
}

std::string take_buffer(std::uint8_t* buffer, std::uint32_t length) {
  std::string bytes(reinterpret_cast<const char*>(buffer), length);
  delete[] buffer;
  return bytes;
}

live_request* find(std::uint32_t request) {
  const auto found = self().requests.find(request);
  return found == self().requests.end() ? nullptr : found->second.get();
}

std::uint32_t address(const void* p) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(p));
}

}  // namespace

std::uint8_t* mm_alloc(std::uint32_t length) { return new std::uint8_t[length > 0 ? length : 1]; }

std::uint32_t mm_open(std::uint32_t kind, std::uint8_t* configuration, std::uint32_t length) {
  const std::string record = take_buffer(configuration, length);
  if (self().engine) return 0;
  self().engine = api::open_engine(static_cast<api::engine_kind>(kind), record);
  return self().engine ? 1 : 0;
}

std::uint32_t mm_begin(std::uint32_t call, std::uint8_t* frame, std::uint32_t length) {
  std::string bytes = take_buffer(frame, length);
  if (!self().engine) __builtin_trap();
  const std::uint32_t number = ++self().last_number;
  self().requests.emplace(
      number, new live_request{
                  {*self().engine, static_cast<api::call_kind>(call), std::move(bytes)}, {}, {}});
  return number;
}

const mm_output_record* mm_output(std::uint32_t request) {
  live_request* r = find(request);
  if (r == nullptr) __builtin_trap();
  const bool done = r->call.done();
  r->bytes = done ? r->call.take_response() : host::encode(r->call.take_effects());
  r->output = {done ? 1U : 0U, address(r->bytes.data()),
               static_cast<std::uint32_t>(r->bytes.size())};
  return &r->output;
}

std::uint32_t mm_resume(std::uint32_t request, std::uint32_t effect, std::uint8_t* answer,
                        std::uint32_t length) {
  const std::unique_ptr<std::uint8_t[]> bytes(answer);
  live_request* r = find(request);
  auto a = host::decode_answer({reinterpret_cast<const char*>(answer), length});
  if (r == nullptr || !a) return 0;
  return r->call.resume(effect, std::move(*a)) ? 1 : 0;
}

void mm_release(std::uint32_t request) { self().requests.erase(request); }

std::uint32_t mm_body_limit(void) { return host::max_body_bytes; }
