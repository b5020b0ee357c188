#include "mcp/track.h"

#include <algorithm>

#include "ingest/ingest.h"
#include "json/writer.h"
#include "mcp/render.h"

namespace millimetric::mcp {

host::task<result<method_result>> track_event(host::context& ctx, const session& s,
                                              json::arguments& in) {
  static const std::vector<std::string> ignored = event::derived_fields();
  in.refuse_unknown(event::sent_fields(), ignored);
  const control::project& project = s.who->projects.front();
  const auto about = ingest::circumstances_of(s.http, ctx.now(), project, true);
  event::received e = event::receive(in, about, ctx.random());
  if (!in.errors().empty()) co_return refused_arguments(in.errors());
  std::string answer;
  json::writer w(answer);
  w.begin_object().key("ok").boolean(true).key("event_id").string(e.what.event_id).end_object();
  std::vector<event::received> events;
  events.push_back(std::move(e));
  auto stored =
      co_await ingest::store_events(ctx, project.id, std::move(events), store::bucket::track);
  if (!stored) co_return fail(stored.error());
  co_return tool_object(answer);
}

}  // namespace millimetric::mcp
