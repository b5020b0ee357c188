#pragma once
// What stands beside the rows of every answer, in both renderings.

#include "answer/outcome.h"
#include "json/writer.h"

namespace millimetric::answer {

// Writes the members next_cursor, notice (where there are any) and meta: the resolved range, the
// projects covered, whether counts are exact, whether the limit cut rows, the total.
void write_beside_rows(json::writer& out, const outcome& o, const subject& about);

}  // namespace millimetric::answer
