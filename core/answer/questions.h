#pragma once
// The questions, answered: scattered over the subject's projects, merged, rendered as rows.
// Each may fail with tool_failed (storage did not answer) or invalid_params (too many groups).

#include "answer/outcome.h"
#include "host/request.h"
#include "query/read.h"

namespace millimetric::answer {

host::task<result<outcome>> query_events(host::context& ctx, const subject& about,
                                         const query::events_question& q);
host::task<result<outcome>> get_stats(host::context& ctx, const subject& about,
                                      const query::stats_question& q);
host::task<result<outcome>> top_sources(host::context& ctx, const subject& about,
                                        const query::sources_question& q);
host::task<result<outcome>> funnel(host::context& ctx, const subject& about,
                                   const query::funnel_question& q);
host::task<result<outcome>> compare_projects(host::context& ctx, const subject& about,
                                             const query::aggregate_question& q);

// Rows of the projects themselves; `about` may be empty here.
host::task<result<outcome>> list_projects(host::context& ctx, const subject& about);

// The JSON texts of the resources.
host::task<result<std::string>> recent_events(host::context& ctx, const subject& about);
host::task<result<std::string>> event_schema(host::context& ctx, const subject& about);

// The most frequent values of a column over all projects, most frequent first.
host::task<result<std::vector<std::string>>> frequent_values(host::context& ctx,
                                                             const subject& about,
                                                             query::column col);

}  // namespace millimetric::answer
