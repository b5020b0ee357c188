#pragma once
// How a project's events are spread over stores, and what a store says that is not to be asked.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/archive.h"
#include "base/error.h"

namespace millimetric::store {

// More would make every question as many calls; a shard takes what one object can.
inline constexpr std::uint32_t max_shards = 16;

struct layout {
  std::int64_t generation = 0;  // never used twice by a project
  std::uint32_t shards = 1;     // 1 to max_shards
  friend bool operator==(const layout&, const layout&) = default;
  template <class A>
  void fields(A& a) {
    a(generation, shards);
  }
};

// The name of a shard's store: the project's id for the layout that every project begins with.
[[nodiscard]] std::string store_name(std::string_view project, const layout& at,
                                     std::uint32_t shard);

// The shard of a layout that has a place (event/place.h).
[[nodiscard]] constexpr std::uint32_t shard_of(std::uint32_t place, std::uint32_t shards) noexcept {
  return static_cast<std::uint32_t>(std::uint64_t{place} * shards >> 32);
}

// The answer of a store whose events are elsewhere, or which takes none just now.
struct refusal {
  std::optional<layout> moved_to;  // empty: ask the control plane, and again in a while
  template <class A>
  void fields(A& a) {
    a(moved_to);
  }
};
[[nodiscard]] error refused(refusal why);
// What an answer's bytes (store/protocol.h) say, if they are a refusal.
[[nodiscard]] std::optional<refusal> refusal_of(std::string_view answer);

}  // namespace millimetric::store
