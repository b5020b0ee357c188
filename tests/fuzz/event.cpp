// An event as a client sends it, or an array of them: what is accepted keeps the contract's limits,
// and is the same event behind a record and behind a segment.

#include <algorithm>
#include <memory>

#include "base/archive.h"
#include "base/text.h"
#include "event/country.h"
#include "event/receive.h"
#include "fuzz/fuzz.h"
#include "fuzz/segments.h"
#include "segment/row_reader.h"
#include "segment/writer.h"

namespace millimetric::fuzz {
namespace {

using event::record;

constexpr millis now = 1'795'176'000'000;  // 2026-11-20T12:00:00Z
constexpr std::size_t most_events = 64;

void check_length(const std::string& text, std::size_t most, std::string_view what) {
  require(is_utf8(text), what, text);
  require(!text.empty() && count_code_points(text) <= most, what, text);
}
void check_length(const std::optional<std::string>& text, std::size_t most, std::string_view what) {
  if (text) check_length(*text, most, what);
}

void check_limits(const record& r, int retention_days) {
  check_length(r.event_name, event::max_event_name, "an event's name");
  check_length(r.event_id, event::max_event_id, "an event's id");
  check_length(r.anonymous_id, event::max_anonymous_id, "an anonymous id");
  check_length(r.user_id, event::max_user_id, "a user's id");
  // The default has the anonymous id and up to 20 characters for the time.
  check_length(r.session_id, event::max_session_id + 20, "a session's id");
  check_length(r.url, event::max_url, "a URL");
  check_length(r.path, event::max_url, "a path");
  check_length(r.referrer, event::max_url, "a referrer");
  require(r.properties.size() <= event::max_properties_bytes, "properties within their limit");
  require(second_parser::type_at(r.properties, "$") == "object", "properties are an object",
          r.properties);
  require(r.timestamp <= now + event::max_ahead_ms, "a time that has come");
  if (retention_days > 0)
    require(r.timestamp >= now - retention_days * day_ms, "a time that is kept");
  if (r.country)
    require(r.country->size() == 2 && event::country_code(*r.country) == r.country, "a country",
            *r.country);
}

void check_record(const record& r) {
  const std::string written = to_record(r);
  const auto read = from_record<record>(written);
  require(read.has_value() && to_record(*read) == written, "a record is read as it was written");
}

void give_chunks(const segment::header& head, std::string_view body, segment::reader& to) {
  for (const segment::chunk_entry& e : head.chunks) {
    require(e.size <= body.size(), "a segment with all its chunks");
    const std::string_view bytes = body.substr(0, e.size);
    require(segment::is_intact(e, bytes), "a chunk as it was written");
    to.give({e.column, e.part}, bytes);
    body.remove_prefix(e.size);
  }
  require(body.empty(), "nothing behind the chunks");
}

void check_segment(const std::vector<record>& events) {
  const std::string bytes = segment::encode_segment(build_segment(events, now));
  const segment::read_header read = segment::decode_header(bytes);
  require(read.found == segment::damage::none, "a segment's header");
  require(read.head.events == events.size(), "as many rows as events");
  segment::reader from(read.head);
  give_chunks(read.head, read.body, from);

  std::vector<std::uint32_t> all(events.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  segment::row_reader rows(from, all);
  std::vector<std::pair<std::int64_t, record>> stored;
  require(rows.read_codes() && rows.read(stored), "rows of a segment that was just made");
  require(stored.size() == events.size(), "every row");
  millis before = stored.front().second.timestamp;
  for (auto& [arrival, r] : stored) {
    require(r.timestamp >= before, "rows in the order of their times");
    before = r.timestamp;
    record wanted = events.at(static_cast<std::size_t>(arrival - 1));
    wanted.client_event_id = false;  // only counts when the event comes in
    require(to_record(r) == to_record(wanted), "the event as it was stored", r.event_name);
  }
}

// An event of its own, which outlives what it was made of.
std::optional<record> owned(const event::batch& from) {
  return from_record<record>(to_record(from.events.back().what));
}

std::optional<record> receive_one(const json::object& sent, json::parser_pool& parsers,
                                  std::string_view seed, const event::circumstances& about) {
  event::batch plainly;
  random_stream same(seed);
  const bool plain = event::receiver(about, same, parsers, plainly).receive_plain(sent);
  event::batch batch;
  random_stream random(seed);
  json::arguments in(&sent, parsers);
  event::receiver(about, random, parsers, batch).receive(in);
  const bool good = in.errors().empty();
  require(!plain || good, "what is plainly an event to be one by its arguments");
  if (plain)
    require(to_record(*owned(plainly)) == to_record(*owned(batch)), "the same event in both ways");
  in.refuse_unknown(event::sent_fields(), event::derived_fields());
  if (in.errors().empty()) return owned(batch);
  const std::string details = in.errors().details();
  require(second_parser::accepts(details) && is_utf8(details), "errors that are JSON", details);
  return std::nullopt;
}

}  // namespace

void run(std::string_view input) {
  json::parser_pool parsers;
  json::parser_lease parser = parsers.lease();
  const auto document = parser.parse(input);
  if (!document) return;
  std::vector<json::object> sent;
  json::object object;
  json::array array;
  if (json::as_object(*document, object)) sent.push_back(object);
  if (json::as_array(*document, array))
    for (const json::element item : array)
      if (sent.size() < most_events && json::as_object(item, object)) sent.push_back(object);

  std::vector<record> accepted;
  for (const json::object& o : sent) {
    event::circumstances about;
    about.now = now;
    about.retention_days = accepted.size() % 2 == 0 ? 0 : 400;
    about.context_counts = true;
    about.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0";
    about.country = "SE";
    about.host = "example.com";
    auto r = receive_one(o, parsers, std::to_string(accepted.size()), about);
    if (!r) continue;
    check_limits(*r, about.retention_days);
    check_record(*r);
    accepted.push_back(std::move(*r));
  }
  if (!accepted.empty()) check_segment(accepted);
}

}  // namespace millimetric::fuzz
