#pragma once
// Pages of a project's events, over its shards.

#include <cstddef>
#include <string>
#include <tuple>
#include <vector>

#include "control/directory.h"
#include "host/request.h"
#include "query/partial.h"

namespace millimetric::shards {

// Where an event that a cursor names is kept.
struct event_place {
  std::string project;
  std::int64_t generation = 0;
  std::uint32_t shard = 0;
};
// As in cursors: the project's id for the layout that every project begins with.
[[nodiscard]] std::string text_of(const event_place& place);
[[nodiscard]] event_place read_place(std::string_view text);

struct pages {
  store::layout at;
  std::vector<query::page_partial> of;  // one per shard
};

// Of the events of several pages in their common order, each with its `event` and the `page` that
// has it: how many come first for certain. Behind the last one of a page that has more, its next
// ones may come.
template <class Placed>
[[nodiscard]] std::size_t certain(const std::vector<Placed>& events) {
  for (std::size_t i = 0; i < events.size(); ++i)
    if (events[i].page->more && events[i].event == &events[i].page->events.back()) return i + 1;
  return events.size();
}

// The first events of every shard, behind `page.after`, which is at `place`. At equal times events
// are in the order of their project, their shard and their arrival (newest first: later arrivals
// first). `place` and the project must live until the task ends.
// @return tool_failed; invalid_params when the place is of a layout that is no more.
host::task<result<pages>> ask_pages(host::context& ctx, const control::project& p,
                                    query::page_question page, const event_place& place);

}  // namespace millimetric::shards
