#pragma once
// The SQL of the row store: its tables, and the statements that a question becomes. Values always
// travel as parameters; lists as one JSON parameter, since Durable Objects bind at most 100.

#include <string>
#include <string_view>
#include <vector>

#include "event/record.h"
#include "host/effects.h"
#include "query/question.h"
#include "store/protocol.h"

namespace millimetric::store {

[[nodiscard]] std::vector<host::statement> schema_statements();

// Inserts the event unless its client-chosen id arrived since `remembered_from`; gives one row when
// it stored. `note_id_statement` is then run behind it, and only for client-chosen ids.
[[nodiscard]] host::statement insert_statement(const event::record& r, millis remembered_from);
[[nodiscard]] host::statement note_id_statement(const event::record& r, millis now,
                                                millis remembered_from);

// Adds the events stored between its two edges to the month's usage, in their own transaction: the
// last arrival is taken off before them and put on behind them.
enum class usage_edge : std::uint8_t { before, behind };
[[nodiscard]] host::statement usage_statement(millis now, usage_edge edge);

// Rows: bucket, group columns ..., events, paid events.
[[nodiscard]] host::statement count_statement(const query::aggregate_question& q);
// Rows: bucket, group columns ..., one distinct value of the metric's column.
[[nodiscard]] host::statement distinct_statement(const query::aggregate_question& q);
// Rows: visitor, timestamp, event name, path, group value; by visitor, time and arrival.
[[nodiscard]] host::statement funnel_statement(const query::funnel_question& q);
// Rows: arrival and the columns of an event, in order; one more than asked when there is more.
[[nodiscard]] host::statement page_statement(const query::page_question& q);
[[nodiscard]] event::record read_event(const host::rows& rows, std::size_t row);
// Forgets the ids that came with the events of a condition on `events`.
[[nodiscard]] host::statement forget_ids_statement(std::string_view which,
                                                   std::vector<host::value> params);
// The first gives the number of events that the others delete, with their remembered ids.
[[nodiscard]] std::vector<host::statement> forget_statements(const forget_request& q);
// Rows: number of events of the scope.
[[nodiscard]] host::statement scope_count_statement(const query::scope& in);

}  // namespace millimetric::store
