#include "base/text.h"
#include "event/checked.h"
#include "event/country.h"
#include "json/writer.h"

namespace millimetric::event {
namespace {

using json::arguments;

std::optional<std::string_view> keep(text_arena& texts, const std::optional<std::string>& text) {
  return text ? std::optional(texts.keep(*text)) : std::nullopt;
}

void read_context(arguments& in, text_arena& texts, checked_event& e) {
  const auto context = in.object("context");
  if (!context) return;
  described_visitor& v = e.visitor.emplace();
  for (std::size_t i = 0; i < context->items.size(); ++i) {
    const std::string& name = context->names[i];
    const json::argument& value = context->items[i];
    if (name != "user_agent" && name != "ip" && name != "country") continue;
    if (value.is == json::argument::kind::null) continue;
    if (value.is != json::argument::kind::text) {
      in.errors().add("context." + name, "must be a string; got " + described(value));
    } else if (name == "user_agent") {
      v.user_agent = texts.keep(value.text);
    } else if (name == "ip") {
      v.ip = texts.keep(value.text);
    } else {
      v.country = country_code(value.text);
      if (!v.country && !is_unknown_country(value.text))
        in.errors().add(
            "context.country",
            "must be an ISO 3166-1 alpha-2 code such as \"DE\"; got " + described(value));
    }
  }
}

millis read_timestamp(arguments& in, const circumstances& about) {
  const auto sent = in.time("timestamp", arguments::times::since_1970);
  if (!sent) return about.now;
  if (about.is_too_late(*sent))
    in.errors().add("timestamp", "must not be more than 24 hours ahead of the server's time (" +
                                     format_iso8601(about.now) + "); got " + format_iso8601(*sent));
  if (about.is_too_old(*sent))
    in.errors().add("timestamp", "must not be older than the project's retention of " +
                                     std::to_string(about.retention_days) + " days (" +
                                     format_iso8601(about.oldest()) + "); got " +
                                     format_iso8601(*sent));
  return *sent;
}

// Text that may be empty, which means absent: browsers send an empty referrer.
std::optional<std::string> read_location(arguments& in, std::string_view name) {
  if (in.is_empty_text(name)) return std::nullopt;
  return in.text(name, max_url);
}

void read_url(arguments& in, text_arena& texts, checked_places& p) {
  const auto sent = read_location(in, "url");
  if (!sent) return;
  p.url = texts.keep(without_white_space(*sent));
  p.page = parse_http_url(*p.url);
  if (!p.page) {
    in.errors().add("url",
                    "must be an absolute http or https URL such as "
                    "\"https://example.com/pricing\"; got " +
                        json::quoted(shortened(*sent)));
  } else if (!fits(*p.url, max_url)) {
    in.errors().add("url", "must have 1 to " + std::to_string(max_url) +
                               " characters with each space as \"%20\"; got " +
                               std::to_string(count_code_points(*p.url)));
  }
}

void read_places(arguments& in, text_arena& texts, checked_event& e) {
  e.path = keep(texts, read_location(in, "path"));
  e.places.referrer = keep(texts, read_location(in, "referrer"));
  read_url(in, texts, e.places);
}

void read_properties(arguments& in, text_arena& texts, checked_event& e) {
  const auto properties = in.object("properties");
  if (!properties) return;
  e.properties = texts.keep(properties->text);
  if (e.properties.size() > max_properties_bytes)
    in.errors().add("properties", "must serialise to at most " +
                                      std::to_string(max_properties_bytes) +
                                      " bytes of JSON; got " + std::to_string(e.properties.size()));
}

}  // namespace

checked_event check_arguments(arguments& in, const circumstances& about, text_arena& texts) {
  checked_event e;
  const auto event_name = in.text("event", max_event_name);
  if (!event_name && !in.errors().has("event"))
    in.errors().add("event", "is required: the name of what happened, 1 to " +
                                 std::to_string(max_event_name) + " characters");
  e.event_name = texts.keep(event_name.value_or(""));
  e.event_id = keep(texts, in.text("event_id", max_event_id));
  e.anonymous_id = keep(texts, in.text("anonymous_id", max_anonymous_id));
  e.user_id = keep(texts, in.text("user_id", max_user_id));
  e.timestamp = read_timestamp(in, about);
  e.session_id = keep(texts, in.text("session_id", max_session_id));
  read_places(in, texts, e);
  read_properties(in, texts, e);
  if (about.context_counts) read_context(in, texts, e);
  return e;
}

}  // namespace millimetric::event
