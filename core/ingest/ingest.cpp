#include "ingest/ingest.h"

#include "answer/scatter.h"
#include "ingest/append_record.h"

namespace millimetric::ingest {
namespace {

using host::context;
using host::task;

error rate_limited(millis retry_after) {
  const std::string seconds = std::to_string((retry_after + second_ms - 1) / second_ms);
  return {
      error_code::rate_limited,
      "Too many events at once for this project; try again in " + seconds + " s, or send batches.",
      R"({"retry_after_s":)" + seconds + "}"};
}

}  // namespace

event::circumstances circumstances_of(const host::http_request& http, millis now,
                                      const control::project& project,
                                      bool may_speak_for_visitors) {
  event::circumstances about;
  about.now = now;
  about.retention_days = project.retention_days;
  about.context_counts = may_speak_for_visitors;
  about.user_agent = http.header("user-agent");
  about.hints = {http.header("sec-ch-ua"), http.header("sec-ch-ua-platform"),
                 http.header("sec-ch-ua-mobile")};
  about.country = http.header("cf-ipcountry");
  about.ip = http.header("cf-connecting-ip");
  about.host = http.header("host");
  return about;
}

task<result<store::append_answer>> store_events(context& ctx, address_hasher& addresses,
                                                std::string project_id, event::batch& batch,
                                                store::bucket draws_from) {
  auto hashed = co_await addresses.hash(ctx, batch);
  if (!hashed) co_return fail(hashed.error());
  std::string record = append_record(batch, draws_from);
  auto stored =
      co_await answer::ask<store::append_answer>(ctx, std::move(project_id), std::move(record));
  if (stored && stored->retry_after > 0) co_return fail(rate_limited(stored->retry_after));
  co_return stored;
}

}  // namespace millimetric::ingest
