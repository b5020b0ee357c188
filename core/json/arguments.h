#pragma once
// Arguments as clients really send them. A tool's JSON object and a REST query become the same
// tree; readers take each value in every shape that can mean only one thing (numbers as strings,
// lists as JSON strings or comma lists, null for "not given") and refuse the rest, noting for every
// wrong field what is allowed and what was got. Nothing is clamped. Source: contract, section 2.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "json/reader.h"

namespace millimetric::json {

struct argument {
  enum class kind : std::uint8_t { text, number, boolean, list, object, null };
  kind is = kind::text;
  std::string text;  // of text and boolean; of a number its JSON; of list and object compact JSON
  std::vector<argument> items;     // of a list, up to more than any may have; of an object, values
  std::vector<std::string> names;  // of an object: the members' names, one per item
};

// Wrong fields, in the order found, each with its messages.
class field_errors {
 public:
  // Of one field only some twenty messages are kept.
  void add(std::string_view field, std::string message);
  [[nodiscard]] bool empty() const noexcept { return errors_.empty(); }
  [[nodiscard]] bool has(std::string_view field) const noexcept;
  // Whether this field is wrong and no other is.
  [[nodiscard]] bool only(std::string_view field) const noexcept;
  void rename(std::string_view from, std::string_view to);
  // {"fieldErrors":{"limit":["..."]}}
  [[nodiscard]] std::string details() const;

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> errors_;
};

class arguments {
 public:
  arguments(const json::object* given, parser_pool& parsers);
  arguments(const std::vector<std::pair<std::string, std::string>>& given, parser_pool& parsers);

  // Gives an argument a value, whatever was sent under its name; or another name.
  void set(std::string_view name, std::string text);
  void rename(std::string_view from, std::string_view to);

  [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

  [[nodiscard]] bool is_empty_text(std::string_view name) const;
  [[nodiscard]] bool is_list(std::string_view name) const;
  [[nodiscard]] bool is_empty_list(std::string_view name) const;
  // null otherwise means "not given".
  [[nodiscard]] bool given_as_null(std::string_view name) const;

  // Each gives nothing when the argument is absent, and notes an error when it is wrong.
  std::optional<std::string> text(std::string_view name, std::size_t max_code_points);
  std::optional<std::string> choice(std::string_view name, std::span<const std::string> allowed);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  // Events are of 1970 or later, what is asked of them may begin before.
  enum class times : std::uint8_t { any, since_1970 };
  std::optional<millis> time(std::string_view name, times allowed = times::any);
  std::optional<millis> duration(std::string_view name);

  // A list given as an array, a JSON array in a string, or a single value. Items are texts or
  // numbers. Where commas separate, each of them may be a comma list; an empty text is one item.
  enum class commas : std::uint8_t { are_text, separate };
  std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t most,
                                                std::size_t max_code_points, commas rule);
  // The items of a list in any of those shapes, unread; or of a comma list.
  std::optional<std::vector<argument>> items(std::string_view name, commas rule);
  // An object, or a JSON object in a string.
  std::optional<argument> object(std::string_view name);

  // Notes the arguments that are none of `known` or `ignored`, with the nearest known names.
  void refuse_unknown(std::span<const std::string> known,
                      std::span<const std::string> ignored = {});
  // The same of the members of an argument that is an object, once it was read as one.
  void refuse_unknown_members(std::string_view name, std::span<const std::string> known);

  [[nodiscard]] field_errors& errors() noexcept { return errors_; }

 private:
  [[nodiscard]] const argument* entry(std::string_view name) const;
  // The same, but nothing for null.
  [[nodiscard]] const argument* find(std::string_view name) const;
  [[nodiscard]] std::optional<argument> parsed(const std::string& text) const;

  std::vector<std::pair<std::string, argument>> given_;
  parser_pool& parsers_;
  field_errors errors_;
};

// Whether it stands for a text: a number does, unless it has an exponent and so other spellings.
[[nodiscard]] bool is_scalar(const argument& a);
// What was got, for a message: `"lots"`, `12`, `a list`, cut to a readable length.
[[nodiscard]] std::string described(const argument& a);

}  // namespace millimetric::json
