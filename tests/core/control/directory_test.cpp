#include "control/directory.h"
#include "../catch.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

// "401 invalid_api_key" of an HTTP-level refusal, or "200" and what JSON-RPC says.
std::string outcome(const host::http_response& r) {
  const std::string http = json_at(r.body, "/error");
  const std::string rpc = json_at(r.body, "/error/data/error");
  std::string name = rpc != "(none)" ? rpc : http;
  if (name == "(none)") return std::to_string(r.status);
  return std::to_string(r.status) + " " + name.substr(1, name.size() - 2);
}

std::string list(world& w, std::string_view key, std::string path = "/mcp") {
  return outcome(
      w.host.post(std::move(path), key, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})"));
}

// The key with another kind, environment, prefix or secret.
std::string changed(std::string key, std::size_t at, std::string_view to) {
  return key.replace(at, to.size(), to);
}

std::string slugs(world& w, std::string_view key) {
  const std::string rows = w.rows(key, "list_projects");
  std::string out;
  for (int i = 0;; ++i) {
    const std::string slug = json_at(rows, "/" + std::to_string(i) + "/slug");
    if (slug == "(none)") return out;
    out += slug;
  }
}

}  // namespace

TEST_CASE("each kind of key opens its endpoint and is refused at the other by name") {
  world w;
  struct row {
    const std::string& key;
    std::string_view mcp, account;
  };
  const row rows[] = {
      {.key = w.sk_a, .mcp = "200", .account = "403 account_key_required"},
      {.key = w.rk_a, .mcp = "200", .account = "403 account_key_required"},
      {.key = w.pk_a, .mcp = "403 key_kind_not_allowed", .account = "403 account_key_required"},
      {.key = w.ak, .mcp = "403 key_kind_not_allowed", .account = "200"},
  };
  for (const row& r : rows) {
    INFO(r.key);
    CHECK(list(w, r.key) == r.mcp);
    CHECK(list(w, r.key, "/mcp/account") == r.account);
  }
}

TEST_CASE("unknown, wrong and revoked keys, and those of another environment, get one answer") {
  world w;
  add_key(w.host, {.kind = "sk", .prefix = "revoked1", .project = "prj_a"});
  revoke_key(w.host, "revoked1");
  const std::string bad[] = {changed(w.sk_a, 8, "unknown1"), changed(w.sk_a, 17, "X"),
                             changed(w.sk_a, 8, "revoked1"), changed(w.sk_a, 3, "test"),
                             w.sk_a + "x"};
  const auto body = [](const std::string& key, world& in) {
    const auto r = in.host.post("/mcp", key, "{}");
    CHECK(r.status == 401);
    CHECK(header_of(r, "www-authenticate") ==
          R"(Bearer realm="millimetric", error="invalid_token")");
    return r.body;
  };
  const std::string expected = body(bad[0], w);
  CHECK(json_at(expected, "/error") == "\"invalid_api_key\"");
  for (const std::string& key : bad) {
    INFO(key);
    CHECK(body(key, w) == expected);
  }
}

TEST_CASE("unknown and wrong keys ask the host for the same, so that they take as long") {
  world w;
  const auto asked = [&](const std::string& key) {
    std::string out;
    w.host.fails = [&](std::string_view, const host::effect& e) {
      out += std::to_string(e.index());
      return false;
    };
    w.host.post("/mcp", key, "{}");
    return out;
  };
  const std::string unknown = asked(changed(w.sk_a, 8, "unknown1"));
  CHECK_FALSE(unknown.empty());
  CHECK(asked(changed(w.sk_a, 17, "X")) == unknown);
}

TEST_CASE("the right prefix and secret under another kind is told so, the wrong secret is not") {
  world w;
  CHECK(list(w, changed(w.sk_a, 0, "rk")) == "401 key_kind_mismatch");
  CHECK(list(w, changed(w.sk_a, 0, "ak"), "/mcp/account") == "401 key_kind_mismatch");
  CHECK(list(w, changed(changed(w.sk_a, 0, "rk"), 17, "X")) == "401 invalid_api_key");
  CHECK(list(w, w.sk_a) == "200");
  CHECK(list(w, changed(w.sk_a, 0, "rk")) == "401 key_kind_mismatch");  // also when remembered
}

