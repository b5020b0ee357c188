#include "api/body_turns.h"

#include "../catch.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

http_call large_call(std::string path, std::string_view key) {
  http_call call;
  call.path = std::move(path);
  call.headers = {{"authorization", "Bearer " + std::string(key)},
                  {"content-type", "application/json"}};
  call.body.assign(host::max_body_bytes, ' ');
  return call;
}

// The answer of a request that nothing holds up.
host::http_response refusal_of(world& w, const http_call& call) {
  const auto refused = w.host.begin(call);
  REQUIRE(refused->done());
  return refused->take_response();
}

}  // namespace

TEST_CASE("a large body that is refused since too many wait is logged with its route") {
  world w;
  // Each that has its turn waits for its key, and so the others for their turn.
  std::vector<std::unique_ptr<flight>> held;
  constexpr auto most =
      (api::body_turns::most_bytes + api::body_turns::most_waiting_bytes) / host::max_body_bytes;
  for (std::size_t i = 0; i < most; ++i) {
    held.push_back(w.host.begin(large_call("/v1/batch", w.sk_a)));
    REQUIRE_FALSE(held.back()->done());
  }
  for (const std::string path : {"/mcp", "/v1/batch", "/admin/import"}) {
    INFO(path);
    const auto r = refusal_of(w, large_call(path + "?project=private", w.sk_a));
    CHECK(r.status == 429);
    CHECK(json_at(r.log, "/route") == '"' + path + '"');
  }
  CHECK(json_at(refusal_of(w, large_call("/nowhere", w.sk_a)).log, "/route") == "\"\"");
}
