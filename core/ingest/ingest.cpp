#include "ingest/ingest.h"

#include "ingest/append_record.h"
#include "ingest/over_shards.h"
#include "shards/call.h"

namespace millimetric::ingest {
namespace {

using host::context;
using host::task;

}  // namespace

event::circumstances circumstances_of(const host::http_request& http, millis now,
                                      const control::project& project, control::key_kind key) {
  event::circumstances about;
  about.now = now;
  about.retention_days = project.retention_days;
  about.context_counts = key == control::key_kind::secret;
  about.user_agent = http.header("user-agent");
  about.hints = {http.header("sec-ch-ua"), http.header("sec-ch-ua-platform"),
                 http.header("sec-ch-ua-mobile")};
  about.country = http.header("cf-ipcountry");
  about.ip = http.header("cf-connecting-ip");
  about.host = http.header("host");
  return about;
}

task<result<store::append_answer>> store_events(context& ctx, address_hasher& addresses,
                                                const control::project& project,
                                                event::batch& batch, store::bucket draws_from) {
  auto hashed = co_await addresses.hash(ctx, batch);
  if (!hashed) co_return fail(hashed.error());
  if (project.at.shards == 1) {
    auto bytes = co_await ctx.call_store(store::store_name(project.id, project.at, 0),
                                         append_record(batch, draws_from));
    if (!bytes) co_return fail(shards::storage_failed(bytes.error()));
    if (!store::refusal_of(*bytes)) co_return read_append(*bytes);
    draws_from = store::bucket::none;  // the token was drawn
  }
  auto stored = co_await append_to_shards(ctx, project, batch, draws_from);
  co_return stored;
}

}  // namespace millimetric::ingest