TEST_CASE("a key whose project is gone opens nothing") {
  world w;
  w.host.control().ask("UPDATE api_keys SET project_id = NULL WHERE prefix = 'aaaask01'");
  CHECK(list(w, w.sk_a) == "401 invalid_api_key");
}

TEST_CASE("a missing or malformed key is refused without asking anybody") {
  world w;
  w.host.fails = [](std::string_view, const host::effect&) -> bool {
    FAIL("nothing is to be asked");
    return true;
  };
  const auto r = w.host.serve({.path = "/mcp", .body = "{}"});
  CHECK(outcome(r) == "401 missing_bearer_token");
  CHECK(header_of(r, "www-authenticate") == R"(Bearer realm="millimetric")");
  CHECK(list(w, "sk_live_short_secret") == "401 malformed_api_key");
}

TEST_CASE("a verified key is remembered for 60 seconds, and a revocation holds after them") {
  world w;
  CHECK(list(w, w.sk_a) == "200");
  revoke_key(w.host, "aaaask01");
  w.host.now = test_now + 60'000 - 1;
  CHECK(list(w, w.sk_a) == "200");
  w.host.now = test_now + 60'000;
  CHECK(list(w, w.sk_a) == "401 invalid_api_key");
}

TEST_CASE("use does not prolong what is remembered, and a clock that steps back ends it") {
  world w;
  CHECK(list(w, w.sk_a) == "200");
  revoke_key(w.host, "aaaask01");
  for (int second = 1; second < 60; ++second) {
    w.host.now = test_now + second * 1000;
    CHECK(list(w, w.sk_a) == "200");
  }
  w.host.now = test_now + 60'000;
  CHECK(list(w, w.sk_a) == "401 invalid_api_key");
  CHECK(list(w, w.rk_a) == "200");
  revoke_key(w.host, "aaaark01");
  w.host.now = test_now;
  CHECK(list(w, w.rk_a) == "401 invalid_api_key");
}

TEST_CASE("what is remembered of a key opens nothing to another secret or environment") {
  world w;
  CHECK(list(w, w.sk_a) == "200");
  CHECK(list(w, changed(w.sk_a, 17, "X")) == "401 invalid_api_key");
  CHECK(list(w, changed(w.sk_a, 3, "test")) == "401 invalid_api_key");
  CHECK(list(w, w.sk_a) == "200");
}

TEST_CASE("more keys than are remembered are still served") {
  world w;
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < control::max_cached_keys + 10; ++i) {
    const std::string n = std::to_string(1'000'000 + i);
    keys.push_back(add_key(w.host, {.kind = "rk", .prefix = "k" + n, .project = "prj_a"}));
  }
  for (const std::string& key : keys)
    if (list(w, key) != "200") FAIL(key);
  CHECK(list(w, keys.front()) == "200");
}

TEST_CASE("an account's key sees all of its account's projects, or those it was minted with") {
  world w;
  add_account(w.host, {.id = "acc_two"});
  add_project(w.host, {.id = "prj_c", .account = "acc_two", .slug = "c"});
  const std::string only_b =
      add_key(w.host, {.kind = "ak", .prefix = "onlybak1", .all_projects = false});
  const std::string nothing =
      add_key(w.host, {.kind = "ak", .prefix = "nothing1", .all_projects = false});
  w.host.control().ask("INSERT INTO api_key_projects VALUES ('onlybak1', 'prj_b')");
  // A row that names another account's project gives nothing.
  w.host.control().ask("INSERT INTO api_key_projects VALUES ('onlybak1', 'prj_c')");
  CHECK(slugs(w, w.ak) == R"("a""b")");
  CHECK(slugs(w, only_b) == R"("b")");
  CHECK(slugs(w, nothing) == "");
  CHECK(outcome(w.call_tool(nothing, "get_stats")) == "200 no_projects_visible");
  CHECK(outcome(w.call_tool(only_b, "get_stats", R"({"project_id":"prj_a"})")) ==
        "200 unknown_project_id");
  CHECK(outcome(w.call_tool(only_b, "get_stats", R"({"project_id":"prj_c"})")) ==
        "200 unknown_project_id");
  CHECK(outcome(w.call_tool(only_b, "get_stats", R"({"project_slug":"a"})")) ==
        "200 unknown_project_slug");
}

