#include "event/receive.h"

#include "base/text.h"
#include "event/classifier.h"
#include "event/url.h"
#include "json/writer.h"

namespace millimetric::event {
namespace {

// The visitor as the request shows it, or as a server describes it in `context`.
struct visitor {
  std::string user_agent;
  client_hints hints;
  std::optional<std::string> country;
  std::string ip;
};

void read_context(json::arguments& in, visitor& v) {
  const auto context = in.object("context");
  if (!context) return;
  for (std::size_t i = 0; i < context->items.size(); ++i) {
    const std::string& name = context->names[i];
    const json::argument& value = context->items[i];
    if (name != "user_agent" && name != "ip" && name != "country") continue;
    if (value.is == json::argument::kind::boolean && value.text == "null") continue;
    if (value.is != json::argument::kind::text) {
      in.errors().add("context." + name, "must be a string; got " + described(value));
    } else if (name == "user_agent") {
      v.user_agent = value.text;
      v.hints = {};
    } else if (name == "ip") {
      v.ip = value.text;
    } else {
      v.country = country_code(value.text);
      if (!v.country && !value.text.empty())
        in.errors().add(
            "context.country",
            "must be an ISO 3166-1 alpha-2 code such as \"DE\"; got " + described(value));
    }
  }
}

void read_timestamp(json::arguments& in, const circumstances& about, record& r) {
  r.timestamp = about.now;
  const auto sent = in.time("timestamp");
  if (!sent) return;
  r.timestamp = *sent;
  if (*sent > about.now + max_ahead_ms)
    in.errors().add("timestamp", "must not be more than 24 hours ahead of the server's time (" +
                                     format_iso8601(about.now) + "); got " + format_iso8601(*sent));
  const millis oldest = about.now - about.retention_days * day_ms;
  if (about.retention_days > 0 && *sent < oldest)
    in.errors().add("timestamp", "must not be older than the project's retention of " +
                                     std::to_string(about.retention_days) + " days (" +
                                     format_iso8601(oldest) + "); got " + format_iso8601(*sent));
}

// Text that may be empty, which means absent: browsers send an empty referrer.
std::optional<std::string> read_location(json::arguments& in, std::string_view name) {
  if (in.is_empty_text(name)) return std::nullopt;
  return in.text(name, max_url);
}

void read_places(json::arguments& in, record& r) {
  r.url = read_location(in, "url");
  r.path = read_location(in, "path");
  r.referrer = read_location(in, "referrer");
  if (!r.url) return;
  const auto url = parse_http_url(*r.url);
  if (!url)
    in.errors().add("url",
                    "must be an absolute http or https URL such as "
                    "\"https://example.com/pricing\"; got " +
                        json::quoted(shortened(*r.url)));
  else if (!r.path)
    r.path = std::string(url->path);
}

void read_properties(json::arguments& in, record& r) {
  const auto properties = in.object("properties");
  if (!properties) return;
  r.properties = properties->text;
  if (r.properties.size() > max_properties_bytes)
    in.errors().add("properties", "must serialise to at most " +
                                      std::to_string(max_properties_bytes) +
                                      " bytes of JSON; got " + std::to_string(r.properties.size()));
}

void derive(record& r, const visitor& v, std::string_view host) {
  attribution a = classify_source(r.url.value_or(""), r.referrer.value_or(""), host);
  r.source = std::move(a.source);
  r.medium = std::move(a.medium);
  r.campaign = std::move(a.campaign);
  r.source_confidence = std::string(a.confidence);
  r.source_rule_id = std::string(a.rule_id);
  const user_agent_class u = classify_user_agent(v.user_agent, v.hints);
  if (!u.device_type.empty()) r.device_type = std::string(u.device_type);
  r.browser = std::string(u.browser);
  r.os = std::string(u.os);
  r.country = v.country;
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

received receive(json::arguments& in, const circumstances& about, random_stream& random) {
  received out;
  record& r = out.what;
  visitor v{std::string(about.user_agent), about.hints, country_code(about.country),
            std::string(about.ip)};
  const auto event_name = in.text("event", max_event_name);
  if (!event_name && !in.errors().has("event"))
    in.errors().add("event", "is required: the name of what happened, 1 to " +
                                 std::to_string(max_event_name) + " characters");
  r.event_name = event_name.value_or("");
  const auto event_id = in.text("event_id", max_event_id);
  r.client_event_id = event_id.has_value();
  r.event_id = event_id ? *event_id : make_uuid_v7(about.now, random);
  const auto anonymous_id = in.text("anonymous_id", max_anonymous_id);
  r.anonymous_id = anonymous_id ? *anonymous_id : make_uuid_v4(random);
  r.user_id = in.text("user_id", max_user_id);
  read_timestamp(in, about, r);
  const auto session_id = in.text("session_id", max_session_id);
  r.session_id =
      session_id ? *session_id : r.anonymous_id + "-" + std::to_string(r.timestamp / session_ms);
  read_places(in, r);
  read_properties(in, r);
  if (about.context_counts) read_context(in, v);
  derive(r, v, about.host);
  out.ip = std::move(v.ip);
  return out;
}

std::optional<std::string> country_code(std::string_view text) {
  if (text.size() != 2) return std::nullopt;
  std::string code(text);
  for (char& c : code) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (c < 'A' || c > 'Z') return std::nullopt;
  }
  return code == "XX" ? std::nullopt : std::optional(code);
}

}  // namespace millimetric::event
