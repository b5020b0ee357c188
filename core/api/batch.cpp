#include "api/batch.h"

#include <algorithm>

#include "json/writer.h"

namespace millimetric::api {
namespace {

error invalid(std::string message, std::string details = {}) {
  return {error_code::invalid_payload, std::move(message), std::move(details)};
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
  [[nodiscard]] std::string take() {
    out_.end_array().end_object();
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
  if (!json::find(body, "events", member) || !json::as_array(member, events))
    return fail(invalid("The body must be {\"events\":[...]}."));
  if (events.size() == 0 || events.size() > max_batch_events)
    return fail(invalid("A batch holds 1 to " + std::to_string(max_batch_events) + " events; got " +
                        std::to_string(events.size()) + "."));
  return events;
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
  return invalid("The event is not valid; details.fieldErrors names each wrong field.",
                 errors.details());
}

result<json::object> read_object(json::parser_lease& parser, const host::http_request& http) {
  const auto document = parser.parse(http.body);
  if (!document) return fail(invalid(document.error().message));
  json::object body;
  if (json::as_object(*document, body)) return body;
  return fail(invalid("The body must be a JSON object; got " +
                      std::string(json::kind_of(*document)) + "."));
}

result<event::batch> read_batch(const json::object& body, const event::circumstances& about,
                                random_stream& random, json::parser_pool& parsers) {
  const auto events = events_of(body);
  if (!events) return fail(events.error());
  event::batch out;
  out.events.reserve(events->size());
  event::receiver receiver(about, random, parsers, out);
  wrong_events wrong;
  std::size_t index = 0;
  for (const json::element item : *events) {
    json::field_errors errors;
    receive_item(receiver, item, errors, parsers);
    if (!errors.empty()) wrong.add(index, errors);
    ++index;
  }
  if (wrong.count() == 0) return out;
  return fail(invalid(std::to_string(wrong.count()) + " of " + std::to_string(index) +
                          " events are wrong; nothing was stored. details.events names the first " +
                          std::to_string(std::min(wrong.count(), max_reported_events)) + ".",
                      wrong.take()));
}

}  // namespace millimetric::api
