#pragma once
// What is stored in an address's place: its HMAC-SHA256 under a salt of the UTC day, cut. The salt
// cannot be computed without the pepper, so hashes of different days cannot be joined by anybody
// who has only the events. docs/decisions/014-daily-salt.md.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/memo.h"
#include "event/receive.h"
#include "host/request.h"
#include "segment/interner.h"

namespace millimetric::ingest {

// Lives as long as the gateway, and remembers the salt of the day and the hashes that it made with
// it: a visitor sends many events, and each digest is a call to the host.
class address_hasher {
 public:
  // Hashes that are remembered, 40 bytes each.
  static constexpr std::size_t kept = 4096;

  // Gives each event of the batch the hash of its address, if it has one.
  // @return upstream_failed when a digest did not come.
  host::task<result<void>> hash(host::context& ctx, event::batch& batch);

 private:
  static constexpr std::size_t hash_bytes = 16;  // contract, section 4

  // Addresses themselves are not kept: 64 bits of another hash stand for one, and that two have the
  // same is less likely than a fault of the memory.
  using remembered = memo<std::uint64_t, std::array<char, hash_bytes>, kept>;
  using texts_of = std::vector<std::string_view>;  // of addresses, their hashes in hexadecimal

  host::task<result<void>> begin_day(host::context& ctx);
  // Those that are remembered; the others are empty.
  [[nodiscard]] texts_of recall(std::span<const std::string_view> addresses,
                                text_arena& texts) const;
  host::task<result<void>> find_out(host::context& ctx, std::span<const std::string_view> addresses,
                                    texts_of& hashes, text_arena& texts);
  [[nodiscard]] std::uint64_t key_of(std::string_view address) const noexcept;

  std::string day_;
  std::string salt_;
  std::uint64_t seed_ = 0;  // of the keys, so that they tell as little as the salt lets them
  std::unique_ptr<remembered> known_;  // from the first address on
};

}  // namespace millimetric::ingest
