#include "event/receive.h"

#include <charconv>

#include "event/classifier.h"
#include "event/place.h"

namespace millimetric::event {
namespace {

std::optional<std::string_view> keep(text_arena& texts, const std::optional<std::string>& text) {
  return text ? std::optional(texts.keep(*text)) : std::nullopt;
}

}  // namespace

const std::vector<std::string>& sent_fields() {
  static const std::vector<std::string> names{"event",   "event_id",   "timestamp",  "anonymous_id",
                                              "user_id", "session_id", "properties", "url",
                                              "path",    "referrer",   "context"};
  return names;
}

const std::vector<std::string>& derived_fields() {
  static const std::vector<std::string> names{
      "event_name",     "source",  "medium",      "campaign", "source_confidence",
      "source_rule_id", "country", "device_type", "browser",  "os",
      "ip_hash"};
  return names;
}

const std::vector<std::string>& context_fields() {
  static const std::vector<std::string> names{"user_agent", "ip", "country"};
  return names;
}

receiver::receiver(const circumstances& about, random_stream& random, json::parser_pool& parsers,
                   batch& into)
    : about_(about),
      random_(random),
      parsers_(parsers),
      into_(into),
      texts_(into.texts),
      country_(keep(texts_, country_code(about.country))),
      agent_(classify_user_agent(about.user_agent, about.hints)) {}

void receiver::receive(const json::object& sent, json::field_errors& errors) {
  if (receive_plain(sent)) return;
  json::arguments in(&sent, parsers_);
  receive(in);
  errors = std::move(in.errors());
}

void receiver::receive(json::arguments& in) { add(check_arguments(in, about_, texts_)); }

bool receiver::receive_plain(const json::object& sent) {
  const auto fields = read_plain(sent);
  if (!fields) return false;
  const auto e = check_plain(*fields, about_, texts_, space_);
  if (e) add(*e);
  return e.has_value();
}

void receiver::add(const checked_event& e) {
  received& out = into_.events.emplace_back();
  record_view& r = out.what;
  r.timestamp = e.timestamp;
  r.event_name = e.event_name;
  r.client_event_id = e.event_id.has_value();
  r.event_id = e.event_id ? *e.event_id : texts_.keep(make_uuid_v7(about_.now, random_));
  r.anonymous_id =
      e.anonymous_id ? *e.anonymous_id
                     : texts_.keep(make_anonymous_id(e.user_id ? e.user_id : e.event_id, random_));
  r.user_id = e.user_id;
  r.session_id = e.session_id ? *e.session_id : session_of(r);
  r.url = e.url;
  r.path = e.path;
  if (!r.path && e.page) r.path = e.page->path;
  r.referrer = e.referrer;
  r.properties = e.properties;
  derive(e, r);
  out.ip = e.visitor ? e.visitor->ip : about_.ip;
}

void receiver::derive(const checked_event& e, record_view& r) {
  const origin& from = origin_of(e);
  r.source = from.source;
  r.medium = from.medium;
  r.campaign = from.campaign;
  r.source_confidence = from.confidence;
  r.source_rule_id = from.rule_id;
  const user_agent_class& agent = agent_of(e);
  if (!agent.device_type.empty()) r.device_type = agent.device_type;
  r.browser = agent.browser;
  r.os = agent.os;
  r.country = e.visitor ? e.visitor->country : country_;
}

std::string_view receiver::session_of(const record_view& r) {
  char number[24];
  const auto end = std::to_chars(number, number + sizeof(number), r.timestamp / session_ms).ptr;
  return texts_.join(r.anonymous_id, "-", {number, static_cast<std::size_t>(end - number)});
}

const receiver::origin& receiver::origin_of(const checked_event& e) {
  const places key{e.url.value_or(""), e.referrer.value_or("")};
  const std::uint64_t hash = quick_hash(key.first) + 3 * quick_hash(key.second);
  return origins_.of(key, hash, [&]() -> origin {
    const attribution a = classify_source(e.page, key.second, about_.host);
    return {texts_.keep(a.source), texts_.keep(a.medium), keep(texts_, a.campaign), a.confidence,
            a.rule_id};
  });
}

const user_agent_class& receiver::agent_of(const checked_event& e) {
  if (!e.visitor) return agent_;
  const std::string_view agent = e.visitor->user_agent;
  return agents_.of(agent, quick_hash(agent), [&] { return classify_user_agent(agent); });
}

}  // namespace millimetric::event
