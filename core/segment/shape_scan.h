#pragma once
// The shapes of events: for each name how often and when it came, and which properties it had.

#include <map>
#include <set>
#include <string>

#include "json/reader.h"
#include "query/partial.h"
#include "segment/scope_scan.h"

namespace millimetric::segment {

// Shapes gathered over segments.
class shape_table {
 public:
  // Names, the most frequent ones, and properties of each, the first that are met: whoever sends
  // events chooses both, and an agent reads no more.

  void count(std::string_view event_name, std::uint64_t events, millis first, millis last);
  // The keys of a JSON object, and the types of their values.
  void note_properties(std::string_view event_name, std::string_view properties);
  // By count descending, then name. The table is empty then.
  [[nodiscard]] query::schema_partial take();

 private:
  struct shape {
    std::uint64_t count = 0;
    millis first = 0;
    millis last = 0;
    std::map<std::string, std::set<std::string>, std::less<>> properties;
  };
  shape& of(std::string_view event_name);

  std::map<std::string, shape, std::less<>> shapes_;
  std::size_t with_properties_ = 0;  // names
  json::parser_pool parsers_;
};

[[nodiscard]] std::vector<chunk_place> shapes_need(const reader& from);
// False when the segment is damaged.
[[nodiscard]] bool add_shapes(const reader& from, const selection& rows, shape_table& to);

}  // namespace millimetric::segment
