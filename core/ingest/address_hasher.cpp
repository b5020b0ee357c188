#include "ingest/address_hasher.h"

#include <algorithm>
#include <vector>

#include "base/hash.h"

namespace millimetric::ingest {

using host::context;
using host::task;

task<result<void>> address_hasher::hash(context& ctx, event::batch& batch) {
  hashes found = addresses_of(batch);
  if (found.empty()) co_return result<void>{};
  auto begun = co_await begin_day(ctx);
  if (!begun) co_return begun;
  recall(found, batch.texts);
  auto known = co_await find_out(ctx, found, batch.texts);
  if (!known) co_return known;
  set_hashes(batch, found);
  co_return result<void>{};
}

address_hasher::hashes address_hasher::addresses_of(const event::batch& batch) {
  hashes out;
  std::string_view last;  // a visitor's events often come one after the other
  for (const event::received& e : batch.events) {
    if (e.ip != last && !e.ip.empty()) out.try_emplace(e.ip);
    last = e.ip;
  }
  return out;
}

void address_hasher::set_hashes(event::batch& batch, const hashes& found) {
  auto last = found.begin();
  for (event::received& e : batch.events) {
    if (e.ip.empty()) continue;
    if (e.ip != last->first) last = found.find(e.ip);
    e.what.ip_hash = last->second;
  }
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

void address_hasher::recall(hashes& wanted, text_arena& texts) const {
  for (auto& [address, hash] : wanted) {
    const std::uint64_t key = key_of(address);
    const auto* const known = known_->find(key, key);
    if (known != nullptr) hash = texts.keep(to_hex({known->data(), known->size()}));
  }
}

// Asks for the hashes that were not remembered, all of them at once.
task<result<void>> address_hasher::find_out(context& ctx, hashes& wanted, text_arena& texts) {
  std::vector<std::string> unknown;
  for (const auto& [address, hash] : wanted)
    if (hash.empty()) unknown.emplace_back(address);
  if (unknown.empty()) co_return result<void>{};
  const std::string salt = salt_;
  auto digests = co_await ctx.hmac(salt, unknown);
  if (!digests) co_return fail(digests.error());
  const bool same_day = salt == salt_;  // another request may have begun the next one meanwhile
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const std::string_view hash = std::string_view((*digests)[i]).substr(0, hash_bytes);
    wanted.find(unknown[i])->second = texts.keep(to_hex(hash));
    if (!same_day) continue;
    std::array<char, hash_bytes> bytes{};
    std::copy(hash.begin(), hash.end(), bytes.begin());
    const std::uint64_t key = key_of(unknown[i]);
    known_->keep(key, key, bytes);
  }
  co_return result<void>{};
}

std::uint64_t address_hasher::key_of(std::string_view address) const noexcept {
  return hash64(address, seed_);
}

}  // namespace millimetric::ingest
