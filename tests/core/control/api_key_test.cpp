#include "control/api_key.h"

#include "../catch.h"

using namespace millimetric;
using control::key_kind;
using control::read_authorization;

namespace {

std::string refusal(std::string_view header) {
  const std::string exact(header);
  const auto key = read_authorization(exact);
  return key ? "" : std::string(describe(key.error().code).name);
}

const std::string secret24(24, 's');

}  // namespace

TEST_CASE("a key is kind, environment, prefix and secret") {
  struct sample {
    std::string header;
    key_kind kind;
    std::string_view env, prefix, secret;
  };
  const sample samples[] = {
      {.header = "Bearer sk_live_ab12CD34_" + secret24,
       .kind = key_kind::secret,
       .env = "live",
       .prefix = "ab12CD34",
       .secret = secret24},
      {.header = "bearer pk_test_00000000_" + secret24,
       .kind = key_kind::publishable,
       .env = "test",
       .prefix = "00000000",
       .secret = secret24},
      {.header = "BEARER   rk_live_zzzzZZZZ_" + secret24 + "  ",
       .kind = key_kind::read,
       .env = "live",
       .prefix = "zzzzZZZZ",
       .secret = secret24},
      {.header = " Bearer ak_live_ab12CD34_a_b-c_" + secret24,
       .kind = key_kind::account,
       .env = "live",
       .prefix = "ab12CD34",
       .secret = "a_b-c_ssssssssssssssssssssssss"},
  };
  for (const sample& s : samples) {
    INFO(s.header);
    const auto key = read_authorization(s.header);
    REQUIRE(key);
    CHECK(key->kind == s.kind);
    CHECK(key->env == s.env);
    CHECK(key->prefix == s.prefix);
    CHECK(key->secret == s.secret);
  }
}

TEST_CASE("no bearer token is one refusal, whatever is there instead") {
  for (const std::string_view header :
       {"", " ", "Bearer", "Bearer ",
        "Basic c2s6cGFzcw==", "sk_live_ab12CD34_ssssssssssssssssssssssss",
        "BearerX sk_live_ab12CD34_ssssssssssssssssssssssss", "Token x"}) {
    INFO(header);
    CHECK(refusal(header) == "missing_bearer_token");
  }
}

TEST_CASE("a secret has 24 to 64 characters") {
  const auto with = [](std::size_t n) {
    return refusal("Bearer sk_live_ab12CD34_" + std::string(n, 's'));
  };
  CHECK(with(0) == "malformed_api_key");
  CHECK(with(23) == "malformed_api_key");
  CHECK(with(24) == "");
  CHECK(with(64) == "");
  CHECK(with(65) == "malformed_api_key");
}

TEST_CASE("what is nearly a key is malformed") {
  for (const std::string& key : {std::string("x"),
                                 std::string("sk"),
                                 std::string("sk_live"),
                                 std::string("sk_live_ab12CD34"),
                                 std::string("____"),
                                 "SK_live_ab12CD34_" + secret24,
                                 "xk_live_ab12CD34_" + secret24,
                                 "_live_ab12CD34_" + secret24,
                                 "sk_prod_ab12CD34_" + secret24,
                                 "sk_LIVE_ab12CD34_" + secret24,
                                 "sk__ab12CD34_" + secret24,
                                 "sk_live_ab12CD3_" + secret24,
                                 "sk_live_ab12CD345_" + secret24,
                                 "sk_live_ab12-D34_" + secret24,
                                 std::string("sk_live_ab12\xC3\xA9") + "34_" + secret24,
                                 "sk_live_ab12CD34_" + secret24 + "!",
                                 "sk_live_ab12CD34_" + secret24 + " x",
                                 "sk_live_ab12CD34_" + secret24 + "\xC3\xA9",
                                 "sk_live_ab12CD34_" + secret24 + std::string(1, '\0'),
                                 "sk-live-ab12CD34-" + secret24,
                                 "sk_live_ab12CD34_" + secret24 + "/"}) {
    INFO(key);
    CHECK(refusal("Bearer " + key) == "malformed_api_key");
  }
}

TEST_CASE("kinds have the names that keys begin with") {
  for (const std::string_view name : {"pk", "sk", "rk", "ak"}) {
    const auto kind = control::kind_named(name);
    REQUIRE(kind);
    CHECK(control::name_of(*kind) == name);
  }
  CHECK_FALSE(control::kind_named("xk"));
  CHECK_FALSE(control::kind_named(""));
}
