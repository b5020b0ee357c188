#include "store/remembered_ids.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"

namespace millimetric::store {

using host::context;
using host::task;

void remembered_ids::tidy_prints() {
  if (!prints_.is_crowded() || (prints_.is_largest() && prints_.count() <= 2 * ids_)) return;
  prints_.make_room(2 * ids_);
  for (const noted& n : noted_)
    for (const std::uint64_t h : n.ids) prints_.add(h);
  for (const auto& [id, f] : filters_)
    if (f.of) prints_.add(*f.of);
  for (const pool& p : pools_) p.of.add_to(prints_);
}

bool remembered_ids::is_pooled(std::int64_t segment) const noexcept {
  return std::any_of(pools_.begin(), pools_.end(), [segment](const pool& p) {
    return std::find(p.segments.begin(), p.segments.end(), segment) != p.segments.end();
  });
}

void remembered_ids::pool_filters() {
  std::vector<const segment::id_filter*> filters;
  std::vector<std::int64_t> segments;
  for (const auto& [id, f] : filters_) {
    if (!f.of || !f.of->keyed()) continue;
    filters.push_back(&*f.of);
    segments.push_back(id);
    if (filters.size() == segment::pooled_filters::most) break;
  }
  if (filters.size() < segment::pooled_filters::most) return;
  pool& made = pools_.emplace_back(pool{segment::pooled_filters(filters), segments, {}});
  filter_bytes_ += made.of.size();
  for (const std::int64_t id : segments) {
    const auto found = filters_.find(id);
    made.ids.push_back(found->second.of->ids());
    filter_bytes_ -= found->second.of->size();
    filters_.erase(found);
  }
}

// Of a pool whose filters went for the most part, the others are read again.
void remembered_ids::forget_pooled(std::int64_t segment) {
  for (auto p = pools_.begin(); p != pools_.end(); ++p) {
    const auto found = std::find(p->segments.begin(), p->segments.end(), segment);
    if (found == p->segments.end()) continue;
    *found = 0;
    ids_ -= std::exchange(p->ids[static_cast<std::size_t>(found - p->segments.begin())], 0);
    const auto gone = std::count(p->segments.begin(), p->segments.end(), 0);
    if (gone * 2 <= std::ssize(p->segments)) return;
    for (const std::size_t ids : p->ids) ids_ -= ids;
    filter_bytes_ -= p->of.size();
    pools_.erase(p);
    return;
  }
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

void remembered_ids::find_in_memory(const std::vector<std::uint64_t>& hashes,
                                    std::vector<suspect>& out) const {
  const std::vector<std::size_t> some = prints_.find(hashes);
  std::vector<std::uint64_t> of_some;
  of_some.reserve(some.size());
  for (const std::size_t i : some) {
    small_.find(hashes[i], [&](std::uint32_t n) {
      if (noted_[n].segment != 0) out.push_back({i, noted_[n].segment});
    });
    of_some.push_back(hashes[i]);
  }
  for (const auto& [id, f] : filters_)
    if (f.of && f.of->keyed())
      for (const std::size_t i : f.of->find(of_some)) out.push_back({some[i], id});
  for (const pool& p : pools_)
    for (const auto& [i, n] : p.of.find(of_some))
      if (p.segments[n] != 0) out.push_back({some[i], p.segments[n]});
}

task<result<std::vector<remembered_ids::suspect>>> remembered_ids::find(
    context& ctx, const catalog& segments, const std::vector<std::string_view>& ids,
    const std::vector<std::uint64_t>& hashes) {
  std::vector<suspect> out;
  std::vector<std::uint64_t> unkeyed_hashes;
  const millis from = ctx.now() - idempotency_ms;
  for (const segment_ref& s : segments.all()) {
    if (s->is_small() || s->found != segment::damage::none || s->head.last_received <= from)
      continue;
    if (is_pooled(s->id)) continue;
    filter spare;
    auto known = co_await filter_of(ctx, s, spare);
    if (!known) co_return fail(known.error());
    const std::optional<segment::id_filter>& f = (*known)->of;
    if (!f) {
      for (std::size_t i = 0; i < hashes.size(); ++i) out.push_back({i, s->id});
    } else if (!f->keyed() || *known == &spare) {
      if (!f->keyed() && unkeyed_hashes.empty())
        for (const std::string_view id : ids) unkeyed_hashes.push_back(hash64(id));
      for (const std::size_t i : f->find(f->keyed() ? hashes : unkeyed_hashes))
        out.push_back({i, s->id});
    }
    pool_filters();
  }
  find_in_memory(hashes, out);
  co_return out;
}

void remembered_ids::remember(std::int64_t segment, std::span<const std::uint64_t> hashes) {
  const auto number = static_cast<std::uint32_t>(noted_.size());
  for (const std::uint64_t h : hashes) small_.add(h, number);
  noted_.push_back({segment, {hashes.begin(), hashes.end()}});
}

void remembered_ids::note(std::int64_t segment, std::span<const std::uint64_t> hashes) {
  remember(segment, hashes);
  ids_ += hashes.size();
  if (prints_.bytes() > 0)
    for (const std::uint64_t h : hashes) prints_.add(h);
  tidy_prints();
}

void remembered_ids::forget(std::span<const segment_ref> segments) {
  std::vector<std::int64_t> small;  // rising
  for (const segment_ref& s : segments) {
    if (s->is_small()) small.push_back(s->id);
    forget_pooled(s->id);
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
  for (noted& n : noted_) {
    if (!std::binary_search(small.begin(), small.end(), n.segment)) continue;
    ids_ -= n.ids.size();
    gone_ += n.ids.size();
    n = {};
  }
  tidy_small();
}

// Takes out what went, once it is more than what is still there.
void remembered_ids::tidy_small() {
  std::size_t here = 0;
  for (const noted& n : noted_) here += n.ids.size();
  if (gone_ <= here) return;
  gone_ = 0;
  small_.clear();
  for (const noted& n : std::exchange(noted_, {}))
    if (n.segment != 0) remember(n.segment, n.ids);
}

void remembered_ids::clear() {
  noted_.clear();
  small_.clear();
  gone_ = 0;
  filters_.clear();
  pools_.clear();
  prints_.clear();
  ids_ = 0;
  filter_bytes_ = 0;
}

}  // namespace millimetric::store
