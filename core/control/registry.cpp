#include "control/registry.h"

#include <algorithm>

#include "base/text.h"
#include "control/project_rows.h"
#include "json/writer.h"

namespace millimetric::control {
namespace {

using host::context;
using host::rows;
using host::statement;
using host::task;
using host::value;

constexpr std::uint32_t id_random_bytes = 12;
constexpr std::uint32_t secret_bytes = 24;  // 192 bits; 32 characters of base64url

value optional_value(const std::optional<std::string>& v) {
  return v ? value(*v) : value(std::monostate{});
}
value optional_value(const std::optional<int>& v) {
  return v ? value(static_cast<std::int64_t>(*v)) : value(std::monostate{});
}

std::string json_list(const std::vector<std::string>& items) {
  std::string out;
  json::writer w(out);
  w.begin_array();
  for (const std::string& i : items) w.string(i);
  w.end_array();
  return out;
}

// Letters and digits of random bytes. The bias of the remainder is harmless in an identifier.
std::string alphanumeric(std::string_view bytes) {
  constexpr std::string_view symbols =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string out;
  for (const char c : bytes) out += symbols[static_cast<unsigned char>(c) % symbols.size()];
  return out;
}

error missing(std::string_view what, std::string_view id) {
  return {error_code::not_found,
          "There is no " + std::string(what) + " " + json::quoted(shortened(id)) + "."};
}

task<result<rows>> run(context& ctx, statement one) {
  std::vector<statement> statements;
  statements.push_back(std::move(one));
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  co_return std::move(got->results.front());
}

account read_account(const rows& r, std::size_t row) {
  return {std::string(r.text(row, 0)), std::string(r.text(row, 1)),
          plan_named(r.text(row, 2)).value_or(plan::free), r.integer(row, 3), r.integer(row, 4)};
}

constexpr std::string_view account_columns =
    "id, name, plan, created_at, (SELECT COUNT(*) FROM projects WHERE account_id = accounts.id) AS "
    "projects";

statement account_with(std::string id) {
  return {"SELECT " + std::string(account_columns) + " FROM accounts WHERE id = ?",
          {std::move(id)}};
}

// Makes a change and reads what it was made to, in one transaction: a change that cannot be
// answered is not made, and may be sent again.
task<result<rows>> change(context& ctx, std::vector<statement> how, statement read) {
  how.push_back(std::move(read));
  auto got = co_await ctx.sql(std::move(how));
  if (!got) co_return fail(got.error());
  co_return std::move(got->results.back());
}
task<result<rows>> change(context& ctx, statement how, statement read) {
  std::vector<statement> one;
  one.push_back(std::move(how));
  return change(ctx, std::move(one), std::move(read));
}

result<account> account_of(const result<rows>& found, const std::string& id) {
  if (!found) return fail(found.error());
  if (found->size() == 0) return fail(missing("account", id));
  return read_account(*found, 0);
}

task<result<account>> find_account(context& ctx, std::string id) {
  auto found = co_await run(ctx, account_with(id));
  co_return account_of(found, id);
}

task<result<project>> existing_project(context& ctx, std::string id) {
  auto found = co_await find_project(ctx, id);
  if (!found) co_return fail(found.error());
  if (!*found) co_return fail(missing("project", id));
  co_return std::move(**found);
}

// The rows of a list, unless it is to be of an account or a project that does not exist. Its
// parameters are both of them.
task<result<rows>> run_of(context& ctx, std::string list, std::optional<std::string> account_id,
                          std::optional<std::string> project_id) {
  const std::vector<value> named{optional_value(account_id), optional_value(project_id)};
  std::vector<statement> both;
  both.push_back({std::move(list), named});
  both.push_back(
      {"SELECT ?1 IS NULL OR EXISTS (SELECT 1 FROM accounts WHERE id = ?1) AS account, "
       "?2 IS NULL OR EXISTS (SELECT 1 FROM projects WHERE id = ?2) AS project",
       named});
  auto got = co_await ctx.sql(std::move(both));
  if (!got) co_return fail(got.error());
  const rows& exist = got->results.back();
  if (exist.integer(0, 0) == 0) co_return fail(missing("account", *account_id));
  if (exist.integer(0, 1) == 0) co_return fail(missing("project", *project_id));
  co_return std::move(got->results.front());
}

key_record read_key(const rows& r, std::size_t row) {
  key_record k;
  k.prefix = std::string(r.text(row, 0));
  k.kind = kind_named(r.text(row, 1)).value_or(key_kind::read);
  k.env = std::string(r.text(row, 2));
  k.account_id = std::string(r.text(row, 3));
  if (!r.is_null(row, 4)) k.project_id = std::string(r.text(row, 4));
  k.all_projects = r.integer(row, 5) != 0;
  if (!r.is_null(row, 6)) k.label = std::string(r.text(row, 6));
  k.created_at = r.integer(row, 7);
  if (!r.is_null(row, 8)) k.revoked_at = r.integer(row, 8);
  k.project_ids = read_text_list(r.text(row, 9));
  return k;
}

constexpr std::string_view key_columns =
    "prefix, kind, env, account_id, project_id, all_projects, label, created_at, revoked_at, "
    "(SELECT json_group_array(p.project_id) FROM api_key_projects p WHERE p.prefix = "
    "api_keys.prefix) AS project_ids";

statement key_with(std::string prefix) {
  return {"SELECT " + std::string(key_columns) + " FROM api_keys WHERE prefix = ?",
          {std::move(prefix)}};
}

// The account that a new key belongs to, with every project it names checked to be of it.
task<result<std::string>> owner_of(context& ctx, const new_key& k) {
  if (k.kind != key_kind::account) {
    auto p = co_await existing_project(ctx, k.project_id);
    if (!p) co_return fail(p.error());
    co_return p->account_id;
  }
  auto a = co_await find_account(ctx, k.account_id);
  if (!a) co_return fail(a.error());
  if (k.project_ids.empty()) co_return k.account_id;
  auto others = co_await run(
      ctx, {"SELECT named.value, p.id IS NULL FROM json_each(?1) named LEFT JOIN projects p ON "
            "p.id = named.value WHERE p.account_id IS NOT ?2 ORDER BY named.id LIMIT 1",
            {json_list(k.project_ids), k.account_id}});
  if (!others) co_return fail(others.error());
  if (others->size() == 0) co_return k.account_id;
  const bool nowhere = others->integer(0, 1) != 0;
  co_return fail(missing(nowhere ? "project" : "project of this account", others->text(0, 0)));
}

std::vector<statement> insert_key(const new_key& k, const std::string& owner,
                                  const std::string& prefix, const std::string& hash, millis now) {
  const bool account_key = k.kind == key_kind::account;
  const bool all = account_key && k.project_ids.empty();
  std::vector<statement> out;
  out.push_back(
      {"INSERT INTO api_keys (prefix, kind, env, secret_hash, account_id, project_id, "
       "all_projects, label, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
       {prefix, std::string(name_of(k.kind)), k.env, hash, owner,
        account_key ? value(std::monostate{}) : value(k.project_id), static_cast<std::int64_t>(all),
        optional_value(k.label), now}});
  if (!k.project_ids.empty())
    out.push_back(
        {"INSERT OR IGNORE INTO api_key_projects (prefix, project_id) SELECT ?1, value "
         "FROM json_each(?2)",
         {prefix, json_list(k.project_ids)}});
  return out;
}

}  // namespace

task<result<std::vector<account>>> list_accounts(context& ctx) {
  auto found = co_await run(
      ctx, {"SELECT " + std::string(account_columns) + " FROM accounts ORDER BY name, id", {}});
  if (!found) co_return fail(found.error());
  std::vector<account> out;
  for (std::size_t row = 0; row < found->size(); ++row) out.push_back(read_account(*found, row));
  co_return out;
}

task<result<account>> create_account(context& ctx, std::string name, plan on) {
  auto bytes = co_await ctx.random_bytes(id_random_bytes);
  if (!bytes) co_return fail(bytes.error());
  const std::string id = "acc_" + alphanumeric(*bytes);
  auto made = co_await change(
      ctx,
      statement{"INSERT INTO accounts (id, name, plan, created_at) VALUES (?, ?, ?, ?)",
                {id, std::move(name), std::string(describe(on).name), ctx.now()}},
      account_with(id));
  co_return account_of(made, id);
}

task<result<account>> update_account(context& ctx, std::string id, account_change c) {
  // What does not change is left alone: another change may be under way.
  std::optional<std::string> plan_name;
  if (c.on) plan_name = std::string(describe(*c.on).name);
  auto done = co_await change(
      ctx,
      statement{
          "UPDATE accounts SET name = COALESCE(?, name), plan = COALESCE(?, plan) WHERE id = ?",
          {optional_value(c.name), optional_value(plan_name), id}},
      account_with(id));
  co_return account_of(done, id);
}

task<result<std::vector<project>>> list_projects(context& ctx,
                                                 std::optional<std::string> account_id) {
  auto found = co_await run_of(
      ctx,
      "SELECT " + std::string(project_columns) +
          " FROM projects p JOIN accounts a ON a.id = p.account_id WHERE (?1 IS NULL OR "
          "p.account_id = ?1) AND ?2 IS NULL ORDER BY a.name, a.id, p.slug",
      std::move(account_id), std::nullopt);
  if (!found) co_return fail(found.error());
  co_return read_projects(*found);
}

task<result<project>> create_project(context& ctx, new_project p) {
  auto owner = co_await find_account(ctx, p.account_id);
  if (!owner) co_return fail(owner.error());
  auto bytes = co_await ctx.random_bytes(id_random_bytes);
  if (!bytes) co_return fail(bytes.error());
  const std::string id = "prj_" + alphanumeric(*bytes);
  auto made = co_await change(
      ctx,
      statement{
          "INSERT INTO projects (id, account_id, slug, name, origins, retention_days, created_at) "
          "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
          {id, p.account_id, p.slug, p.name, json_list(p.origins), optional_value(p.retention_days),
           ctx.now()}},
      project_with(id));
  if (!made) co_return fail(made.error());
  if (made->size() == 0)
    co_return fail(error_code::conflict,
                   "The account already has a project with the slug \"" + p.slug + "\".");
  co_return std::move(read_projects(*made).front());
}

task<result<project>> update_project(context& ctx, std::string id, project_change c) {
  std::optional<std::string> origins;
  if (c.origins) origins = json_list(*c.origins);
  std::vector<statement> both;
  both.push_back(
      {"UPDATE OR IGNORE projects SET slug = COALESCE(?, slug), name = COALESCE(?, name), "
       "origins = COALESCE(?, origins), retention_days = CASE WHEN ? THEN ? ELSE "
       "retention_days END WHERE id = ? RETURNING id",
       {optional_value(c.slug), optional_value(c.name), optional_value(origins),
        std::int64_t{c.retention_days ? 1 : 0},
        optional_value(c.retention_days.value_or(std::nullopt)), id}});
  both.push_back(project_with(id));
  auto done = co_await ctx.sql(std::move(both));
  if (!done) co_return fail(done.error());
  const rows& after = done->results.back();
  if (after.size() == 0) co_return fail(missing("project", id));
  if (done->results.front().size() == 0)
    co_return fail(error_code::conflict, "The account already has a project with the slug \"" +
                                             c.slug.value_or("") + "\".");
  co_return std::move(read_projects(after).front());
}

task<result<void>> change_layouts(context& ctx, const project& p, store::layout at,
                                  std::optional<store::layout> other) {
  const auto generation = [](const std::optional<store::layout>& l) {
    return l ? value(l->generation) : value(std::monostate{});
  };
  auto done = co_await run(
      ctx,
      {"UPDATE projects SET generation = ?, shards = ?, other_generation = ?, other_shards = ? "
       "WHERE id = ? AND generation = ? AND other_generation IS ?",
       {at.generation, std::int64_t{at.shards}, generation(other),
        other ? value(std::int64_t{other->shards}) : value(std::monostate{}), p.id, p.at.generation,
        generation(p.other)}});
  if (!done) co_return fail(done.error());
  co_return result<void>{};
}

task<result<std::vector<key_record>>> list_keys(context& ctx, std::optional<std::string> account_id,
                                                std::optional<std::string> project_id) {
  auto found = co_await run_of(
      ctx,
      "SELECT " + std::string(key_columns) +
          " FROM api_keys WHERE (?1 IS NULL OR account_id = ?1) AND (?2 IS NULL OR project_id = "
          "?2 OR (all_projects = 1 AND account_id = (SELECT account_id FROM projects WHERE id = "
          "?2)) OR prefix IN (SELECT prefix FROM api_key_projects WHERE project_id = ?2)) "
          "ORDER BY account_id, created_at, prefix",
      std::move(account_id), std::move(project_id));
  if (!found) co_return fail(found.error());
  std::vector<key_record> out;
  for (std::size_t row = 0; row < found->size(); ++row) out.push_back(read_key(*found, row));
  co_return out;
}

task<result<minted_key>> mint_key(context& ctx, new_key k) {
  auto owner = co_await owner_of(ctx, k);
  if (!owner) co_return fail(owner.error());
  auto bytes = co_await ctx.random_bytes(prefix_length + secret_bytes);
  if (!bytes) co_return fail(bytes.error());
  const std::string prefix = alphanumeric(std::string_view(*bytes).substr(0, prefix_length));
  const std::string secret = to_base64url(std::string_view(*bytes).substr(prefix_length));
  auto hash = co_await ctx.hmac_with_pepper(secret);
  if (!hash) co_return fail(hash.error());
  auto made = co_await change(ctx, insert_key(k, *owner, prefix, to_hex(*hash), ctx.now()),
                              key_with(prefix));
  if (!made) co_return fail(made.error());
  std::string key = std::string(name_of(k.kind)) + "_" + k.env + "_" + prefix + "_" + secret;
  co_return minted_key{std::move(key), read_key(*made, 0)};
}

task<result<key_record>> revoke_key(context& ctx, std::string prefix) {
  auto done = co_await change(
      ctx,
      statement{"UPDATE api_keys SET revoked_at = COALESCE(revoked_at, ?) WHERE prefix = ?",
                {ctx.now(), prefix}},
      key_with(prefix));
  if (!done) co_return fail(done.error());
  if (done->size() == 0) co_return fail(missing("key with the prefix", prefix));
  co_return read_key(*done, 0);
}

}  // namespace millimetric::control
