#pragma once
// Bodies with events: read whole, refused whole. Source: contract, section 3.

#include <string>
#include <utility>
#include <vector>

#include "api/services.h"
#include "event/receive.h"
#include "host/frames.h"
#include "json/reader.h"

namespace millimetric::api {

inline constexpr std::size_t max_batch_events = 1000;
inline constexpr std::size_t max_reported_events = 50;  // wrong ones that one answer names

// The JSON object of a body.
// @return invalid_payload.
[[nodiscard]] result<json::object> read_object(json::parser_lease& parser,
                                               const host::http_request& http);

using named_texts = std::vector<std::pair<std::string, std::string>>;

// Refuses what has a name that is none of `known`, which spaces separate, or that was given before.
// @return `wrong`: invalid_params of a query, invalid_payload of a body.
[[nodiscard]] result<void> check_names(const named_texts& given, std::string_view known,
                                       error_code wrong, json::parser_pool& parsers);
// Refuses a body's members that are none of `known`. Of those of one name the last one counts.
// @return invalid_payload.
[[nodiscard]] result<void> check_members(const json::object& body, std::string_view known,
                                         json::parser_pool& parsers);

// A body {"events":[...]}, whose events are views of it.
// @return invalid_payload, with details {"events":[{"index","fieldErrors"}],"fieldErrors"} for
// wrong events.
[[nodiscard]] result<event::batch> read_batch(const json::object& body,
                                              const event::circumstances& about,
                                              random_stream& random, services s);

// invalid_payload that names every wrong field.
[[nodiscard]] error invalid_fields(const json::field_errors& errors);

}  // namespace millimetric::api
