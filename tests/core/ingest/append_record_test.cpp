#include "ingest/append_record.h"

#include "../catch.h"
#include "native/append_records.h"

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

}  // namespace

TEST_CASE("a batch is written as the append_request of its events") {
  const std::vector<event::record> sent{full(), {}, full()};
  event::batch batch;
  for (const event::record& r : sent) batch.events.push_back({store::view_of(r), {}});

  const store::append_records request{store::bucket::batch, sent};
  CHECK((ingest::append_record(batch, store::bucket::batch) ==
         store::encode_request(store::operation::append, request)));
}
