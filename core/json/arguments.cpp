#include "json/arguments.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "json/writer.h"

namespace millimetric::json {
namespace {

// More than any list may have, and any object whose members are looked at; what is behind is not
// kept.
constexpr std::size_t most_items = 2000;
// Wrong names that are named, and messages about one field.
constexpr std::size_t most_unknown = 20;
constexpr std::size_t most_messages = 20;

// Only the outermost value keeps its JSON: a copy on each level would be quadratic in the nesting.
enum class keep_json : std::uint8_t { no, yes };

argument to_argument(const element& e, keep_json json = keep_json::yes) {
  argument a;
  std::string_view text;
  array list;
  object members;
  if (as_string(e, text)) {
    a.text = std::string(text);
    return a;
  }
  const bool nested = as_array(e, list) || as_object(e, members);
  if (!nested || json == keep_json::yes) a.text = to_text(e);
  if (e.is_array()) {
    a.is = argument::kind::list;
    for (const element item : list) {
      if (a.items.size() == most_items) break;
      a.items.push_back(to_argument(item, keep_json::no));
    }
  } else if (nested) {
    a.is = argument::kind::object;
    for (const auto& [name, value] : last_of_each_name(members)) {
      if (a.items.size() == most_items) break;
      a.names.emplace_back(name);
      a.items.push_back(to_argument(value, keep_json::no));
    }
  } else {
    a.is = e.is_null()   ? argument::kind::null
           : e.is_bool() ? argument::kind::boolean
                         : argument::kind::number;
  }
  return a;
}

// A whole number in any spelling that clients use for it: 7, 7.0, "7", " 7 ".
std::optional<std::int64_t> whole_number(const argument& a) {
  if (a.is != argument::kind::number && a.is != argument::kind::text) return std::nullopt;
  std::string_view digits = trim(a.text);
  if (digits.ends_with(".0")) digits.remove_suffix(2);
  return parse_integer(digits);
}

std::string count_of(std::size_t items) {
  return std::to_string(items) + (items == most_items ? " or more" : "");
}

std::string length_message(std::size_t most, const std::string& got) {
  return "must have 1 to " + std::to_string(most) + " characters; got " +
         std::to_string(count_code_points(got));
}

bool contains(std::span<const std::string> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What other products call an argument of ours (in quotes, when it is shown); meant where ours is
// known. Without ours: what we lack, though it is spelt like something else.
struct alias {
  std::string_view ours;
  std::string_view others;
};
constexpr auto aliases = std::to_array<alias>({
    {"from", "start_date start date_from since after"},
    {"to", "end_date end date_to until before"},
    {"interval", "granularity bucket resolution period"},
    {"group_by", "breakdown dimensions dimension by"},
    {"breakdown", "group_by"},
    {"steps", "events"},
    {"event", "name"},
    {"properties", "props params"},
    {"context", "ip user_agent"},
    {"project_slug", "project projects slug"},
    {"project_slug\" for one, or for several \"project_ids", "project_slugs"},
    {"limit", "top max count page_size"},
    {"", "tz time_zone timezone"},
});

// What an unknown name means; empty when nothing is near.
std::string suggestion(std::string_view name, std::span<const std::string> known) {
  const std::string wanted = to_lower(name);
  for (const alias& a : aliases) {
    const std::string_view name_of_ours = a.ours.substr(0, a.ours.find('"'));
    if (!a.ours.empty() && !contains(known, name_of_ours)) continue;
    for (const std::string_view other : split(a.others, ' '))
      if (other == wanted) return std::string(a.ours);
  }
  const auto nearest = nearest_names(name, known, 1);
  return nearest.empty() ? std::string() : nearest.front();
}

// `within`: what stands before the names in the errors.
void note_unknown(std::span<const std::string_view> unknown, std::span<const std::string> known,
                  const std::string& within, field_errors& errors) {
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const std::string field = within + std::string(unknown[i]);
    if (i == most_unknown) {
      errors.add(field,
                 "unknown argument, as are " + std::to_string(unknown.size() - i) + " in all");
      return;
    }
    const std::string meant = suggestion(unknown[i], known);
    std::string message = "unknown argument";
    if (!meant.empty()) message += "; did you mean \"" + meant + "\"?";
    if (known.empty())
      message += "; this call takes none";
    else
      message += (meant.empty() ? "; allowed: " : " Allowed: ") + quoted_list(known, ", ");
    errors.add(field, std::move(message));
  }
}

}  // namespace

bool is_scalar(const argument& a) {
  return a.is == argument::kind::text ||
         (a.is == argument::kind::number && a.text.find('e') == std::string::npos);
}

std::string described(const argument& a) {
  switch (a.is) {
    case argument::kind::list: return "a list";
    case argument::kind::object: return "an object";
    case argument::kind::text: return json::quoted(shortened(a.text));
    default: return shortened(a.text);
  }
}

void field_errors::add(std::string_view field, std::string message) {
  for (auto& [name, messages] : errors_) {
    if (name != field) continue;
    if (messages.size() < most_messages) messages.push_back(std::move(message));
    return;
  }
  errors_.emplace_back(std::string(field), std::vector<std::string>{std::move(message)});
}

bool field_errors::has(std::string_view field) const noexcept {
  return std::any_of(errors_.begin(), errors_.end(),
                     [&](const auto& entry) { return entry.first == field; });
}

bool field_errors::only(std::string_view field) const noexcept {
  return errors_.size() == 1 && errors_.front().first == field;
}

void field_errors::rename(std::string_view from, std::string_view to) {
  for (auto& [name, messages] : errors_)
    if (name == from) name = std::string(to);
}

std::string field_errors::details() const {
  std::string out;
  writer w(out);
  w.begin_object().key("fieldErrors").begin_object();
  for (const auto& [name, messages] : errors_) {
    w.key(shortened(name)).begin_array();
    for (const std::string& m : messages) w.string(m);
    w.end_array();
  }
  w.end_object().end_object();
  return out;
}

arguments::arguments(const json::object* given, parser_pool& parsers) : parsers_(parsers) {
  if (given == nullptr) return;
  for (const auto& [name, value] : last_of_each_name(*given))
    given_.emplace_back(std::string(name), to_argument(value));
}

arguments::arguments(const std::vector<std::pair<std::string, std::string>>& given,
                     parser_pool& parsers)
    : parsers_(parsers) {
  std::map<std::string_view, std::size_t> places;
  for (const auto& parameter : given) {
    argument a;
    a.text = parameter.second;
    const auto [place, is_new] = places.try_emplace(parameter.first, given_.size());
    if (is_new) {
      given_.emplace_back(parameter.first, std::move(a));
      continue;
    }
    // A repeated query parameter is a list.
    argument& list = given_[place->second].second;
    if (list.is != argument::kind::list) {
      argument first = std::move(list);
      list = argument{argument::kind::list, {}, {std::move(first)}, {}};
    }
    list.items.push_back(std::move(a));
  }
}

void arguments::set(std::string_view name, std::string text) {
  std::erase_if(given_, [&](const auto& entry) { return entry.first == name; });
  argument a;
  a.text = std::move(text);
  given_.emplace_back(std::string(name), std::move(a));
}

void arguments::rename(std::string_view from, std::string_view to) {
  std::erase_if(given_, [&](const auto& entry) { return entry.first == to; });
  for (auto& [name, value] : given_)
    if (name == from) name = std::string(to);
}

const argument* arguments::entry(std::string_view name) const {
  for (const auto& [key, value] : given_)
    if (key == name) return &value;
  return nullptr;
}

const argument* arguments::find(std::string_view name) const {
  const argument* a = entry(name);
  return a == nullptr || a->is == argument::kind::null ? nullptr : a;
}

bool arguments::is_empty_text(std::string_view name) const {
  const argument* a = find(name);
  return a != nullptr && a->is == argument::kind::text && a->text.empty();
}

bool arguments::is_list(std::string_view name) const {
  const argument* a = find(name);
  return a != nullptr && a->is == argument::kind::list;
}

bool arguments::is_empty_list(std::string_view name) const {
  return is_list(name) && find(name)->items.empty();
}

bool arguments::given_as_null(std::string_view name) const {
  const argument* a = entry(name);
  return a != nullptr && a->is == argument::kind::null;
}

std::optional<argument> arguments::parsed(const std::string& text) const {
  parser_lease parser = parsers_.lease();
  const auto document = parser.parse(text);
  if (!document) return std::nullopt;
  return to_argument(*document);
}

std::optional<std::string> arguments::text(std::string_view name, std::size_t max_code_points) {
  const argument* a = find(name);
  if (a == nullptr) return std::nullopt;
  if (!is_scalar(*a)) {
    errors_.add(name, "must be a string; got " + described(*a));
    return std::nullopt;
  }
  if (a->text.empty() || !fits(a->text, max_code_points)) {
    errors_.add(name, length_message(max_code_points, a->text));
    return std::nullopt;
  }
  return a->text;
}

std::optional<std::string> arguments::choice(std::string_view name,
                                             std::span<const std::string> allowed) {
  const argument* a = find(name);
  if (a == nullptr) return std::nullopt;
  const std::string wanted = a->is == argument::kind::text ? to_lower(trim(a->text)) : "";
  if (std::find(allowed.begin(), allowed.end(), wanted) != allowed.end()) return wanted;
  errors_.add(name, "must be one of " + quoted_list(allowed) + "; got " + described(*a));
  return std::nullopt;
}

std::optional<std::int64_t> arguments::integer(std::string_view name, std::int64_t least,
                                               std::int64_t most) {
  const argument* a = find(name);
  if (a == nullptr) return std::nullopt;
  const auto n = whole_number(*a);
  if (n && *n >= least && *n <= most) return n;
  errors_.add(name, "must be a whole number from " + std::to_string(least) + " to " +
                        std::to_string(most) + "; got " + described(*a));
  return std::nullopt;
}

std::optional<millis> arguments::time(std::string_view name, times allowed) {
  const argument* a = find(name);
  if (a == nullptr) return std::nullopt;
  const auto t = a->is == argument::kind::text ? parse_iso8601(a->text) : std::nullopt;
  if (t && (allowed == times::any || *t >= 0)) return t;
  const char* rule = t ? "must not be before 1970; got "
                       : "must be an ISO 8601 date or time such as \"2026-01-31\" or "
                         "\"2026-01-31T12:00:00Z\"; got ";
  errors_.add(name, rule + described(*a));
  return std::nullopt;
}

std::optional<millis> arguments::duration(std::string_view name) {
  const argument* a = find(name);
  if (a == nullptr) return std::nullopt;
  const auto d = a->is == argument::kind::text ? parse_duration(a->text) : std::nullopt;
  if (!d)
    errors_.add(name,
                "must be a whole number and a unit of s, m, h, d or w, such as \"30m\" or \"7d\", "
                "of at most 3660 days; got " +
                    described(*a));
  return d;
}

std::optional<std::vector<argument>> arguments::items(std::string_view name, commas rule) {
  const argument* a = find(name);
  if (a == nullptr) return std::nullopt;
  if (a->is == argument::kind::list) return a->items;
  if (a->is == argument::kind::text && trim(a->text).starts_with('[')) {
    auto list = parsed(a->text);
    if (list && list->is == argument::kind::list) return std::move(list->items);
  }
  if (a->is != argument::kind::text || rule == commas::are_text) return std::vector{*a};
  std::vector<argument> out;
  for (const std::string_view part : split(a->text, ',')) {
    out.emplace_back();
    out.back().text = std::string(part);
  }
  return out;
}

std::optional<std::vector<std::string>> arguments::texts(std::string_view name, std::size_t most,
                                                         std::size_t max_code_points, commas rule) {
  const auto list = items(name, commas::are_text);
  if (!list) return std::nullopt;
  std::vector<std::string> out;
  for (const argument& item : *list) {
    if (!is_scalar(item)) {
      errors_.add(name, "must be a string or a list of strings; got " + described(item));
      return std::nullopt;
    }
    if (rule == commas::are_text || item.text.empty()) {
      out.push_back(item.text);
      continue;
    }
    const auto parts = split(item.text, ',');
    if (parts.empty()) {
      errors_.add(name, "must not have a blank value; got " + described(item));
      return std::nullopt;
    }
    out.insert(out.end(), parts.begin(), parts.end());
  }
  if (out.empty() || out.size() > most) {
    const std::string allowed =
        most == 1 ? "must be one value" : "must have 1 to " + std::to_string(most) + " values";
    errors_.add(name, allowed + "; got " + count_of(out.size()));
    return std::nullopt;
  }
  for (const std::string& text : out) {
    if (fits(text, max_code_points)) continue;
    errors_.add(name, length_message(max_code_points, text));
    return std::nullopt;
  }
  return out;
}

std::optional<argument> arguments::object(std::string_view name) {
  const argument* a = find(name);
  if (a == nullptr) return std::nullopt;
  if (a->is == argument::kind::object) return *a;
  if (a->is == argument::kind::text && trim(a->text).starts_with('{')) {
    auto parsed_object = parsed(a->text);
    if (parsed_object && parsed_object->is == argument::kind::object) return parsed_object;
  }
  errors_.add(name, "must be a JSON object; got " + described(*a));
  return std::nullopt;
}

void arguments::refuse_unknown(std::span<const std::string> known,
                               std::span<const std::string> ignored) {
  std::vector<std::string_view> unknown;
  for (const auto& [name, value] : given_)
    if (!contains(known, name) && !contains(ignored, name)) unknown.push_back(name);
  note_unknown(unknown, known, "", errors_);
}

void arguments::refuse_unknown_members(std::string_view name, std::span<const std::string> known) {
  if (errors_.has(name)) return;
  const auto members = object(name);
  if (!members) return;
  std::vector<std::string_view> unknown;
  for (const std::string& member : members->names)
    if (!contains(known, member)) unknown.push_back(member);
  note_unknown(unknown, known, std::string(name) + ".", errors_);
}

}  // namespace millimetric::json
