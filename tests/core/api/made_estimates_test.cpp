#include "../catch.h"
#include "../crafted.h"
#include "native/append_records.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

constexpr std::uint64_t visitors = 1UL << 14U;  // one for each register of a sketch

// Each sets its register as high as it goes: an honest sketch of so many would be of 10^14 and
// more.
void add_visitors(world& w, const std::string& project) {
  store::append_records all;
  for (std::uint64_t i = 0; i < visitors; ++i) {
    event::record& r = all.events.emplace_back();
    r.timestamp = test_now - 1;
    r.event_name = "e";
    r.anonymous_id = text_of_hash(i << 50U | 1U);
    r.source = "s";
    r.medium = "m";
    r.properties = "{}";
  }
  REQUIRE(w.host.ask<store::append_answer>(project, store::operation::append, std::move(all)));
}

}  // namespace

TEST_CASE("there are never more visitors than events, whoever chose their ids") {
  world w;
  add_visitors(w, "prj_a");
  add_visitors(w, "prj_b");
  const std::string all = std::to_string(visitors);
  const auto uniques = w.call_tool(w.rk_a, "get_stats", R"({"metric":"uniques"})");
  CHECK(json_at(uniques.body, "/result/structuredContent/rows/0/value") == all);
  const auto sources = w.call_tool(w.rk_a, "top_sources");
  CHECK(json_at(sources.body, "/result/structuredContent/rows/0/uniques") == all);
  const auto both = w.call_tool(w.ak, "get_stats", R"({"metric":"uniques"})");
  CHECK(json_at(both.body, "/result/structuredContent/meta/total") == std::to_string(2 * visitors));
}
