#include "control/directory.h"

#include <algorithm>

#include "base/text.h"
#include "control/project_rows.h"

namespace millimetric::control {
namespace {

using host::context;
using host::rows;
using host::statement;
using host::task;
using shared_principal = std::shared_ptr<const principal>;

std::vector<statement> lookup_statements(const std::string& prefix) {
  std::vector<statement> out;
  out.push_back(
      {"SELECT k.kind, k.env, k.secret_hash, k.account_id, a.plan FROM api_keys k JOIN "
       "accounts a ON a.id = k.account_id WHERE k.prefix = ? AND k.revoked_at IS NULL",
       {prefix}});
  out.push_back({"SELECT " + std::string(project_columns) +
                     " FROM api_keys k JOIN accounts a ON a.id = k.account_id JOIN projects p ON "
                     "p.account_id = k.account_id WHERE k.prefix = ? AND (p.id = k.project_id OR "
                     "k.all_projects = 1 OR p.id IN (SELECT project_id FROM api_key_projects WHERE "
                     "prefix = k.prefix)) ORDER BY p.slug",
                 {prefix}});
  return out;
}

// The presented secret's digest, or the failure of the host.
task<result<std::string>> digest(context& ctx, std::string secret) {
  auto bytes = co_await ctx.hmac_with_pepper(std::move(secret));
  if (!bytes) co_return fail(bytes.error());
  co_return to_hex(*bytes);
}

error refused() {
  return {error_code::invalid_api_key,
          "This API key is unknown, wrong or revoked. Check that the whole key was copied, or mint "
          "a new one."};
}

result<shared_principal> check(const presented_key& key, const std::string& hash, const rows& found,
                               const rows& projects) {
  // The comparison is made also for an unknown prefix, so that it takes as long.
  const std::string_view stored = found.size() == 1 ? found.text(0, 2) : std::string_view(hash);
  const bool same = equals_in_constant_time(stored, hash);
  if (found.size() != 1 || !same || found.text(0, 1) != key.env) return fail(refused());
  if (found.text(0, 0) != name_of(key.kind))
    return fail(error_code::key_kind_mismatch,
                "This key begins with the wrong kind: write it as \"" +
                    std::string(found.text(0, 0)) + "_...\", as it was shown when it was minted.");
  auto who = std::make_shared<principal>();
  who->kind = key.kind;
  who->account_id = std::string(found.text(0, 3));
  who->on = plan_named(found.text(0, 4)).value_or(plan::free);
  who->projects = read_projects(projects);
  if (key.kind != key_kind::account && who->projects.size() != 1) return fail(refused());
  return shared_principal(std::move(who));
}

}  // namespace

bool directory::is_fresh(const entry& e, millis now) {
  return now >= e.verified_at && now < e.verified_at + key_cache_ms;
}

shared_principal directory::cached(const presented_key& key, millis now) const {
  const auto found = cache_.find(std::string(key.prefix));
  if (found == cache_.end()) return nullptr;
  const entry& e = found->second;
  const bool fresh = is_fresh(e, now);
  const bool same = equals_in_constant_time(e.secret, key.secret) && e.env == key.env;
  return fresh && same && e.who->kind == key.kind ? e.who : nullptr;
}

void directory::remember(const presented_key& key, millis now, shared_principal who) {
  if (cache_.size() >= max_cached_keys) {
    std::erase_if(cache_,
                  [&](const auto& e) { return e.second.verified_at + key_cache_ms <= now; });
    if (cache_.size() >= max_cached_keys) cache_.clear();
  }
  cache_[std::string(key.prefix)] =
      entry{std::string(key.env), std::string(key.secret), now, std::move(who)};
}

task<result<shared_principal>> directory::verify(context& ctx, presented_key key,
                                                 freshness wanted) {
  if (wanted == freshness::cached_is_fine)
    if (auto who = cached(key, ctx.now())) co_return who;
  // Both are asked whatever the key, so that the answer's time tells nothing of the prefix.
  auto hash = co_await digest(ctx, std::string(key.secret));
  auto found = co_await ctx.sql(lookup_statements(std::string(key.prefix)));
  if (!hash) co_return fail(hash.error());
  if (!found) co_return fail(found.error());
  auto who = check(key, *hash, found->results[0], found->results[1]);
  if (who) remember(key, ctx.now(), *who);
  co_return who;
}

task<result<std::vector<project>>> all_projects(context& ctx) {
  std::vector<statement> one;
  one.push_back({"SELECT " + std::string(project_columns) +
                     " FROM projects p JOIN accounts a ON a.id = p.account_id ORDER BY p.id",
                 {}});
  auto got = co_await ctx.sql(std::move(one));
  if (!got) co_return fail(got.error());
  co_return read_projects(got->results.front());
}

task<result<bool>> directory::any_project_allows(context& ctx, std::string origin) {
  const auto known = origins_.find(origin);
  if (known != origins_.end() && is_fresh(known->second, ctx.now())) co_return true;
  std::vector<statement> one;
  // "http://localhost:*" stands for any port, but not for "http://localhost.example".
  one.push_back(
      {"SELECT EXISTS (SELECT 1 FROM projects, json_each(origins) AS o WHERE o.value = ?1 "
       "COLLATE NOCASE OR (o.value LIKE '%:*' AND instr(lower(?1) || ':', lower(substr(o.value, "
       "1, length(o.value) - 1))) = 1)) AS allowed",
       {origin}});
  auto got = co_await ctx.sql(std::move(one));
  if (!got) co_return fail(got.error());
  const bool allowed = got->results.front().integer(0, 0) != 0;
  // Behind the port of "http://localhost:*" there may be anything.
  constexpr std::size_t longest = 300;
  if (allowed && origin.size() < longest) {
    if (origins_.size() >= max_cached_keys) origins_.clear();
    origins_[std::move(origin)].verified_at = ctx.now();
  }
  co_return allowed;
}

task<result<std::optional<project>>> find_project(context& ctx, std::string id) {
  std::vector<statement> one;
  one.push_back(project_with(std::move(id)));
  auto got = co_await ctx.sql(std::move(one));
  if (!got) co_return fail(got.error());
  if (got->results.front().size() == 0) co_return std::optional<project>{};
  co_return std::optional(read_projects(got->results.front()).front());
}

}  // namespace millimetric::control
