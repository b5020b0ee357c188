#include <variant>

#include "../catch.h"
#include "json/writer.h"
#include "native/world.h"

using namespace millimetric;
using namespace millimetric::native;

namespace {

constexpr std::string_view token = "admin-token-of-the-tests";

struct minted {
  host::http_response response;
  std::size_t statements = 0;  // of the control plane
};

minted mint(native_host& host, const std::vector<std::string>& projects) {
  std::string body;
  json::writer w(body);
  w.begin_object().key("kind").string("ak").key("account_id").string("acc_one");
  w.key("project_ids").begin_array();
  for (const std::string& id : projects) w.string(id);
  w.end_array().end_object();
  minted out;
  host.fails = [&](std::string_view store, const host::effect& what) {
    const auto* sql = std::get_if<host::sql_effect>(&what);
    if (store.empty() && sql != nullptr) out.statements += sql->statements.size();
    return false;
  };
  out.response = host.post("/admin/keys", token, body);
  host.fails = nullptr;
  return out;
}

}  // namespace

TEST_CASE("a key for many projects is minted in as many statements as one for a single project") {
  native_host host({.admin_token = std::string(token)});
  host.now = test_now;
  add_account(host, {.id = "acc_one"});
  add_account(host, {.id = "acc_two"});
  std::vector<std::string> projects;
  for (int i = 0; i < 200; ++i) {
    projects.push_back("prj_" + std::to_string(i));
    add_project(host, {.id = projects.back()});
  }
  add_project(host, {.id = "prj_other", .account = "acc_two"});

  const minted one = mint(host, {"prj_7"});
  REQUIRE(one.response.status == 201);
  const minted many = mint(host, projects);
  REQUIRE(many.response.status == 201);
  CHECK(many.statements == one.statements);
  CHECK(json_at(many.response.body, "/project_ids/0") == "\"prj_0\"");
  CHECK(json_at(many.response.body, "/project_ids/199") != "(none)");

  const minted twice = mint(host, {"prj_3", "prj_3"});
  CHECK(json_at(twice.response.body, "/project_ids") == R"(["prj_3"])");

  // The first that is wrong is named.
  const auto refused = [&](const std::vector<std::string>& ids) {
    const auto r = mint(host, ids).response;
    return std::to_string(r.status) + " " + json_at(r.body, "/error_description");
  };
  CHECK(refused({"prj_1", "prj_nowhere", "prj_other"}) ==
        R"(404 "There is no project \"prj_nowhere\".")");
  CHECK(refused({"prj_1", "prj_other", "prj_nowhere"}) ==
        R"(404 "There is no project of this account \"prj_other\".")");
}
