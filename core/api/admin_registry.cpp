#include "api/admin_registry.h"

#include <algorithm>

#include "answer/scatter.h"
#include "api/access.h"
#include "api/batch.h"
#include "api/http.h"
#include "base/text.h"
#include "control/registry.h"
#include "event/url.h"
#include "json/writer.h"

namespace millimetric::api {
namespace {

using control::key_kind;
using host::context;
using host::http_request;
using host::http_response;
using host::task;
using json::arguments;

// No contract numbers: what fits a table and a URL.
constexpr std::size_t max_name = 128;
constexpr std::size_t max_slug = 64;
constexpr std::size_t max_id = 64;
constexpr std::size_t max_origin = 256;
constexpr std::size_t max_origins = 100;
constexpr std::int64_t max_retention_days = 36'500;

void write(json::writer& w, const control::account& a) {
  w.begin_object();
  w.key("account_id").string(a.id);
  w.key("name").string(a.name);
  w.key("plan").string(control::describe(a.on).name);
  w.key("created_at").string(format_iso8601(a.created_at));
  w.key("projects").integer(a.projects);
  w.end_object();
}

void write_texts(json::writer& w, const std::vector<std::string>& items) {
  w.begin_array();
  for (const std::string& i : items) w.string(i);
  w.end_array();
}

void write(json::writer& w, const control::project& p) {
  w.begin_object();
  w.key("project_id").string(p.id);
  w.key("account_id").string(p.account_id);
  w.key("slug").string(p.slug);
  w.key("name").string(p.name);
  w.key("origins");
  write_texts(w, p.origins);
  w.key("retention_days");
  p.own_retention_days ? w.integer(*p.own_retention_days) : w.null();
  w.key("effective_retention_days").integer(p.retention_days);
  w.key("created_at").string(format_iso8601(p.created_at));
  w.end_object();
}

void write_members(json::writer& w, const control::key_record& k) {
  w.key("prefix").string(k.prefix);
  w.key("kind").string(control::name_of(k.kind));
  w.key("env").string(k.env);
  w.key("account_id").string(k.account_id);
  w.key("project_id").optional_string(k.project_id);
  w.key("all_projects").boolean(k.all_projects);
  w.key("project_ids");
  write_texts(w, k.project_ids);
  w.key("label").optional_string(k.label);
  w.key("created_at").string(format_iso8601(k.created_at));
  w.key("revoked_at");
  k.revoked_at ? w.string(format_iso8601(*k.revoked_at)) : w.null();
}

void write(json::writer& w, const control::key_record& k) {
  w.begin_object();
  write_members(w, k);
  w.end_object();
}

template <class Row>
http_response one(int status, const result<Row>& row) {
  if (!row) return refusal(row.error());
  std::string body;
  json::writer w(body);
  write(w, *row);
  return json_response(status, std::move(body));
}

template <class Row>
http_response many(const result<std::vector<Row>>& rows) {
  if (!rows) return refusal(rows.error());
  std::string body;
  json::writer w(body);
  w.begin_object().key("rows").begin_array();
  for (const Row& row : *rows) write(w, row);
  w.end_array().end_object();
  http_response r = json_response(200, std::move(body));
  r.rows = rows->size();
  return r;
}

std::optional<std::string> parameter(const http_request& http, std::string_view name) {
  return event::query_parameter(query_of(http.target), name);
}

// The arguments of a JSON body. Owns nothing of it: every value is copied.
result<arguments> body_arguments(const http_request& http, services s) {
  if (auto ok = check_json_body(http); !ok) return fail(ok.error());
  json::parser_lease parser = s.parsers.lease();
  const auto body = read_object(parser, http);
  if (!body) return fail(body.error());
  return arguments(&*body, s.parsers);
}

http_response refuse(const json::field_errors& errors) { return refusal(wrong_fields(errors)); }

void require(arguments& in, std::string_view name) {
  if (!in.has(name)) in.errors().add(name, "is required");
}

std::optional<control::plan> read_plan(arguments& in) {
  std::vector<std::string> names;
  for (const control::plan_entry& p : control::plans) names.emplace_back(p.name);
  const auto name = in.choice("plan", names);
  return name ? control::plan_named(*name) : std::nullopt;
}

std::optional<std::string> read_slug(arguments& in) {
  auto slug = in.text("slug", max_slug);
  const bool good = !slug || std::all_of(slug->begin(), slug->end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!good) in.errors().add("slug", "may contain only lower-case letters, digits and hyphens");
  return slug;
}

bool is_origin(std::string_view text) {
  const bool any_port = text.ends_with(":*");
  if (any_port) text.remove_suffix(2);
  const auto url = event::parse_http_url(text);
  if (!url || url->port.starts_with('0') || (any_port && !url->port.empty())) return false;
  const std::size_t port = url->port.empty() ? 0 : 1 + url->port.size();
  return text.size() == url->scheme.size() + 3 + url->host.size() + port;  // and nothing else
}

// As browsers send it: in small letters, and without the scheme's own port.
std::string as_sent(std::string_view origin) {
  std::string out = to_lower(origin);
  const std::string_view own_port = out.starts_with("https:") ? ":443" : ":80";
  if (out.ends_with(own_port)) out.resize(out.size() - own_port.size());
  return out;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::optional<std::vector<std::string>> read_origins(arguments& in) {
  if (in.is_empty_list("origins")) return std::vector<std::string>{};
  auto origins = in.texts("origins", max_origins, max_origin, arguments::commas::separate);
  if (!origins) return std::nullopt;
  for (std::string& o : *origins) {
    const std::string got = "; got " + json::quoted(shortened(o));
    if (!is_ascii(o))
      in.errors().add("origins", "must have hosts as browsers send them (xn--...)" + got);
    else if (!is_origin(o))
      in.errors().add("origins",
                      "must be origins such as \"https://example.com\" or "
                      "\"http://localhost:*\"" +
                          got);
    o = as_sent(o);
  }
  return origins;
}

std::optional<int> read_retention(arguments& in) {
  const auto days = in.integer("retention_days", 0, max_retention_days);
  return days ? std::optional(static_cast<int>(*days)) : std::nullopt;
}

// The start of the month that usage is asked for: `YYYY-MM`, by default this one.
result<millis> month_of(const http_request& http, millis now) {
  const auto said = parameter(http, "month");
  if (!said) return floor_month(now);
  const auto start = parse_iso8601(*said + "-01");
  if (start && format_month(*start) == *said && *start <= now) return *start;
  json::field_errors errors;
  errors.add("month", "must be a month up to this one, such as \"" + format_month(now) +
                          "\"; got " + json::quoted(shortened(*said)));
  return fail(wrong_parameters(errors));
}

void write_usage(json::writer& w, const control::project& p, std::uint64_t events,
                 std::uint64_t account_events) {
  const std::int64_t allowance = control::describe(p.on).events_a_month;
  w.begin_object();
  w.key("account_id").string(p.account_id);
  w.key("project_id").string(p.id);
  w.key("slug").string(p.slug);
  w.key("plan").string(control::describe(p.on).name);
  w.key("events_this_month").unsigned_integer(events);
  w.key("account_events_this_month").unsigned_integer(account_events);
  w.key("allowance").integer(allowance);
  w.key("over").boolean(account_events > static_cast<std::uint64_t>(allowance));
  w.end_object();
}

}  // namespace

task<http_response> list_accounts(context& ctx, const http_request&, std::string_view, services) {
  auto rows = co_await control::list_accounts(ctx);
  co_return many(rows);
}

task<http_response> create_account(context& ctx, const http_request& http, std::string_view,
                                   services s) {
  auto in = body_arguments(http, s);
  if (!in) co_return refusal(in.error());
  require(*in, "name");
  const auto name = in->text("name", max_name);
  const auto plan = read_plan(*in);
  in->refuse_unknown(std::vector<std::string>{"name", "plan"});
  if (!in->errors().empty()) co_return refuse(in->errors());
  auto row = co_await control::create_account(ctx, *name, plan.value_or(control::plan::free));
  co_return one(201, row);
}

task<http_response> update_account(context& ctx, const http_request& http, std::string_view id,
                                   services s) {
  auto in = body_arguments(http, s);
  if (!in) co_return refusal(in.error());
  control::account_change change{in->text("name", max_name), read_plan(*in)};
  in->refuse_unknown(std::vector<std::string>{"name", "plan"});
  if (!in->errors().empty()) co_return refuse(in->errors());
  auto row = co_await control::update_account(ctx, std::string(id), std::move(change));
  co_return one(200, row);
}

task<http_response> list_projects(context& ctx, const http_request& http, std::string_view,
                                  services) {
  auto rows = co_await control::list_projects(ctx, parameter(http, "account"));
  co_return many(rows);
}

task<http_response> create_project(context& ctx, const http_request& http, std::string_view,
                                   services s) {
  auto in = body_arguments(http, s);
  if (!in) co_return refusal(in.error());
  require(*in, "account_id");
  require(*in, "slug");
  control::new_project p;
  p.account_id = in->text("account_id", max_id).value_or("");
  p.slug = read_slug(*in).value_or("");
  p.name = in->text("name", max_name).value_or(p.slug);
  p.origins = read_origins(*in).value_or(std::vector<std::string>{});
  p.retention_days = read_retention(*in);
  in->refuse_unknown(
      std::vector<std::string>{"account_id", "slug", "name", "origins", "retention_days"});
  if (!in->errors().empty()) co_return refuse(in->errors());
  auto row = co_await control::create_project(ctx, std::move(p));
  co_return one(201, row);
}

task<http_response> update_project(context& ctx, const http_request& http, std::string_view id,
                                   services s) {
  auto in = body_arguments(http, s);
  if (!in) co_return refusal(in.error());
  control::project_change change;
  change.slug = read_slug(*in);
  change.name = in->text("name", max_name);
  change.origins = read_origins(*in);
  if (in->has("retention_days"))
    change.retention_days = read_retention(*in);
  else if (in->given_as_null("retention_days"))
    change.retention_days.emplace();
  in->refuse_unknown(std::vector<std::string>{"slug", "name", "origins", "retention_days"});
  if (!in->errors().empty()) co_return refuse(in->errors());
  auto row = co_await control::update_project(ctx, std::string(id), std::move(change));
  co_return one(200, row);
}

task<http_response> list_keys(context& ctx, const http_request& http, std::string_view, services) {
  auto rows =
      co_await control::list_keys(ctx, parameter(http, "account"), parameter(http, "project"));
  co_return many(rows);
}

task<http_response> mint_key(context& ctx, const http_request& http, std::string_view, services s) {
  const std::vector<std::string> kinds(control::kind_names.begin(), control::kind_names.end());
  const std::vector<std::string> envs(control::env_names.begin(), control::env_names.end());
  auto in = body_arguments(http, s);
  if (!in) co_return refusal(in.error());
  require(*in, "kind");
  const std::string kind = in->choice("kind", kinds).value_or("rk");
  control::new_key k;
  k.kind = control::kind_named(kind).value_or(key_kind::read);
  k.env = in->choice("env", envs).value_or("live");
  const bool of_account = k.kind == key_kind::account;
  require(*in, of_account ? "account_id" : "project_id");
  k.account_id = in->text("account_id", max_id).value_or("");
  k.project_id = in->text("project_id", max_id).value_or("");
  if (of_account && in->has("project_ids"))
    k.project_ids =
        in->texts("project_ids", query::max_projects, max_id, arguments::commas::separate)
            .value_or(std::vector<std::string>{});
  k.label = in->text("label", max_name);
  std::vector<std::string> known{"kind", "env", "label"};
  if (of_account) known.insert(known.end(), {"account_id", "project_ids"});
  if (!of_account) known.emplace_back("project_id");
  in->refuse_unknown(known);
  if (!in->errors().empty()) co_return refuse(in->errors());
  auto minted = co_await control::mint_key(ctx, std::move(k));
  if (!minted) co_return refusal(minted.error());
  std::string body;
  json::writer w(body);
  w.begin_object().key("key").string(minted->key);
  write_members(w, minted->record);
  w.end_object();
  co_return json_response(201, std::move(body));
}

task<http_response> revoke_key(context& ctx, const http_request&, std::string_view id, services) {
  auto row = co_await control::revoke_key(ctx, std::string(id));
  co_return one(200, row);
}

task<http_response> show_usage(context& ctx, const http_request& http, std::string_view, services) {
  const auto month = month_of(http, ctx.now());
  if (!month) co_return refusal(month.error());
  auto projects = co_await control::list_projects(ctx, parameter(http, "account"));
  if (!projects) co_return refusal(projects.error());
  const answer::subject about{std::move(*projects)};
  store::summary_request request{ctx.now(), *month};
  auto parts = co_await answer::ask_all<query::summary_partial>(
      ctx, about, store::encode_request(store::operation::summary, request));
  if (!parts) co_return refusal(parts.error());
  std::string body;
  json::writer w(body);
  w.begin_object().key("month").string(format_month(*month)).key("rows").begin_array();
  std::map<std::string_view, std::uint64_t> of_account;
  for (std::size_t i = 0; i < parts->size(); ++i)
    of_account[about.projects[i].account_id] += (*parts)[i].events_of_month;
  for (std::size_t i = 0; i < parts->size(); ++i) {
    const control::project& p = about.projects[i];
    write_usage(w, p, (*parts)[i].events_of_month, of_account[p.account_id]);
  }
  w.end_array().end_object();
  http_response r = json_response(200, std::move(body));
  r.rows = parts->size();
  co_return r;
}

}  // namespace millimetric::api
