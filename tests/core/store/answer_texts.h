#pragma once
// Answers of a store as text, for those that oracle.h has no text of.

#include <string>

#include "store/protocol.h"

namespace millimetric::store {

[[nodiscard]] std::string text_of(const query::schema_partial& p);
[[nodiscard]] std::string text_of(const query::values_partial& p);
[[nodiscard]] std::string text_of(const query::summary_partial& p);

}  // namespace millimetric::store
