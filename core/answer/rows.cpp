#include "answer/rows.h"

namespace millimetric::answer {

void write_event(json::writer& out, const event::record& r, const std::string* project_id) {
  out.begin_object();
  if (project_id != nullptr) out.key("project_id").string(*project_id);
  out.key("timestamp").string(format_iso8601(r.timestamp));
  out.key("event_name").string(r.event_name);
  out.key("event_id").string(r.event_id);
  out.key("anonymous_id").string(r.anonymous_id);
  out.key("user_id").optional_string(r.user_id);
  out.key("session_id").string(r.session_id);
  out.key("source").string(r.source);
  out.key("medium").string(r.medium);
  out.key("campaign").optional_string(r.campaign);
  out.key("source_confidence").string(r.source_confidence);
  out.key("source_rule_id").string(r.source_rule_id);
  out.key("country").optional_string(r.country);
  out.key("device_type").optional_string(r.device_type);
  out.key("browser").string(r.browser);
  out.key("os").string(r.os);
  out.key("url").optional_string(r.url);
  out.key("path").optional_string(r.path);
  out.key("referrer").optional_string(r.referrer);
  out.key("properties").stored(r.properties);
  out.end_object();
}

}  // namespace millimetric::answer