TEST_CASE("invisible and unknown projects are indistinguishable") {
  world w;
  add_account(w.host, {.id = "acc_two"});
  add_project(w.host, {.id = "prj_c", .account = "acc_two", .slug = "c"});
  const auto body = [&](const std::string& arguments, std::string_view name) {
    std::string text = w.call_tool(w.ak, "get_stats", arguments).body;
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos;)
      text.replace(at, name.size(), "NAME");
    return text;
  };
  CHECK(body(R"({"project_id":"prj_c"})", "prj_c") == body(R"({"project_id":"prj_x"})", "prj_x"));
  CHECK(body(R"({"project_slug":"c"})", "\\\"c\\\"") ==
        body(R"({"project_slug":"x"})", "\\\"x\\\""));
}

TEST_CASE("a new project is visible at once, by name and in the list") {
  world w;
  CHECK(slugs(w, w.ak) == R"("a""b")");
  add_project(w.host, {.id = "prj_new", .slug = "new"});
  CHECK(outcome(w.call_tool(w.ak, "get_stats", R"({"project_slug":"new"})")) == "200");
  add_project(w.host, {.id = "prj_newer", .slug = "newer"});
  CHECK(slugs(w, w.ak) == R"("a""b""new""newer")");
}

TEST_CASE("a key that was revoked within its minute is refused as such where storage is asked") {
  world w;
  CHECK(slugs(w, w.ak) == R"("a""b")");
  revoke_key(w.host, "aaaaak01");
  CHECK(outcome(w.call_tool(w.ak, "list_projects")) == "401 invalid_api_key");
  CHECK(outcome(w.call_tool(w.ak, "get_stats", R"({"project_slug":"x"})")) ==
        "401 invalid_api_key");
}

TEST_CASE("plans open the endpoints that the contract says, for any method") {
  world w;
  struct row {
    std::string_view plan, mcp, account;
  };
  const row rows[] = {
      {.plan = "free", .mcp = "200 plan_limit", .account = "200 plan_limit"},
      {.plan = "pro", .mcp = "200", .account = "200 plan_limit"},
      {.plan = "business", .mcp = "200", .account = "200"},
  };
  int n = 0;
  for (const row& r : rows) {
    INFO(r.plan);
    const std::string id = "acc_" + std::string(r.plan);
    const std::string digit = std::to_string(++n);
    add_account(w.host, {.id = id, .plan = std::string(r.plan)});
    add_project(w.host, {.id = "prj_" + id, .account = id});
    const std::string rk = add_key(
        w.host, {.kind = "rk", .prefix = "planrk0" + digit, .account = id, .project = "prj_" + id});
    const std::string ak =
        add_key(w.host, {.kind = "ak", .prefix = "planak0" + digit, .account = id});
    for (const std::string_view method : {"tools/list", "ping", "prompts/list"}) {
      CHECK(outcome(w.rpc(rk, method)) == r.mcp);
      CHECK(outcome(w.rpc(ak, method)) == r.account);
    }
  }
}

TEST_CASE("a control plane that does not answer is upstream_failed, without internals") {
  world w;
  for (const std::size_t failing : {0U, 2U}) {  // sql, hmac
    w.host.fails = [&](std::string_view, const host::effect& e) { return e.index() == failing; };
    const auto r = w.host.post("/mcp", w.sk_a, "{}");
    CHECK(outcome(r) == "502 upstream_failed");
    CHECK(r.body.find("as the test wants it") == std::string::npos);
    CHECK(header_of(r, "x-request-id").size() == 36);
  }
  w.host.fails = nullptr;
  CHECK(list(w, w.sk_a) == "200");
}

TEST_CASE("a preflight is let through for the origins that some project lists, and no other") {
  world w;
  add_project(w.host,
              {.id = "prj_web", .origins = R"(["https://shop.example","http://localhost:*"])"});
  const auto allowed = [&](std::string_view origin) {
    const auto r = w.host.serve(
        {.method = "OPTIONS", .path = "/v1/track", .headers = {{"origin", std::string(origin)}}});
    CHECK(r.status == 204);
    return header_of(r, "access-control-allow-origin");
  };
  for (const std::string_view origin : {"https://shop.example", "HTTPS://Shop.Example",
                                        "http://localhost", "http://localhost:5173"})
    CHECK(allowed(origin) == origin);
  for (const std::string_view origin :
       {"https://shop.example:8443", "http://shop.example", "https://shop.example.evil",
        "http://localhost.evil.example", "http://localhosts:80", "https://localhost", "null"})
    CHECK(allowed(origin) == "");
}
