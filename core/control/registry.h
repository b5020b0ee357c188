#pragma once
// The operator's side of the control plane: accounts, projects and keys, made and changed.
// Every function may fail with upstream_failed.

#include <optional>
#include <string>
#include <vector>

#include "control/directory.h"

namespace millimetric::control {

struct account {
  std::string id;
  std::string name;
  plan on = plan::free;
  millis created_at = 0;
  std::int64_t projects = 0;
};

struct key_record {
  std::string prefix;
  key_kind kind{};
  std::string env;
  std::string account_id;
  std::optional<std::string> project_id;
  bool all_projects = false;
  std::vector<std::string> project_ids;  // of an ak key that does not see all
  std::optional<std::string> label;
  millis created_at = 0;
  std::optional<millis> revoked_at;
};

host::task<result<std::vector<account>>> list_accounts(host::context& ctx);
host::task<result<account>> create_account(host::context& ctx, std::string name, plan on);
struct account_change {
  std::optional<std::string> name;
  std::optional<plan> on;
};
// @return also not_found.
host::task<result<account>> update_account(host::context& ctx, std::string id, account_change c);

// All projects, or those of an account.
// @return also not_found: no such account.
host::task<result<std::vector<project>>> list_projects(host::context& ctx,
                                                       std::optional<std::string> account_id);
struct new_project {
  std::string account_id;
  std::string slug;
  std::string name;
  std::vector<std::string> origins;
  std::optional<int> retention_days;
};
// @return also not_found (no such account), conflict (the account has this slug).
host::task<result<project>> create_project(host::context& ctx, new_project p);
struct project_change {
  std::optional<std::string> slug;
  std::optional<std::string> name;
  std::optional<std::vector<std::string>> origins;
  std::optional<std::optional<int>> retention_days;  // given and empty: the plan's
};
// @return also not_found, conflict.
host::task<result<project>> update_project(host::context& ctx, std::string id, project_change c);

// Notes other layouts of a project, unless somebody else has since `p` was read.
host::task<result<void>> change_layouts(host::context& ctx, const project& p, store::layout at,
                                        std::optional<store::layout> other);

// @return also not_found: no such account or project.
host::task<result<std::vector<key_record>>> list_keys(host::context& ctx,
                                                      std::optional<std::string> account_id,
                                                      std::optional<std::string> project_id);
struct new_key {
  key_kind kind{};
  std::string env = "live";
  std::string account_id;                // of ak
  std::string project_id;                // of the others
  std::vector<std::string> project_ids;  // of ak: only these; empty: all
  std::optional<std::string> label;
};
struct minted_key {
  std::string key;  // whole, shown once
  key_record record;
};
// @return also not_found: no such account or project, or one of another account.
host::task<result<minted_key>> mint_key(host::context& ctx, new_key k);
// @return also not_found.
host::task<result<key_record>> revoke_key(host::context& ctx, std::string prefix);

}  // namespace millimetric::control
