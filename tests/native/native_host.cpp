#include "native/native_host.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "api/gateway.h"
#include "base/text.h"
#include "native/files.h"
#include "sql_store/sql_store.h"
#include "store/segment_store.h"

namespace millimetric::native {
namespace {

std::string numbered_seed(std::uint32_t n) {
  std::string seed;
  byte_writer(seed).u32(n);
  seed.resize(32, '\0');
  return seed;
}

std::string request_frame(const http_call& call, millis now, std::string_view seed) {
  host::http_request r;
  r.now = now;
  r.seed = seed;
  r.method = call.method;
  r.target = call.path;
  std::vector<std::string> names;  // as Fetch gives them
  names.reserve(call.headers.size());
  for (const auto& [name, text] : call.headers)
    r.headers.emplace_back(names.emplace_back(to_lower(name)), text);
  r.body_cut = call.body.size() > host::max_body_bytes;
  if (!r.body_cut) r.body = call.body;
  return host::encode(r);
}

// What the host cannot do is a failure of the effect, never of the test's process.
template <class Perform>
host::answer or_failure(Perform perform) {
  try {
    return perform();
  } catch (const std::exception& e) {
    return host::failure{e.what()};
  }
}

}  // namespace

std::string header_of(const host::http_response& r, std::string_view name) {
  for (const auto& [key, text] : r.headers)
    if (equals_ignoring_case(key, name)) return text;
  return {};
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, data.size(),
           digest.data(), &size) == nullptr)
    throw std::runtime_error("OpenSSL gave no digest");
  return {reinterpret_cast<const char*>(digest.data()), size};
}

flight::flight(native_host& owner, api::engine& gateway, api::call_kind what, std::string frame)
    : host_(owner) {
  run([&] { call_ = std::make_unique<api::engine_call>(gateway, what, std::move(frame)); });
}

template <class Step>
void flight::run(Step step) {
  if (!host_.gateway_allocations.survives(step)) {
    static_cast<void>(call_.release());
    static_cast<void>(host_.gateway_.release());
    host_.open_gateway();
    return open_.clear();
  }
  for (host::pending_effect& e : call_->take_effects()) open_.push_back(std::move(e));
}

void flight::carry_out(std::size_t index) { answer(index, host_.perform(open_.at(index).what)); }

void flight::answer(std::size_t index, host::answer a) {
  const std::uint32_t id = open_.at(index).id;
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
  bool taken = true;
  run([&] { taken = call_->resume(id, std::move(a)); });
  if (!taken) throw std::logic_error("the effect was not open");
}

void flight::finish() {
  while (!done()) {
    if (open_.empty()) throw std::logic_error("the request waits for nothing");
    carry_out();
  }
}

host::http_response flight::take_response() {
  if (lost()) return {.status = 500};
  auto r = host::decode_http_response(take_bytes());
  if (!r) throw std::logic_error("the response cannot be read");
  return std::move(*r);
}

std::shared_ptr<sqlite_database> empty_control_plane() {
  static const std::string migrations = [] {
    std::string all;
    for (const auto& file : files_in("migrations", ".sql")) all += read_file(file);
    return all;
  }();
  auto out = std::make_shared<sqlite_database>();
  out->run_script(migrations);
  return out;
}

native_host::native_host(host_settings settings) : settings_(std::move(settings)) { restart(); }

// Many tests ask stores only.
sqlite_database& native_host::control() {
  if (!settings_.control) settings_.control = empty_control_plane();
  return *settings_.control;
}

void native_host::open_gateway() {
  gateway_ = api::open_engine(
      api::engine_kind::gateway,
      to_record(api::settings{settings_.mcp_allowed_origins, settings_.admin_token}));
}

void native_host::restart() {
  open_gateway();
  for (auto& [id, store] : stores_) store.engine = open_store();
}

std::unique_ptr<api::engine> native_host::open_store() const {
  if (settings_.store == store_kind::sql)
    return api::open_store(std::make_unique<store::sql_store>());
  return api::open_store(std::make_unique<store::segment_store>(settings_.limits));
}

std::unique_ptr<flight> native_host::begin(const http_call& call) {
  ++requests_;
  const std::uint32_t number = call.number == 0 ? requests_ : call.number;
  std::string frame = request_frame(call, now, numbered_seed(number));
  return std::unique_ptr<flight>(
      new flight(*this, *gateway_, api::call_kind::serve, std::move(frame)));
}

