#include "ingest/address_hasher.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"

namespace millimetric::ingest {

using host::context;
using host::task;

task<result<void>> address_hasher::hash(context& ctx, event::batch& batch) {
  segment::interner addresses;
  std::vector<std::uint32_t> of_event;  // the addresses' numbers
  of_event.reserve(batch.events.size());
  for (const event::received& e : batch.events)
    of_event.push_back(e.ip.empty() ? segment::interner::null_number : addresses.number_of(e.ip));
  if (addresses.size() == 0) co_return result<void>{};
  auto begun = co_await begin_day(ctx);
  if (!begun) co_return begun;
  texts_of hashes = recall(addresses.values(), batch.texts);
  auto known = co_await find_out(ctx, addresses.values(), hashes, batch.texts);
  if (!known) co_return known;
  for (std::size_t i = 0; i < of_event.size(); ++i)
    if (of_event[i] != segment::interner::null_number)
      batch.events[i].what.ip_hash = hashes[of_event[i]];
  co_return result<void>{};
}

task<result<void>> address_hasher::begin_day(context& ctx) {
  std::string today = format_day(ctx.now());
  if (today == day_) co_return result<void>{};
  auto salt = co_await ctx.hmac_with_pepper("ip-salt " + today);
  if (!salt) co_return fail(salt.error());
  day_ = std::move(today);
  salt_ = std::move(*salt);
  seed_ = hash64(salt_);
  known_ = std::make_unique<remembered>();
  co_return result<void>{};
}

address_hasher::texts_of address_hasher::recall(std::span<const std::string_view> addresses,
                                                text_arena& texts) const {
  texts_of out;
  for (const std::string_view address : addresses) {
    const std::uint64_t key = key_of(address);
    const auto* const known = known_->find(key, key);
    out.push_back(known == nullptr ? std::string_view()
                                   : texts.keep(to_hex({known->data(), known->size()})));
  }
  return out;
}

// Asks for the hashes that were not remembered, all of them at once.
task<result<void>> address_hasher::find_out(context& ctx,
                                            std::span<const std::string_view> addresses,
                                            texts_of& hashes, text_arena& texts) {
  std::vector<std::size_t> unknown;
  std::vector<std::string> asked;
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    if (!hashes[i].empty()) continue;
    unknown.push_back(i);
    asked.emplace_back(addresses[i]);
  }
  if (unknown.empty()) co_return result<void>{};
  const std::string salt = salt_;
  auto digests = co_await ctx.hmac(salt, std::move(asked));
  if (!digests) co_return fail(digests.error());
  const bool same_day = salt == salt_;  // another request may have begun the next one meanwhile
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const std::string_view hash = std::string_view((*digests)[i]).substr(0, hash_bytes);
    hashes[unknown[i]] = texts.keep(to_hex(hash));
    if (!same_day) continue;
    std::array<char, hash_bytes> bytes{};
    std::copy(hash.begin(), hash.end(), bytes.begin());
    const std::uint64_t key = key_of(addresses[unknown[i]]);
    known_->keep(key, key, bytes);
  }
  co_return result<void>{};
}

std::uint64_t address_hasher::key_of(std::string_view address) const noexcept {
  return hash64(address, seed_);
}

}  // namespace millimetric::ingest
