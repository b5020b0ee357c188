#include "store/remembered_ids.h"

#include <algorithm>
#include <utility>

namespace millimetric::store {

using host::context;
using host::task;

namespace {

// A function of its own: engines compile a small function well, and soon.
[[gnu::noinline]] std::vector<std::size_t> in_any(const segment::print_set& prints,
                                                  const std::vector<std::uint64_t>& hashes) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < hashes.size(); ++i)
    if (prints.may_hold(hashes[i])) out.push_back(i);
  return out;
}

}  // namespace

void remembered_ids::tidy_prints() {
  if (!prints_.is_crowded() || (prints_.is_largest() && prints_.count() <= 2 * ids_)) return;
  prints_.make_room(2 * ids_);
  for (const noted& n : noted_)
    for (const std::uint64_t h : n.ids) prints_.add(h);
  for (const auto& [id, f] : filters_)
    if (f.of) prints_.add(*f.of);
}

task<result<const remembered_ids::filter*>> remembered_ids::filter_of(context& ctx,
                                                                      const segment_ref& s,
                                                                      filter& spare) {
  if (const auto known = filters_.find(s->id); known != filters_.end()) co_return &known->second;
  const std::int64_t key = chunk_key(
      s->id, static_cast<std::uint8_t>(segment::column_id::remembered_ids), segment::codes_part);
  std::vector<host::statement> one;
  one.push_back(sql::read_chunks({&key, 1}));
  auto got = co_await ctx.sql(std::move(one));
  if (!got) co_return fail(got.error());
  const host::rows& rows = got->results.front();
  const auto* cell = rows.size() == 0 ? nullptr : std::get_if<host::blob>(&rows.at(0, 1));
  const segment::chunk_entry* entry =
      s->head.find(segment::column_id::remembered_ids, segment::codes_part);
  // Without a filter that can be trusted the ids themselves are looked at.
  spare.of.reset();
  if (cell != nullptr && entry != nullptr && segment::is_intact(*entry, cell->bytes))
    spare.of = segment::id_filter::decode(cell->bytes);
  const std::size_t size = spare.of ? spare.of->size() : 0;
  if (filter_bytes_ + size > max_filter_bytes) co_return &spare;
  filter_bytes_ += size;
  const filter& kept = filters_.emplace(s->id, std::move(spare)).first->second;
  if (kept.of) {
    ids_ += kept.of->ids();
    if (prints_.bytes() > 0) prints_.add(*kept.of);
    tidy_prints();
  }
  co_return &kept;
}

task<result<std::vector<remembered_ids::suspect>>> remembered_ids::find(
    context& ctx, const catalog& segments, const std::vector<std::uint64_t>& hashes) {
  std::vector<suspect> out;
  const millis from = ctx.now() - idempotency_ms;
  std::vector<std::pair<const segment::id_filter*, std::int64_t>> in_memory;  // with their segments
  for (const segment_ref& s : segments.all()) {
    if (s->small || s->found != segment::damage::none || s->head.last_received <= from) continue;
    filter spare;
    auto known = co_await filter_of(ctx, s, spare);
    if (!known) co_return fail(known.error());
    const std::optional<segment::id_filter>& f = (*known)->of;
    if (f && *known != &spare) {
      in_memory.emplace_back(&*f, s->id);
      continue;
    }
    for (std::size_t i = 0; i < hashes.size(); ++i)
      if (!f || f->may_hold(hashes[i])) out.push_back({i, s->id});
  }
  for (const std::size_t i : in_any(prints_, hashes)) {
    small_.find(hashes[i], [&](std::uint32_t n) { out.push_back({i, noted_[n].segment}); });
    for (const auto& [f, segment] : in_memory)
      if (f->may_hold(hashes[i])) out.push_back({i, segment});
  }
  co_return out;
}

void remembered_ids::note(std::int64_t segment, std::span<const std::uint64_t> hashes) {
  const auto number = static_cast<std::uint32_t>(noted_.size());
  for (const std::uint64_t h : hashes) small_.add(h, number);
  noted_.push_back({segment, {hashes.begin(), hashes.end()}});
  ids_ += hashes.size();
  if (prints_.bytes() > 0)
    for (const std::uint64_t h : hashes) prints_.add(h);
  tidy_prints();
}

void remembered_ids::forget(std::span<const segment_ref> segments) {
  std::vector<std::int64_t> small;  // rising
  for (const segment_ref& s : segments) {
    if (s->small) small.push_back(s->id);
    const auto found = filters_.find(s->id);
    if (found == filters_.end()) continue;
    if (found->second.of) {
      filter_bytes_ -= found->second.of->size();
      ids_ -= found->second.of->ids();
    }
    filters_.erase(found);
  }
  if (small.empty()) return;
  std::sort(small.begin(), small.end());
  small_.clear();
  const std::vector<noted> before = std::exchange(noted_, {});
  for (const noted& n : before) ids_ -= n.ids.size();
  for (const noted& n : before)
    if (!std::binary_search(small.begin(), small.end(), n.segment)) note(n.segment, n.ids);
}

void remembered_ids::clear() {
  noted_.clear();
  small_.clear();
  filters_.clear();
  prints_.clear();
  ids_ = 0;
  filter_bytes_ = 0;
}

}  // namespace millimetric::store
