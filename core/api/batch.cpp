#include "api/batch.h"

#include <algorithm>
#include <set>

#include "api/http.h"
#include "base/text.h"
#include "json/arguments.h"
#include "json/writer.h"

namespace millimetric::api {
namespace {

// With details {"fieldErrors":{field:[what]}}.
error invalid(std::string message, const char* field, const std::string& what) {
  return {error_code::invalid_payload, std::move(message),
          std::string(R"({"fieldErrors":{")") + field + "\":[" + json::quoted(what) + "]}}"};
}

// The wrong events of a batch, by index.
class wrong_events {
 public:
  wrong_events() : out_(details_) { out_.begin_object().key("events").begin_array(); }

  void add(std::size_t index, const json::field_errors& errors) {
    if (++count_ > max_reported_events) return;
    const std::string fields = errors.details();  // {"fieldErrors":{...}}
    out_.begin_object().key("index").unsigned_integer(index);
    out_.raw(std::string_view(fields).substr(1, fields.size() - 2)).end_object();
  }
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  // The details, with those of another error behind them.
  [[nodiscard]] std::string take(std::string_view others) {
    out_.end_array().raw(others.substr(1));
    return std::move(details_);
  }

 private:
  std::string details_;
  json::writer out_;
  std::size_t count_ = 0;
};

result<json::array> events_of(const json::object& body) {
  json::element member;
  json::array events;
  const bool sent = json::find(body, "events", member);
  std::string got(sent ? json::kind_of(member) : "nothing");
  if (sent && json::as_array(member, events)) {
    if (events.size() > 0 && events.size() <= max_batch_events) return events;
    got = std::to_string(events.size());
  }
  static_assert(max_batch_events == 1000, "as the message says");
  const std::string what = "must be a list of 1 to 1000 events; got " + got;
  return fail(invalid("\"events\" " + what + ".", "events", what));
}

void receive_item(event::receiver& receiver, const json::element& item, json::field_errors& errors,
                  json::parser_pool& parsers) {
  json::object sent;
  if (json::as_object(item, sent)) return receiver.receive(sent, errors);
  json::arguments nothing(nullptr, parsers);
  receiver.receive(nothing);
  errors = std::move(nothing.errors());
  errors.add("event", "an event must be an object; got " + std::string(json::kind_of(item)));
}

}  // namespace

error invalid_fields(const json::field_errors& errors) {
  return {error_code::invalid_payload,
          "The event is not valid; details.fieldErrors names each wrong field.", errors.details()};
}

result<json::object> read_object(json::parser_lease& parser, const host::http_request& http) {
  // One title that was cut must not cost a batch; what answers repeat, as JSON-RPC's ids, stays.
  const auto document = parser.parse(http.body, json::half_pairs::replaced);
  json::object body;
  if (document && json::as_object(*document, body)) return body;
  std::string what = "must be a JSON object; got ";
  what += document ? json::kind_of(*document) : "no JSON";
  return fail(
      invalid(document ? "The body " + what + "." : document.error().message, "body", what));
}

result<void> check_names(const named_texts& given, std::string_view known_names, error_code wrong,
                         json::parser_pool& parsers) {
  json::arguments in(given, parsers);
  std::vector<std::string> known;
  for (const std::string_view name : split(known_names, ' ')) {
    known.emplace_back(name);
    if (in.is_list(name)) in.errors().add(name, "must be given once");
  }
  in.refuse_unknown(known);
  if (in.errors().empty()) return {};
  return fail(wrong == error_code::invalid_params ? wrong_parameters(in.errors())
                                                  : wrong_fields(in.errors()));
}

result<void> check_members(const json::object& body, std::string_view known,
                           json::parser_pool& parsers) {
  named_texts names;  // without the values: those may be large
  std::set<std::string_view> once;
  for (const auto member : body)
    if (once.insert(member.key).second) names.emplace_back(member.key, "");
  return check_names(names, known, error_code::invalid_payload, parsers);
}

result<event::batch> read_batch(const json::object& body, const event::circumstances& about,
                                random_stream& random, services s) {
  const auto events = events_of(body);
  if (!events) return fail(events.error());
  event::batch out;
  out.events.reserve(events->size());
  event::receiver receiver(about, random, s.parsers, out, &s.classifications);
  wrong_events wrong;
  std::size_t index = 0;
  for (const json::element item : *events) {
    json::field_errors errors;
    receive_item(receiver, item, errors, s.parsers);
    if (!errors.empty()) wrong.add(index, errors);
    ++index;
  }
  if (wrong.count() == 0) return out;
  const std::string what =
      std::to_string(wrong.count()) + " of " + std::to_string(index) +
      " events are wrong; nothing was stored. details.events names the first " +
      std::to_string(std::min(wrong.count(), max_reported_events)) + ".";
  error refused = invalid(what, "events", what);
  refused.details = wrong.take(refused.details);
  return fail(std::move(refused));
}

}  // namespace millimetric::api
