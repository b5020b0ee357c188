#include "mcp/prompts.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "event/circumstances.h"
#include "json/arguments.h"
#include "json/writer.h"
#include "query/funnel.h"

namespace millimetric::mcp {
namespace {

using query::endpoint;

struct prompt_argument {
  std::string_view name;
  std::string_view description;
  bool required;
  bool account_only;
  completes_from source;
};

struct prompt {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  std::array<prompt_argument, 2> arguments;  // unused ones have no name
};

constexpr prompt_argument project_argument{"project",
                                           "The slug of one project; all projects when left out",
                                           false, true, completes_from::project_slugs};

constexpr std::array<prompt, 4> prompts{{
    {"weekly_report",
     "Weekly report",
     "The last 7 days against the 7 before: traffic, sources, top pages and events.",
     {{project_argument, {}}}},
    {"traffic_diagnosis",
     "Traffic diagnosis",
     "Why traffic rose or fell: which source, page, country or device moved.",
     {{{"source", "A traffic source to look at, such as facebook", false, false,
        completes_from::sources},
       project_argument}}},
    {"conversion_audit",
     "Conversion audit",
     "Where visitors drop off between steps, and for whom.",
     {{{"steps", "The funnel's event names in order, separated by commas", true, false,
        completes_from::event_names},
       project_argument}}},
    {"instrument_app",
     "Instrument an app",
     "Adds event tracking to a code base and verifies that events arrive.",
     {{{"framework", "What the app is built with, such as nextjs", false, false,
        completes_from::frameworks},
       {}}}},
}};

bool offered(const prompt_argument& a, endpoint where) {
  return !a.name.empty() && (!a.account_only || where == endpoint::account);
}

// The values of a prompt's arguments and the times its text speaks of.
struct filled {
  std::string now;
  std::string week_ago;
  std::string two_weeks_ago;
  std::string month_ago;
  std::string project;  // ", \"project_slug\": \"shop\"" or nothing
  std::string subject;  // the source, the steps or the framework
};

// A call's arguments: of its own, such as "\"limit\": 20", and the range and the project.
std::string call_with(std::string_view own, const std::string& from, const std::string& to,
                      const filled& f) {
  return "{" + std::string(own) + (own.empty() ? "" : ", ") + "\"from\": \"" + from +
         "\", \"to\": \"" + to + "\"" + f.project + "}";
}

// The same call for this week and for the one before.
std::string for_both_weeks(std::string_view own, const filled& f) {
  return call_with(own, f.week_ago, f.now, f) + " and with " +
         call_with(own, f.two_weeks_ago, f.week_ago, f);
}

std::string weekly_report(const filled& f) {
  return "Write a weekly analytics report for " + f.week_ago + " to " + f.now +
         ", compared with the week before (" + f.two_weeks_ago + " to " + f.week_ago +
         ").\n\n1. Call get_stats with " + for_both_weeks("\"metric\": \"uniques\"", f) +
         ": the days' visitors do not add up to a week's. Call it with " +
         call_with("\"metric\": \"uniques\", \"interval\": \"day\", \"limit\": 1000",
                   f.two_weeks_ago, f.now, f) +
         " for the days, of which the first and the last are not whole.\n2. Call top_sources "
         "with " +
         for_both_weeks("", f) + ".\n3. Call get_stats with " +
         for_both_weeks("\"group_by\": [\"event_name\"]", f) + " for the events, and with " +
         for_both_weeks("\"group_by\": [\"path\"], \"event\": \"$pageview\", \"limit\": 10", f) +
         " for the pages.\n"
         "4. Report: visitors and change, the three sources that moved most, the events that moved "
         "most, the top pages. Give numbers and percentages, say which are small, and do not guess "
         "at causes that the data does not show.";
}

std::string traffic_diagnosis(const filled& f) {
  const std::string only = f.subject.empty() ? "" : ", \"source\": " + f.subject;
  return "Find out what changed in traffic in the 7 days to " + f.now +
         " against the 7 days before.\n\n1. Call get_stats with " +
         call_with("\"metric\": \"uniques\", \"interval\": \"day\", \"limit\": 1000" + only,
                   f.month_ago, f.now, f) +
         " to see the usual level and when it changed; the first and the last day are not "
         "whole.\n2. For each of the columns source, "
         "medium, path, country, device_type and browser call get_stats with " +
         for_both_weeks(
             "\"metric\": \"uniques\", \"group_by\": [\"<column>\"], \"limit\": 20" + only, f) +
         ".\n3. Compute each value's contribution to the difference. Name the column and values "
         "that explain most of it, and check with query_events, with " +
         call_with("\"limit\": 20" + only, f.week_ago, f.now, f) +
         " and a filter for such a value, that the events look like real visitors.\n4. Say what "
         "changed, by how much, when, and what remains unexplained.";
}

std::string conversion_audit(const filled& f) {
  return "Audit the conversion through these steps: " + f.subject +
         ".\n\n1. Call funnel with {\"steps\": " + f.subject + ", \"from\": \"" + f.month_ago +
         "\", \"to\": \"" + f.now + "\"" + f.project +
         "}. If a step was never seen, the notice names the nearest known events: use those.\n2. "
         "Find the step with the lowest step_conversion. Repeat the funnel with \"group_by\" "
         "source, device_type, browser and country in turn, to see for whom it is lowest.\n3. "
         "Repeat it with \"window\": \"1d\" to see who converts at once.\n4. Report the overall "
         "conversion, the worst step, the groups furthest below the average with at least 30 "
         "visitors, and what to look at next.";
}

std::string instrument_app(const filled& f) {
  return "Add Millimetric event tracking to this app, which is built with " + f.subject +
         ".\n\n1. Read schema://events to see which events exist already, and keep to their "
         "names.\n2. In the browser: load the snippet <script src=\"HOST/v1/a.js\" "
         "data-key=\"pk_...\" defer></script> on every page; it sends $pageview by itself. Send "
         "other events with window.mm.track(\"signup\", {\"plan\": \"pro\"}).\n3. On the server: "
         "POST HOST/v1/track with \"Authorization: Bearer sk_...\" and {\"event\", "
         "\"anonymous_id\", \"user_id\", \"event_id\", \"properties\"}. Keep sk_ keys out of the "
         "browser and out of the repository.\n4. Track few, meaningful events: signup_started, "
         "signup, purchase; past tense or noun, snake_case, no personal data in properties.\n5. "
         "Verify: run the app, then call query_events with {\"from\": \"" +
         f.now + "\", \"limit\": 20} and check names, sources and properties.";
}

std::string text_of(const prompt& p, const filled& f) {
  if (p.name == "weekly_report") return weekly_report(f);
  if (p.name == "traffic_diagnosis") return traffic_diagnosis(f);
  if (p.name == "conversion_audit") return conversion_audit(f);
  return instrument_app(f);
}

constexpr std::string_view steps_rule =
    "must be 2 to 10 event names of 1 to 128 characters, separated by commas, such as "
    "\"signup_started,signup\"";
static_assert(query::min_funnel_steps == 2 && query::max_funnel_steps == 10 &&
                  event::max_event_name == 128,
              "the funnel takes what the rule says");

// ["signup_started","signup"] of a list as the funnel takes it; nothing when it would refuse it.
std::string json_steps(std::string_view text, json::parser_pool& parsers) {
  json::arguments in(static_cast<const json::object*>(nullptr), parsers);
  in.set("steps", std::string(text));
  const auto steps = *in.items("steps", json::arguments::commas::separate);
  if (steps.size() < query::min_funnel_steps || steps.size() > query::max_funnel_steps) return {};
  std::string out;
  json::writer w(out);
  w.begin_array();
  for (const json::argument& step : steps) {
    const bool is_text = step.is == json::argument::kind::text && !step.text.empty();
    if (!is_text || !fits(step.text, event::max_event_name)) return {};
    w.string(step.text);
  }
  w.end_array();
  return out;
}

tl::unexpected<error> wrong_argument(std::string_view name, std::string_view what) {
  return fail(error_code::invalid_params, "The prompt's argument " + json::quoted(shortened(name)) +
                                              " " + std::string(what) + ".");
}

std::string_view argument_text(const std::optional<json::object>& given, std::string_view name) {
  json::element member;
  std::string_view text;
  if (given && json::find(*given, name, member)) static_cast<void>(json::as_string(member, text));
  return trim(text);
}

result<filled> fill(const session& s, const std::optional<json::object>& given, const prompt& p,
                    millis now) {
  filled f;
  f.now = format_iso8601(now);
  f.week_ago = format_iso8601(now - week_ms);
  f.two_weeks_ago = format_iso8601(now - 2 * week_ms);
  f.month_ago = format_iso8601(now - 30 * day_ms);
  if (p.name == "instrument_app") f.subject = "a web framework of your finding";
  for (const prompt_argument& a : p.arguments) {
    if (!offered(a, s.where)) continue;
    const std::string_view text = argument_text(given, a.name);
    if (a.required && text.empty())
      return wrong_argument(a.name, "is required: " + std::string(a.description));
    if (text.empty()) continue;
    if (a.name == "project") f.project = ", \"project_slug\": " + json::quoted(text);
    if (a.name == "steps") f.subject = json_steps(text, s.parsers);
    if (a.name == "steps" && f.subject.empty()) return wrong_argument(a.name, steps_rule);
    if (a.name == "source") f.subject = json::quoted(text);
    if (a.name == "framework") f.subject = std::string(text);
  }
  return f;
}

const prompt* find_prompt(std::string_view name) {
  const auto* found =
      std::find_if(prompts.begin(), prompts.end(), [&](const prompt& p) { return p.name == name; });
  return found == prompts.end() ? nullptr : found;
}

}  // namespace

std::vector<std::string> prompt_names() {
  std::vector<std::string> out;
  for (const prompt& p : prompts) out.emplace_back(p.name);
  return out;
}

std::string prompts_list(endpoint where) {
  std::string out;
  json::writer w(out);
  w.key("prompts").begin_array();
  for (const prompt& p : prompts) {
    w.begin_object();
    w.key("name").string(p.name);
    w.key("title").string(p.title);
    w.key("description").string(p.description);
    w.key("arguments").begin_array();
    for (const prompt_argument& a : p.arguments) {
      if (!offered(a, where)) continue;
      w.begin_object();
      w.key("name").string(a.name);
      w.key("description").string(a.description);
      w.key("required").boolean(a.required);
      w.end_object();
    }
    w.end_array().end_object();
  }
  w.end_array();
  return out;
}

result<method_result> get_prompt(const session& s, const message& m, millis now) {
  json::element member;
  std::string_view name;
  if (!m.param("name", member) || !json::as_string(member, name))
    return fail(error_code::invalid_params, "prompts/get needs \"name\", a string.");
  const prompt* p = find_prompt(name);
  if (p == nullptr)
    return fail(error_code::unknown_prompt, "There is no prompt " + json::quoted(shortened(name)) +
                                                "; there are " +
                                                quoted_list(prompt_names(), " and ") + ".");
  std::optional<json::object> given;
  if (auto wrong = read_arguments(m, given)) return fail(std::move(*wrong));
  if (given)
    for (const auto argument : *given)
      if (std::string_view value; !json::as_string(argument.value, value))
        return wrong_argument(argument.key, "must be a string");
  auto f = fill(s, given, *p, now);
  if (!f) return fail(f.error());
  method_result out;
  json::writer w(out.members);
  w.key("description").string(p->description);
  w.key("messages").begin_array().begin_object();
  w.key("role").string("user");
  w.key("content").begin_object().key("type").string("text").key("text").string(text_of(*p, *f));
  w.end_object().end_object().end_array();
  return out;
}

completes_from completion_source(std::string_view name, std::string_view argument, endpoint where) {
  const prompt* p = find_prompt(name);
  if (p == nullptr) return completes_from::nothing;
  for (const prompt_argument& a : p->arguments)
    if (offered(a, where) && a.name == argument) return a.source;
  return completes_from::nothing;
}

const std::vector<std::string>& framework_names() {
  static const std::vector<std::string> names{
      "angular", "astro",  "django", "express", "fastapi", "flask", "go",     "hono", "html",
      "laravel", "nextjs", "nuxt",   "rails",   "react",   "remix", "svelte", "vue",  "wordpress"};
  return names;
}

}  // namespace millimetric::mcp
