#include "shards/pages.h"

#include <algorithm>
#include <charconv>

#include "shards/call.h"

namespace millimetric::shards {
namespace {

using host::context;
using host::task;

error moved() {
  return {error_code::invalid_params,
          "The project's events were moved to other stores since this cursor was given; leave the "
          "cursor out to start again."};
}

// The layout that a cursor's place is of, as far as it is one that still counts.
task<result<store::layout>> layout_of(context& ctx, const control::project& p,
                                      const event_place& place) {
  if (place.generation == p.at.generation) co_return p.at;
  auto now = co_await control::find_project(ctx, p.id);
  if (!now) co_return fail(storage_failed(now.error()));
  if (*now && (*now)->at.generation == place.generation) co_return (*now)->at;
  const bool next = *now && (*now)->other && (*now)->other->generation == place.generation;
  if (!next || place.generation < (*now)->at.generation) co_return fail(moved());
  co_return *(*now)->other;
}

// Where a shard's page begins, behind the event that ended the page before.
query::position start_in(const control::project& p, std::uint32_t shard,
                         const query::page_question& page, const event_place& place) {
  const int order = place.project != p.id ? (p.id < place.project ? -1 : 1)
                                          : static_cast<int>(shard) - static_cast<int>(place.shard);
  if (order == 0) return *page.after;
  // Of the same time everything is done where it comes before, and nothing where it comes behind.
  const bool newest_first = page.order == query::page_order::newest_first;
  return {page.after->timestamp, (order < 0) == newest_first ? 0 : query::last_arrival};
}

}  // namespace

std::string text_of(const event_place& place) {
  return store::store_name(place.project, {place.generation, 1}, place.shard);
}

event_place read_place(std::string_view text) {
  event_place out;
  const std::size_t behind = std::min(text.find('/'), text.size());
  out.project = std::string(text.substr(0, behind));
  if (behind == text.size()) return out;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + behind + 1, end, out.generation);
  if (read.ptr != end) std::from_chars(read.ptr + 1, end, out.shard);
  return out;
}

task<result<pages>> ask_pages(context& ctx, const control::project& p, query::page_question page,
                              const event_place& place) {
  // Events of another project are done or not, in whichever shard they are.
  const bool continues = page.after && place.project == p.id;
  auto at = continues ? co_await layout_of(ctx, p, place) : result<store::layout>(p.at);
  if (!at) co_return fail(at.error());
  page.most_bytes = query::share_of_page(page.most_bytes, at->shards);
  result<answers> got;
  if (continues) {
    std::vector<std::string> records;
    for (std::uint32_t s = 0; s < at->shards; ++s) {
      query::page_question here = page;
      here.after = start_in(p, s, page, place);
      records.push_back(store::encode_request(store::operation::page, std::move(here)));
    }
    got = co_await call_each(ctx, p.id, *at, std::move(records));
  } else {
    if (page.after) page.after = start_in(p, 0, page, place);
    got = co_await call(ctx, p.id, *at,
                        store::encode_request(store::operation::page, std::move(page)));
  }
  if (!got && got.error().code == error_code::conflict) co_return fail(moved());
  if (!got) co_return fail(got.error());
  pages out{got->at, {}};
  for (const std::string& bytes : got->of) {
    auto one = store::decode_answer<query::page_partial>(bytes);
    if (!one) co_return fail(storage_failed(one.error()));
    out.of.push_back(std::move(*one));
  }
  co_return out;
}

}  // namespace millimetric::shards
