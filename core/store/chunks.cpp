#include "store/chunks.h"

namespace millimetric::store {
namespace {

using host::context;
using host::task;
using segment::chunk_place;

// A chunk that must be read from the database.
struct missing_chunk {
  chunk_place at;
  const segment::chunk_entry* entry;
  std::int64_t key;
};

const segment::chunk_entry* entry_of(const open_segment& s, chunk_place at) {
  return s.entry->head.find(static_cast<segment::column_id>(at.first), at.second);
}

}  // namespace

shared_bytes chunk_cache::find(std::int64_t key) {
  const auto found = chunks_.find(key);
  if (found == chunks_.end()) return nullptr;
  used_.splice(used_.begin(), used_, found->second.place);
  return found->second.bytes;
}

void chunk_cache::keep(std::int64_t key, shared_bytes bytes) {
  if (chunks_.contains(key)) return;
  bytes_ += bytes->size();
  used_.push_front(key);
  chunks_[key] = {std::move(bytes), used_.begin()};
  while (bytes_ > max_bytes) {
    const auto oldest = chunks_.find(used_.back());
    bytes_ -= oldest->second.bytes->size();
    chunks_.erase(oldest);
    used_.pop_back();
  }
}

void chunk_cache::clear() {
  chunks_.clear();
  used_.clear();
  bytes_ = 0;
}

std::vector<std::uint64_t> small_ids(const segment_entry& s) {
  std::vector<std::uint64_t> out;
  segment::reader from(s.head);
  for (const segment::chunk_place& at : from.values_need(segment::column_id::event_id))
    from.give(at, s.inside(*s.head.find(segment::column_id::event_id, at.second)));
  if (!from.hashes(segment::column_id::event_id, out)) out.clear();
  return out;
}

error damaged(const segment_entry& s) {
  const std::string number = std::to_string(s.id);
  if (s.found == segment::damage::version)
    return {error_code::tool_failed,
            "Segment " + number +
                " of this project's store was written by a newer version; questions about its time "
                "range fail until the server is updated."};
  return {error_code::tool_failed,
          "Segment " + number +
              " of this project's store is damaged (its checksum is wrong); questions about its "
              "time range fail, those about other times are answered."};
}

task<result<void>> fetch(context& ctx, chunk_cache& cache, open_segment& s,
                         std::vector<chunk_place> places) {
  if (s.entry->found != segment::damage::none) co_return fail(damaged(*s.entry));
  std::vector<missing_chunk> missing;
  std::vector<host::statement> statements;
  for (const chunk_place& at : places) {
    if (s.reader.has(at)) continue;
    const segment::chunk_entry* entry = entry_of(s, at);
    if (entry == nullptr) continue;
    if (!entry->apart) {
      const std::string_view bytes = s.entry->inside(*entry);
      if (!segment::is_intact(*entry, bytes)) co_return fail(damaged(*s.entry));
      s.reader.give(at, bytes);
      continue;
    }
    const std::int64_t key = chunk_key(s.entry->id, at.first, at.second);
    if (shared_bytes kept = cache.find(key)) {
      s.reader.give(at, sql::chunk_bytes(*entry, *kept));
      s.held.push_back(std::move(kept));
      continue;
    }
    missing.push_back({at, entry, key});
    statements.push_back(sql::read_chunk(key));
    s.reader.give(at, {});  // so that a place named twice is read once
  }
  if (missing.empty()) co_return result<void>{};
  auto got = co_await ctx.sql(std::move(statements));
  if (!got) co_return fail(got.error());
  for (std::size_t i = 0; i < missing.size(); ++i) {
    host::rows& rows = got->results[i];
    auto* cell = rows.size() == 0 ? nullptr : std::get_if<host::blob>(&rows.cells.front());
    if (cell == nullptr) co_return fail(damaged(*s.entry));
    const segment::chunk_entry& entry = *missing[i].entry;
    auto row = std::make_shared<const std::string>(std::move(cell->bytes));
    if (!segment::is_intact(entry, sql::chunk_bytes(entry, *row)))
      co_return fail(damaged(*s.entry));
    cache.keep(missing[i].key, row);
    s.reader.give(missing[i].at, sql::chunk_bytes(entry, *row));
    s.held.push_back(std::move(row));
  }
  co_return result<void>{};
}

}  // namespace millimetric::store
