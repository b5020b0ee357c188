#pragma once
// A deployment with somebody in it: rows of the control plane, and calls as clients make them.

#include <string>
#include <string_view>

#include "native/native_host.h"

namespace millimetric::native {

// Every key of these tests ends in this.
inline constexpr std::string_view key_secret = "a-secret-for-the-tests-only";

struct account_row {
  std::string id;
  std::string plan = "business";
};
struct project_row {
  std::string id;
  std::string account = "acc_one";
  std::string slug = {};  // the id when empty
  std::string origins = "[]";
  host::value retention_days = std::monostate{};
};
struct key_row {
  std::string kind;
  std::string prefix;
  std::string account = "acc_one";
  std::string project = {};  // empty: an account's key
  bool all_projects = true;  // of an account's key
  std::string env = "live";
};

void add_account(native_host& host, const account_row& row);
void add_project(native_host& host, const project_row& row);
// The key as a client sends it.
std::string add_key(native_host& host, const key_row& row);
void revoke_key(native_host& host, const std::string& prefix);

// A business account "acc_one" with the projects "prj_a" and "prj_b" (slugs "a" and "b", kept for
// ever), and a key of each kind for them.
struct world {
  world();
  native_host host;
  std::string sk_a;
  std::string rk_a;
  std::string pk_a;
  std::string sk_b;
  std::string rk_b;
  std::string ak;

  // The bodies of a JSON-RPC answer over /mcp, or /mcp/account for an account's key.
  host::http_response rpc(std::string_view key, std::string_view method,
                          std::string_view params = "{}");
  host::http_response call_tool(std::string_view key, std::string_view tool,
                                std::string_view arguments = "{}");
  // The rows of a tool's answer, as JSON.
  std::string rows(std::string_view key, std::string_view tool, std::string_view arguments = "{}");
};

// 2026-11-20T12:00:00.000Z, a Friday: when the tests happen.
inline constexpr millis test_now = 1'795'176'000'000;

// The part of a JSON text at a JSON pointer, as compact JSON; "(none)" when there is none.
[[nodiscard]] std::string json_at(std::string_view text, std::string_view pointer);
// The first text block of a tool's answer.
[[nodiscard]] std::string text_of(const host::http_response& r);
// The messages of a field that a tool refused, as a JSON array.
[[nodiscard]] std::string field_errors_of(const host::http_response& r, std::string_view field);

}  // namespace millimetric::native
