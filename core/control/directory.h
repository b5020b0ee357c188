#pragma once
// Who holds a key and what they may see: looked up in the control plane, verified, and kept for a
// short while. Source: contract, section 1.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "control/api_key.h"
#include "control/plan.h"
#include "host/request.h"
#include "store/layout.h"

namespace millimetric::control {

struct project {
  std::string id;
  std::string account_id;
  std::string slug;
  std::string name;
  plan on = plan::free;
  std::vector<std::string> origins;  // that pk keys may send from
  int retention_days = 0;            // 0: for ever; the project's own or the plan's
  std::optional<int> own_retention_days;
  millis created_at = 0;
  store::layout at;                    // where its events are; may be out of date by key_cache_ms
  std::optional<store::layout> other;  // newer: being filled; older: being emptied
};

// The verified holder of a key. Shared and never changed; alive as long as somebody holds it.
struct principal {
  key_kind kind{};
  std::string account_id;
  plan on = plan::free;
  std::vector<project> projects;  // one for pk, sk, rk; all visible ones for ak, by slug
};

// A verified key is trusted this long, so a revocation holds within a minute.
inline constexpr millis key_cache_ms = 60 * second_ms;
// Keys kept at most: bounds the memory of a busy instance to a few megabytes.
inline constexpr std::size_t max_cached_keys = 1024;

enum class freshness : std::uint8_t { cached_is_fine, from_storage };

class directory {
 public:
  // @return invalid_api_key (unknown prefix, wrong secret, revoked: one answer, one duration),
  // key_kind_mismatch, upstream_failed.
  [[nodiscard]] host::task<result<std::shared_ptr<const principal>>> verify(
      host::context& ctx, presented_key key, freshness wanted = freshness::cached_is_fine);

  // The holder of a key that was verified within the last minute; none otherwise. Does not suspend.
  [[nodiscard]] std::shared_ptr<const principal> cached(const presented_key& key, millis now) const;

  // Whether some project lets pages of this origin send events. To find out is to look through all
  // projects, and every visitor begins with it: one that may is remembered for a minute.
  // @return upstream_failed.
  [[nodiscard]] host::task<result<bool>> any_project_allows(host::context& ctx, std::string origin);

 private:
  struct entry {
    std::string env;
    std::string secret;
    millis verified_at = 0;
    std::shared_ptr<const principal> who;
  };
  [[nodiscard]] static bool is_fresh(const entry& e, millis now);
  void remember(const presented_key& key, millis now, std::shared_ptr<const principal> who);

  std::unordered_map<std::string, entry> cache_;    // by prefix
  std::unordered_map<std::string, entry> origins_;  // those that may send, without a holder
};

// Every project with its retention, for the daily job.
// @return upstream_failed.
[[nodiscard]] host::task<result<std::vector<project>>> all_projects(host::context& ctx);
// A project by id. Empty when there is none.
// @return upstream_failed.
[[nodiscard]] host::task<result<std::optional<project>>> find_project(host::context& ctx,
                                                                      std::string id);

}  // namespace millimetric::control
