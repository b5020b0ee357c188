#pragma once
// One stored event: what was sent, checked, plus what the server derived. Source: contract,
// section 4. Absent values are empty optionals; `browser` and `os` are "" when unknown.

#include <optional>
#include <string>

#include "base/time.h"

namespace millimetric::event {

struct record {
  millis timestamp = 0;
  std::string event_name;
  std::string event_id;
  bool client_event_id = false;  // the client chose the id: repeats of it are duplicates
  std::string anonymous_id;
  std::optional<std::string> user_id;
  std::string session_id;
  std::string source;
  std::string medium;
  std::optional<std::string> campaign;
  std::string source_confidence;
  std::string source_rule_id;
  std::optional<std::string> country;
  std::optional<std::string> device_type;
  std::string browser;
  std::string os;
  std::optional<std::string> url;
  std::optional<std::string> path;
  std::optional<std::string> referrer;
  std::string properties = "{}";  // a JSON object, compact
  std::optional<std::string> ip_hash;

  template <class A>
  void fields(A& a) {
    a(timestamp, event_name, event_id, client_event_id, anonymous_id, user_id, session_id, source,
      medium, campaign, source_confidence, source_rule_id, country, device_type, browser, os, url,
      path, referrer, properties, ip_hash);
  }
};

}  // namespace millimetric::event
