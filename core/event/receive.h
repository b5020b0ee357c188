#pragma once
// From what a client sent to the event that is stored: validation, defaults and derived fields.
// One implementation for the tool and for REST. Source: contract, section 4.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/ids.h"
#include "base/memo.h"
#include "event/checked.h"
#include "event/classification_cache.h"
#include "event/record.h"
#include "json/arguments.h"

namespace millimetric::event {

// An event that was received. Its texts are views of what was sent or of the batch's arena.
struct received {
  record_view what;     // without ip_hash
  std::string_view ip;  // to be hashed, never stored
};

// The events of one request, and the texts that were made for them.
struct batch {
  text_arena texts;
  std::vector<received> events;
};

// The names that an event may be sent with, and those that are ignored because the server derives
// them.
[[nodiscard]] const std::vector<std::string>& sent_fields();
[[nodiscard]] const std::vector<std::string>& derived_fields();
// The members of `context`.
[[nodiscard]] const std::vector<std::string>& context_fields();

// Reads the events of one request into a batch. What it is made of, and what it reads from, must
// live as long as the events do. Where there is a cache, it classifies with its help.
class receiver {
 public:
  receiver(const circumstances& about, random_stream& random, json::parser_pool& parsers,
           batch& into, classification_cache* known = nullptr);

  // Adds one event to the batch, sent in any shape that json::arguments takes. Every wrong field is
  // noted in `errors`; what was added is only meant to be used when there are none.
  void receive(const json::object& sent, json::field_errors& errors);
  // The same from arguments, noting errors there.
  void receive(json::arguments& in);
  // The same for an event with nothing wrong and every field of its plain type, as nearly all are,
  // in a tenth of the time. Any other event is not added, and is to be read as arguments.
  // @return whether it was added.
  [[nodiscard]] bool receive_plain(const json::object& sent);

 private:
  // Where events of one page and one referrer come from.
  struct origin {
    std::string_view source;
    std::string_view medium;
    std::optional<std::string_view> campaign;
    std::string_view confidence;
    std::string_view rule_id;
  };
  struct visit {
    checked_places places;
    origin from;
  };

  // Events of one visitor follow each other, so what was made for the one before is most often
  // right. Texts that are the same get the same place, where the next stage knows them by it.
  struct previous {
    std::string_view visitor;
    millis session_number = -1;
    std::string_view session;
    std::string_view user_agent;
    user_agent_class agent;
    std::string_view ip;
  };

  // A batch is a few visitors' way through a few pages. Even one of a thousand visitors repeats
  // most of that.
  static constexpr std::size_t kept_visits = 256;

  // Adds an event that comes from there.
  void add(const checked_event& e, const origin& from);
  // Who did it, and in which session.
  void identify(const checked_event& e, record_view& r);
  // With what, and from where: what the request or its context says of the visitor.
  void describe(const checked_event& e, received& out);
  [[nodiscard]] origin origin_of(const checked_places& p);
  [[nodiscard]] user_agent_class agent_of(std::string_view user_agent);

  const circumstances& about_;
  random_stream& random_;
  json::parser_pool& parsers_;
  classification_cache* known_;
  batch& into_;
  text_arena& texts_;                        // of the batch
  std::optional<std::string_view> country_;  // of the request
  user_agent_class agent_;                   // of the request
  previous last_;
  memo<place_names, visit, kept_visits> visits_;
  std::string space_;  // for writing in
};

}  // namespace millimetric::event
