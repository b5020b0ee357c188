#include "ingest/append_record.h"

#include "../catch.h"
#include "base/archive.h"

using namespace millimetric;

namespace {

event::record full() {
  event::record r;
  r.timestamp = 1'795'176'000'000;
  r.event_name = "signup";
  r.event_id = "id";
  r.client_event_id = true;
  r.anonymous_id = "visitor";
  r.user_id = "user";
  r.session_id = "visitor-997320";
  r.source = "newsletter";
  r.medium = "email";
  r.campaign = "spring";
  r.source_confidence = "high";
  r.source_rule_id = "utm";
  r.country = "DE";
  r.device_type = "mobile";
  r.browser = "chrome";
  r.os = "android";
  r.url = "https://shop.example/p?utm_source=newsletter";
  r.path = "/p";
  r.referrer = "https://news.example/";
  r.properties = R"({"a":1})";
  r.ip_hash = "00ff00ff00ff00ff00ff00ff00ff00ff";
  return r;
}

// The same event as a view of it.
event::record_view view_of(const std::string& record) {
  return *from_record<event::record_view>(record);
}

}  // namespace

TEST_CASE("a batch is written as the append_request of its events") {
  const std::vector<event::record> sent{full(), {}, full()};
  std::vector<std::string> texts;
  for (const event::record& r : sent) texts.push_back(to_record(r));
  event::batch batch;
  for (const std::string& t : texts) batch.events.push_back({view_of(t), {}});

  const store::append_request request{store::bucket::batch, sent};
  CHECK((ingest::append_record(batch, store::bucket::batch) ==
         store::encode_request(store::operation::append, request)));
}
