#include "store/chunks.h"

#include <algorithm>

#include "base/hash.h"

namespace millimetric::store {
namespace {

using host::context;
using host::task;
using segment::chunk_place;

// A chunk that must be read from the database.
struct missing_chunk {
  open_segment* of;
  chunk_place at;
  const segment::chunk_entry* entry;
  std::int64_t key;
};

// Of chunks read at once, if it is more than one: they are in memory twice for a moment.
constexpr std::size_t most_read_bytes = 4UL * 1024 * 1024;
// Rows of segments read at once: a megabyte as a rule.
constexpr std::size_t most_rows_read = 32;

// How many of the first chunks are read at once.
std::size_t count_together(std::span<const missing_chunk> missing) {
  std::size_t n = 0;
  for (std::size_t bytes = 0; n < missing.size(); ++n) {
    bytes += missing[n].entry->size;
    if (n > 0 && bytes > most_read_bytes) break;
  }
  return n;
}

// Statements for the rows of these keys, which rise.
std::vector<host::statement> read_statements(std::span<const missing_chunk> missing) {
  std::vector<host::statement> out;
  for (std::size_t at = 0; at < missing.size(); at += sql::most_keys) {
    std::vector<std::int64_t> keys;
    for (std::size_t i = at; i < std::min(at + sql::most_keys, missing.size()); ++i)
      keys.push_back(missing[i].key);
    out.push_back(sql::read_chunks(keys));
  }
  return out;
}

const segment::chunk_entry* entry_of(const open_segment& s, chunk_place at) {
  return s.reader.head().find(static_cast<segment::column_id>(at.first), at.second);
}

// Those of chunks are above zero.
std::int64_t row_key(std::int64_t segment) { return -segment; }

// Takes the chunks that were missing from the rows of their statements.
result<void> take_chunks(chunk_cache& cache, std::span<const missing_chunk> missing,
                         std::span<host::rows> results, keeping keep) {
  std::size_t i = 0;
  for (host::rows& rows : results) {
    for (std::size_t row = 0; row < rows.size(); ++row, ++i) {
      const missing_chunk& m = missing[i];
      auto* cell = std::get_if<host::blob>(&rows.cells[row * rows.width + 1]);
      // A row that is not there makes the next one come in its place.
      if (cell == nullptr || rows.integer(row, 0) != m.key) return fail(damaged(*m.of->entry));
      auto bytes = std::make_shared<const std::string>(std::move(cell->bytes));
      const std::string_view chunk = sql::chunk_bytes(*m.entry, *bytes);
      if (!segment::is_intact(*m.entry, chunk)) return fail(damaged(*m.of->entry));
      if (keep == keeping::yes) cache.keep(m.key, bytes);
      m.of->reader.give(m.at, chunk);
      m.of->held.push_back(std::move(bytes));
    }
  }
  return i < missing.size() ? result<void>(fail(damaged(*missing[i].of->entry))) : result<void>();
}

// Gives the reader chunks that are not apart.
result<void> give_inside(open_segment& s, const std::vector<chunk_place>& places) {
  for (const chunk_place& at : places) {
    const segment::chunk_entry& entry = *entry_of(s, at);
    const std::string_view bytes = inside(*s.row, entry);
    if (!segment::is_intact(entry, bytes)) return fail(damaged(*s.entry));
    s.reader.give(at, bytes);
  }
  return {};
}

// Gives the segments the rows that the cache has. Those of the others must be read.
// @return tool_failed when a segment is damaged.
result<std::vector<open_segment*>> find_kept_rows(chunk_cache& cache,
                                                  const std::vector<chunk_request>& wanted) {
  std::vector<open_segment*> out;
  for (const chunk_request& w : wanted) {
    if (w.of->entry->found != segment::damage::none) return fail(damaged(*w.of->entry));
    if (w.of->row != nullptr) continue;
    w.of->set_row(cache.find_row(w.of->entry->id));
    if (w.of->row == nullptr) out.push_back(w.of);
  }
  return out;
}

std::vector<host::statement> row_statements(std::span<open_segment* const> of) {
  std::vector<std::int64_t> ids;
  for (const open_segment* s : of) ids.push_back(s->entry->id);
  std::vector<host::statement> out;
  out.push_back(sql::read_segments(ids));
  return out;
}

// For those of the segments that are damaged.
std::vector<host::statement> unlist_statements(std::span<open_segment* const> of) {
  std::vector<host::statement> out;
  for (const open_segment* s : of)
    if (s->entry->found != segment::damage::none) out.push_back(sql::unlist_segment(s->entry->id));
  return out;
}

// The bytes of a segment's row; none when it is not there.
std::string_view row_of(std::int64_t id, const host::rows& rows) {
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (rows.integer(row, 0) == id)
      if (const auto* cell = std::get_if<host::blob>(&rows.at(row, 1))) return cell->bytes;
  return {};
}

result<void> take_rows(chunk_cache& cache, std::span<open_segment* const> of,
                       const host::rows& rows) {
  for (open_segment* s : of) {
    const std::int64_t id = s->entry->id;
    auto row = std::make_shared<const segment_row>(read_row(row_of(id, rows)));
    s->entry->found = row->found;
    if (row->found != segment::damage::none) return fail(damaged(*s->entry));
    cache.keep_row(id, row);
    s->set_row(std::move(row));
  }
  return {};
}

}  // namespace

void chunk_cache::begin(std::size_t most_bytes) {
  ++call_;
  most_bytes_ = most_bytes;
  while (bytes_ > most_bytes_ && drop_oldest(of::others)) {
  }
}

void chunk_cache::shrink(std::size_t most_bytes) {
  most_bytes_ = std::min(most_bytes_, most_bytes);
  while (bytes_ > most_bytes_ && drop_oldest(of::all)) {
  }
}

chunk_cache::content chunk_cache::find_any(std::int64_t key) {
  const auto found = chunks_.find(key);
  if (found == chunks_.end()) return nullptr;
  used_.splice(used_.begin(), used_, found->second.place);
  found->second.call = call_;
  return found->second.what;
}

shared_bytes chunk_cache::find(std::int64_t key) {
  return std::static_pointer_cast<const std::string>(find_any(key));
}

row_ref chunk_cache::find_row(std::int64_t segment) {
  return std::static_pointer_cast<const segment_row>(find_any(row_key(segment)));
}

bool chunk_cache::drop_oldest(of whose) {
  if (used_.empty()) return false;
  const auto oldest = chunks_.find(used_.back());
  if (whose == of::others && oldest->second.call == call_) return false;
  bytes_ -= oldest->second.bytes;
  chunks_.erase(oldest);
  used_.pop_back();
  return true;
}

void chunk_cache::keep_any(std::int64_t key, content what, std::size_t bytes) {
  if (chunks_.contains(key)) return;
  while (bytes_ + bytes > most_bytes_)
    if (!drop_oldest(of::others)) return;
  bytes_ += bytes;
  used_.push_front(key);
  chunks_[key] = {std::move(what), bytes, used_.begin(), call_};
}

void chunk_cache::keep(std::int64_t key, shared_bytes bytes) {
  const std::size_t size = bytes->size();
  keep_any(key, std::move(bytes), size);
}

void chunk_cache::keep_row(std::int64_t segment, row_ref row) {
  const std::size_t size = row->bytes();
  keep_any(row_key(segment), std::move(row), size);
}

void chunk_cache::clear() {
  chunks_.clear();
  used_.clear();
  bytes_ = 0;
}

std::vector<std::uint64_t> small_ids(const segment_entry& s, std::uint64_t key) {
  std::vector<std::uint64_t> out;
  const segment::header& head = s.row->head;
  segment::reader from(head);
  for (const chunk_place& at : from.values_need(segment::column_id::event_id))
    from.give(at, inside(*s.row, *head.find(segment::column_id::event_id, at.second)));
  segment::texts ids;
  if (from.values(segment::column_id::event_id, ids))
    for (std::size_t i = 0; i < ids.size(); ++i) out.push_back(hash64(ids[i], key));
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

bool is_damage(const error& e) noexcept { return e.code == error_code::tool_failed; }

namespace {

// What of some chunks is not in memory.
struct to_fetch {
  std::vector<missing_chunk> missing;  // by key
  // Those that are in their segments' rows.
  std::vector<std::pair<open_segment*, std::vector<chunk_place>>> inside_rows;
};

// Gives the readers what the cache has.
to_fetch sort_out(chunk_cache& cache, const std::vector<chunk_request>& wanted) {
  to_fetch out;
  for (const auto& [s, chunks] : wanted) {
    std::vector<chunk_place> inside_row;
    for (const chunk_place& at : chunks(s->reader)) {
      if (s->reader.has(at)) continue;
      const segment::chunk_entry* entry = entry_of(*s, at);
      if (entry == nullptr) continue;
      if (!entry->apart) {
        inside_row.push_back(at);
        continue;
      }
      const std::int64_t key = chunk_key(s->entry->id, at.first, at.second);
      if (shared_bytes kept = cache.find(key)) {
        s->reader.give(at, sql::chunk_bytes(*entry, *kept));
        s->held.push_back(std::move(kept));
        continue;
      }
      out.missing.push_back({s, at, entry, key});
      s->reader.give(at, {});  // so that a place named twice is read once
    }
    out.inside_rows.emplace_back(s, std::move(inside_row));
  }
  std::sort(out.missing.begin(), out.missing.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  return out;
}

}  // namespace

task<result<void>> fetch(context& ctx, chunk_cache& cache, std::vector<chunk_request> wanted,
                         keeping keep) {
  auto closed = find_kept_rows(cache, wanted);
  if (!closed) co_return fail(closed.error());
  for (std::span<open_segment* const> left(*closed); !left.empty();) {
    const auto now = left.first(std::min(left.size(), most_rows_read));
    left = left.subspan(now.size());
    auto got = co_await ctx.sql(row_statements(now));
    if (!got) co_return fail(got.error());
    auto taken = take_rows(cache, now, got->results.front());
    if (taken) continue;
    auto unlisted = co_await ctx.sql(unlist_statements(now));
    static_cast<void>(unlisted);
    co_return taken;
  }
  const auto [missing, inside_rows] = sort_out(cache, wanted);
  for (std::span<const missing_chunk> left(missing); !left.empty();) {
    const auto now = left.first(count_together(left));
    left = left.subspan(now.size());
    auto got = co_await ctx.sql(read_statements(now));
    if (!got) co_return fail(got.error());
    auto taken = take_chunks(cache, now, got->results, keep);
    if (!taken) co_return taken;
  }
  for (const auto& [s, places] : inside_rows)
    if (auto given = give_inside(*s, places); !given) co_return given;
  co_return result<void>{};
}

task<result<void>> fetch(context& ctx, chunk_cache& cache, open_segment& s, needed chunks) {
  std::vector<chunk_request> wanted;
  wanted.push_back({&s, std::move(chunks)});
  return fetch(ctx, cache, std::move(wanted));
}

needed codes_of(segment::column_id c) {
  return [c](const segment::reader& r) { return r.codes_need(c); };
}

}  // namespace millimetric::store
