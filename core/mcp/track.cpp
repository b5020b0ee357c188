#include "mcp/track.h"

#include <algorithm>

#include "ingest/ingest.h"
#include "json/writer.h"
#include "mcp/render.h"

namespace millimetric::mcp {
namespace {

event::batch read_event(json::arguments& in, const event::circumstances& about,
                        random_stream& random, json::parser_pool& parsers) {
  event::batch out;
  event::receiver(about, random, parsers, out).receive(in);
  return out;
}

}  // namespace

host::task<result<method_result>> track_event(host::context& ctx, const session& s,
                                              json::arguments& in) {
  static const std::vector<std::string> ignored = event::derived_fields();
  in.refuse_unknown(event::sent_fields(), ignored);
  const control::project& project = s.who->projects.front();
  const auto about =
      ingest::circumstances_of(s.http, ctx.now(), project, control::key_kind::secret);
  event::batch batch = read_event(in, about, ctx.random(), s.parsers);
  in.refuse_unknown_members("context", event::context_fields());
  if (!in.errors().empty()) co_return refused_arguments(in.errors());
  std::string answer;
  json::writer w(answer);
  w.begin_object().key("ok").boolean(true);
  w.key("event_id").string(batch.events.front().what.event_id).end_object();
  auto stored =
      co_await ingest::store_events(ctx, s.addresses, project, batch, store::bucket::track);
  if (!stored) co_return fail(stored.error());
  co_return tool_object(answer);
}

}  // namespace millimetric::mcp
