#include "query/values.h"

#include "../catch.h"
#include "event/user_agent.h"

using namespace millimetric;
using namespace millimetric::query;

namespace {

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("values that no event can have") {
  CHECK(impossible_values({column::device_type, {"", "desktop", "mobile", "phone", "tablet"}}) ==
        names{"", "phone"});
  CHECK(impossible_values({column::browser, {"", "brave", "edge", "chrome|safari", "|"}}) ==
        names{"brave", "chrome|safari", "|"});
  CHECK(impossible_values({column::os, {"", "ios", "windows 11"}}) == names{"windows 11"});
  CHECK(impossible_values({column::country, {"", "DE", "DEU", "T1", "XX", "ZZ", "Germany"}}) ==
        names{"", "DEU", "T1", "XX", "Germany"});
}

TEST_CASE("texts that anybody may send are all possible") {
  for (const column_entry& c : columns) {
    INFO(c.name);
    if (values_of(c.col).empty()) CHECK(impossible_values({c.col, {"", "phone"}}).empty());
  }
}

TEST_CASE("what is derived of a client is possible") {
  for (const std::string_view agent :
       {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 "
        "Safari/604.1",
        "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "curl/8.0"}) {
    INFO(agent);
    const event::user_agent_class found = event::classify_user_agent(agent);
    CHECK(impossible_values({column::device_type, {std::string(found.device_type)}}).empty());
    CHECK(impossible_values({column::browser, {std::string(found.browser)}}).empty());
    CHECK(impossible_values({column::os, {std::string(found.os)}}).empty());
  }
}
