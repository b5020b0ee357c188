// What the segments are and weigh.

#include <algorithm>
#include <map>

#include "segment/fields.h"
#include "store/merge_levels.h"
#include "store/segment_store.h"

namespace millimetric::store {

using host::context;
using host::task;
using segment::column_id;

namespace {

std::vector<segment::chunk_place> no_chunk(const segment::reader&) { return {}; }

}  // namespace

task<result<storage_answer>> segment_store::storage(context& ctx, const storage_request&) {
  auto opened = co_await open(ctx);
  if (!opened) co_return fail(opened.error());
  storage_answer out;
  std::map<std::uint8_t, std::uint64_t> columns;
  chunk_cache without_room;  // nobody asks for all of them again
  for (const segment_ref& s : catalog_.all()) {
    out.events += s->head.events;
    out.first = std::min(out.first.value_or(s->head.first), s->head.first);
    out.last = std::max(out.last.value_or(s->head.last), s->head.last);
    open_segment open(s);
    auto row = co_await fetch(ctx, without_room, open, no_chunk);
    if (!row && !is_damage(row.error())) co_return fail(row.error());
    if (!row) {
      ++out.damaged_segments;
      continue;
    }
    const segment::header& head = open.row->head;
    ++(s->is_small() ? out.small_segments : out.large_segments);
    out.bytes += segment::encode_header(head).size();
    for (const segment::chunk_entry& c : head.chunks) {
      const auto visitors = static_cast<std::uint8_t>(column_id::visitors);
      columns[std::min(c.column, visitors)] += c.size;
      out.bytes += c.size;
    }
  }
  for (const level& l : levels_of(catalog_, unmergeable_, limits_))
    if (l.due(limits_)) out.merge_debt += l.segments.size();
  if (merge_) out.merge_debt = std::max<std::uint64_t>(out.merge_debt, merge_->inputs().size());
  for (const auto& [column, bytes] : columns)
    out.columns.push_back({std::string(segment::name_of(static_cast<column_id>(column))), bytes});
  std::sort(out.columns.begin(), out.columns.end(),
            [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  co_return out;
}

}  // namespace millimetric::store
