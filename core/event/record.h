#pragma once
// One stored event: what was sent, checked, plus what the server derived. Source: contract,
// section 4. Absent values are empty optionals; `browser` and `os` are "" when unknown.
// A record owns its texts; a record_view shows texts that somebody else keeps, and is written to an
// archive as the record is.

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace millimetric::event {

template <class Text>
struct basic_record {
  millis timestamp = 0;
  Text event_name;
  Text event_id;
  bool client_event_id = false;  // the client chose the id: repeats of it are duplicates
  Text anonymous_id;
  std::optional<Text> user_id;
  Text session_id;
  Text source;
  Text medium;
  std::optional<Text> campaign;
  Text source_confidence;
  Text source_rule_id;
  std::optional<Text> country;
  std::optional<Text> device_type;
  Text browser;
  Text os;
  std::optional<Text> url;
  std::optional<Text> path;
  std::optional<Text> referrer;
  Text properties = "{}";  // a JSON object, compact
  std::optional<Text> ip_hash;

  template <class A>
  void fields(A& a) {
    a(timestamp, event_name, event_id, client_event_id, anonymous_id, user_id, session_id, source,
      medium, campaign, source_confidence, source_rule_id, country, device_type, browser, os, url,
      path, referrer, properties, ip_hash);
  }
};

using record = basic_record<std::string>;
using record_view = basic_record<std::string_view>;

}  // namespace millimetric::event
