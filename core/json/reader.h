#pragma once
// Reading JSON: simdjson's DOM, with parsers lent from a pool. A parsed document lives in its
// parser, so a request keeps the lease for as long as it reads from the document.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "base/result.h"

namespace millimetric::json {

using element = simdjson::dom::element;
using object = simdjson::dom::object;
using array = simdjson::dom::array;

// Deepest nesting that is read. SQLite's own JSON functions stop at 1,000, and what is stored must
// be readable to them.
inline constexpr std::size_t max_depth = 512;

// What half a surrogate pair, such as a text that was cut within a character ends in, is taken for.
enum class half_pairs : std::uint8_t { refused, replaced };

class parser_pool;

// A parser on loan; goes back to its pool when destroyed. The pool must outlive it.
class parser_lease {
 public:
  parser_lease(parser_lease&&) noexcept = default;
  parser_lease& operator=(parser_lease&&) noexcept = default;
  ~parser_lease();

  // The document, valid until the next parse or the end of the lease. An integer of more than 64
  // bits is the nearest double; half a surrogate pair that is replaced is U+FFFD.
  // @return parse_error with a message for a person; internal_error when memory is out.
  [[nodiscard]] result<element> parse(std::string_view text, half_pairs how = half_pairs::refused);
  // Ends the document and gives back its memory but for its strings: views of those stay valid
  // until the end of the lease. Nothing can be parsed after that.
  void keep_strings() noexcept;

 private:
  // The same without mending what simdjson refuses.
  [[nodiscard]] result<element> parse_as_it_is(std::string_view text);
  [[nodiscard]] simdjson::error_code parse_small(std::string_view text);
  [[nodiscard]] simdjson::error_code parse_large(std::string_view text);

  friend class parser_pool;
  parser_lease(parser_pool& pool, std::unique_ptr<simdjson::dom::parser> parser);
  parser_pool* pool_;
  std::unique_ptr<simdjson::dom::parser> parser_;
  bool is_large_ = false;  // what the parser has read: it does not go back to the pool
  std::unique_ptr<std::uint8_t[]> strings_;  // of a large document that has ended
};

class parser_pool {
 public:
  [[nodiscard]] parser_lease lease();

 private:
  friend class parser_lease;
  std::vector<std::unique_ptr<simdjson::dom::parser>> idle_;
};

// Lookups that give nothing instead of failing. Views into the document. Of members of one name the
// last one counts, here and wherever members are read, as in JavaScript's JSON.parse.
[[nodiscard]] bool find(const object& o, std::string_view key, element& out) noexcept;
// Members in the order of their last ones: of several of one name the last one counts.
[[nodiscard]] std::vector<std::pair<std::string_view, element>> last_of_each_name(const object& o);
[[nodiscard]] bool as_string(const element& e, std::string_view& out) noexcept;
[[nodiscard]] bool as_object(const element& e, object& out) noexcept;
[[nodiscard]] bool as_array(const element& e, array& out) noexcept;

// Compact JSON of an element; numbers keep their kind (5.0 stays 5.0), and hidden characters are as
// they were sent.
[[nodiscard]] std::string to_text(const element& e);
// The same of an object, appended.
void append_text(const object& o, std::string& out);

// Shortest text that reads back as the same finite double.
[[nodiscard]] std::string shortest_double(double v);

// What a value is, for messages: "a string", "a number", "an object", ...
[[nodiscard]] std::string_view kind_of(const element& e) noexcept;

// JSON's name of a value's type: "string", "number", "object", ...
[[nodiscard]] std::string_view type_of(const element& e) noexcept;

}  // namespace millimetric::json
