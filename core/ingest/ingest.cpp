#include "ingest/ingest.h"

#include <map>

#include "answer/scatter.h"

namespace millimetric::ingest {
namespace {

using host::context;
using host::task;

constexpr std::size_t ip_hash_bytes = 16;  // contract, section 4

// The salt changes with the UTC day and cannot be computed without the pepper, so hashes of
// different days cannot be joined by anybody who has only the events.
task<result<std::string>> salt_of_day(context& ctx) {
  auto salt = co_await ctx.hmac_with_pepper("ip-salt " + format_day(ctx.now()));
  co_return salt;
}

task<result<void>> hash_addresses(context& ctx, std::vector<event::received>& events) {
  std::map<std::string, std::string, std::less<>> hashes;
  for (const event::received& e : events)
    if (!e.ip.empty()) hashes.try_emplace(e.ip);
  if (hashes.empty()) co_return result<void>{};
  auto salt = co_await salt_of_day(ctx);
  if (!salt) co_return fail(salt.error());
  std::vector<task<result<std::string>>> tasks;
  for (const auto& [ip, hash] : hashes) tasks.push_back(ctx.hmac(*salt, ip));
  host::all<result<std::string>> together(std::move(tasks));
  auto digests = co_await together;
  std::size_t i = 0;
  for (auto& [ip, hash] : hashes) {
    const result<std::string>& digest = digests[i++];
    if (!digest) co_return fail(digest.error());
    hash = to_hex(std::string_view(*digest).substr(0, ip_hash_bytes));
  }
  for (event::received& e : events)
    if (!e.ip.empty()) e.what.ip_hash = hashes.find(e.ip)->second;
  co_return result<void>{};
}

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

task<result<store::append_answer>> store_events(context& ctx, std::string project_id,
                                                std::vector<event::received> events,
                                                store::bucket draws_from) {
  auto hashed = co_await hash_addresses(ctx, events);
  if (!hashed) co_return fail(hashed.error());
  store::append_request request;
  request.draws_from = draws_from;
  for (event::received& e : events) request.events.push_back(std::move(e.what));
  std::string record = store::encode_request(store::operation::append, std::move(request));
  auto stored =
      co_await answer::ask<store::append_answer>(ctx, std::move(project_id), std::move(record));
  if (stored && stored->retry_after > 0) co_return fail(rate_limited(stored->retry_after));
  co_return stored;
}

}  // namespace millimetric::ingest