host::http_response native_host::serve(const http_call& call) {
  const auto f = begin(call);
  f->finish();
  return f->take_response();
}

host::http_response native_host::post(std::string path, std::string_view key, std::string body,
                                      header_list headers) {
  http_call call{.path = std::move(path), .headers = std::move(headers), .body = std::move(body)};
  call.headers.emplace_back("authorization", "Bearer " + std::string(key));
  call.headers.emplace_back("content-type", "application/json");
  return serve(call);
}

std::string native_host::run_daily() {
  std::string frame;
  byte_writer out(frame);
  out.i64(now);
  out.text(numbered_seed(++requests_));
  flight f(*this, *gateway_, api::call_kind::upkeep, std::move(frame));
  f.finish();
  return f.take_bytes();
}

native_host::store_instance& native_host::store_of(const std::string& project) {
  store_instance& store = stores_[project];
  if (!store.engine) store.engine = open_store();
  return store;
}

sqlite_database& native_host::events_of(const std::string& project) {
  return store_of(project).events;
}

std::string native_host::ask_store(const std::string& project, std::string record) {
  std::string answer = run_in_store(project, api::call_kind::serve,
                                    host::encode(host::store_request{now, {}, record}));
  if (settings_.upkeep == upkeep_runs::at_once) run_upkeep(project);
  return answer;
}

void native_host::run_upkeep(const std::string& project, std::size_t most) {
  std::string frame;
  byte_writer out(frame);
  out.i64(now);
  out.text({});
  for (; most > 0 && store_of(project).wants_upkeep; --most) {
    store_of(project).wants_upkeep = false;
    static_cast<void>(run_in_store(project, api::call_kind::upkeep, frame));
  }
}

std::string native_host::run_in_store(const std::string& project, api::call_kind what,
                                      std::string frame) {
  store_instance& store = store_of(project);
  std::unique_ptr<api::engine_call> call;
  const auto survives = [&](auto step) {
    if (allocations.survives(step)) return true;
    static_cast<void>(call.release());
    static_cast<void>(store.engine.release());
    store.engine = open_store();
    return false;
  };
  if (!survives([&] {
        call = std::make_unique<api::engine_call>(*store.engine, what, std::move(frame));
      }))
    return {};
  while (!call->done()) {
    const auto asked = call->take_effects();
    if (asked.empty()) throw std::logic_error("the store waits for nothing");
    for (const host::pending_effect& e : asked) {
      host::answer a = perform_in_store(project, store, e.what);
      if (!survives([&] { call->resume(e.id, std::move(a)); })) return {};
    }
  }
  return call->take_response();
}

host::answer native_host::perform_in_store(const std::string& project, store_instance& store,
                                           const host::effect& what) {
  if (fails && fails(project, what)) return host::failure{"as the test wants it"};
  return or_failure([&]() -> host::answer {
    if (std::holds_alternative<host::wake_effect>(what)) {
      store.wants_upkeep = true;
      return std::string();
    }
    return host::sql_answer{store.events.run(std::get<host::sql_effect>(what).statements)};
  });
}

host::answer native_host::perform(const host::effect& what) {
  if (fails && fails({}, what)) return host::failure{"as the test wants it"};
  return or_failure([&]() -> host::answer {
    if (const auto* sql = std::get_if<host::sql_effect>(&what))
      return host::sql_answer{control().run(sql->statements)};
    if (const auto* store = std::get_if<host::store_effect>(&what))
      return ask_store(store->store, store->request);
    if (const auto* h = std::get_if<host::hmac_effect>(&what)) {
      const bool given = h->source == host::hmac_effect::key_source::given;
      std::string digests;
      for (const std::string& text : h->data)
        digests += hmac_sha256(given ? h->key : settings_.pepper, text);
      return digests;
    }
    if (std::holds_alternative<host::wake_effect>(what)) return std::string();  // waits no time
    return random_bytes(std::get<host::random_effect>(what).size);
  });
}

std::string native_host::secret_hash(std::string_view secret) const {
  return to_hex(hmac_sha256(settings_.pepper, secret));
}

std::string native_host::random_bytes(std::uint32_t size) {
  std::string out(size, '\0');
  if (settings_.random == randomness::fixed) {
    for (char& c : out) c = static_cast<char>(fixed_random_.next());
  } else if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size)) !=
             1) {
    throw std::runtime_error("OpenSSL gave no random bytes");
  }
  return out;
}

}  // namespace millimetric::native
