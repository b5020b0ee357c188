#pragma once
// Rows as JSON. Source: contract, section 2 (tools) and 4 (a row as read).

#include <optional>
#include <string>

#include "event/record.h"
#include "json/writer.h"

namespace millimetric::answer {

// Writes an event; with `project_id` first when it is given.
void write_event(json::writer& out, const event::record& r, const std::string* project_id);

}  // namespace millimetric::answer
