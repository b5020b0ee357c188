#include "event/receive.h"

#include <string>

#include "event/classifier.h"
#include "event/country.h"
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
                   batch& into, classification_cache* known)
    : about_(about),
      random_(random),
      parsers_(parsers),
      known_(known),
      into_(into),
      texts_(into.texts),
      country_(country_code(about.country)),
      agent_(classify_user_agent(about.user_agent, about.hints)) {}

void receiver::receive(const json::object& sent, json::field_errors& errors) {
  if (receive_plain(sent)) return;
  json::arguments in(&sent, parsers_);
  receive(in);
  errors = std::move(in.errors());
}

void receiver::receive(json::arguments& in) {
  const checked_event e = check_arguments(in, about_, texts_);
  add(e, origin_of(e.places));
}

bool receiver::receive_plain(const json::object& sent) {
  const auto fields = read_plain(sent);
  if (!fields) return false;
  const place_names names{fields->url.value_or(""), fields->referrer.value_or("")};
  const std::uint64_t hash = quick_hash(names);
  const visit* known = visits_.find(names, hash);
  const auto e =
      check_plain(*fields, about_, known == nullptr ? nullptr : &known->places, texts_, space_);
  if (!e) return false;
  if (known == nullptr) known = &visits_.keep(names, hash, {e->places, origin_of(e->places)});
  add(*e, known->from);
  return true;
}

void receiver::add(const checked_event& e, const origin& from) {
  received& out = into_.events.emplace_back();
  record_view& r = out.what;
  r.timestamp = e.timestamp;
  r.event_name = e.event_name;
  r.client_event_id = e.event_id.has_value();
  r.event_id = e.event_id ? *e.event_id : texts_.keep(make_uuid_v7(about_.now, random_));
  identify(e, r);
  r.url = e.places.url;
  r.path = e.path;
  if (!r.path && e.places.page) r.path = e.places.page->path;
  r.referrer = e.places.referrer;
  r.properties = e.properties;
  r.source = from.source;
  r.medium = from.medium;
  r.campaign = from.campaign;
  r.source_confidence = from.confidence;
  r.source_rule_id = from.rule_id;
  describe(e, out);
}

void receiver::identify(const checked_event& e, record_view& r) {
  r.user_id = e.user_id;
  r.anonymous_id =
      e.anonymous_id ? *e.anonymous_id
                     : texts_.keep(make_anonymous_id(e.user_id ? e.user_id : e.event_id, random_));
  const millis number = r.timestamp / session_ms;
  if (r.anonymous_id != last_.visitor || number != last_.session_number) {
    last_.visitor = r.anonymous_id;
    last_.session_number = number;
    last_.session = texts_.join(r.anonymous_id, "-", std::to_string(number));
  }
  r.anonymous_id = last_.visitor;
  r.session_id = e.session_id.value_or(last_.session);
}

void receiver::describe(const checked_event& e, received& out) {
  user_agent_class agent = agent_;
  out.ip = about_.ip;
  out.what.country = country_;
  if (e.visitor) {
    agent = agent_of(e.visitor->user_agent);
    if (e.visitor->ip != last_.ip) last_.ip = e.visitor->ip;
    out.ip = last_.ip;
    out.what.country = e.visitor->country;
  }
  if (!agent.device_type.empty()) out.what.device_type = agent.device_type;
  out.what.browser = agent.browser;
  out.what.os = agent.os;
}

receiver::origin receiver::origin_of(const checked_places& p) {
  const auto kept = [&](const attribution& a) -> origin {
    return {texts_.keep(a.source), texts_.keep(a.medium), keep(texts_, a.campaign), a.confidence,
            a.rule_id};
  };
  if (known_ != nullptr && p.page) return kept(known_->source_of(p));
  return kept(classify_source(p.page, p.referrer.value_or(""), about_.host));
}

user_agent_class receiver::agent_of(std::string_view user_agent) {
  if (user_agent != last_.user_agent) {
    last_.user_agent = user_agent;
    last_.agent =
        known_ == nullptr ? classify_user_agent(user_agent) : known_->agent_of(user_agent);
  }
  return last_.agent;
}

}  // namespace millimetric::event
