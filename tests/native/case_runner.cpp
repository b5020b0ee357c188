#include "native/case_runner.h"

#include <simdjson.h>

#include <algorithm>
#include <stdexcept>

#include "native/files.h"

namespace millimetric::native {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view pepper = "pepper-of-the-cases";
constexpr std::string_view admin_token = "admin-token-of-the-cases";
constexpr std::string_view allowed_origins =
    "http://localhost:*,https://localhost:*,http://127.0.0.1:*,https://127.0.0.1:*,http://[::1]:*,"
    "https://[::1]:*";
constexpr std::string_view default_control = "tests/data/control.sql";

template <class T>
T need(simdjson::simdjson_result<T> got, std::string_view what) {
  if (got.error())
    throw std::runtime_error(std::string(what) + ": " + simdjson::error_message(got.error()));
  return std::move(got).value_unsafe();
}

bool has(ondemand::object& o, std::string_view name) {
  return !o.find_field_unordered(name).error();
}

ondemand::value member(ondemand::object& o, std::string_view name) {
  return need(o.find_field_unordered(name), name);
}

std::string text(ondemand::object& o, std::string_view name) {
  return std::string(need(member(o, name).get_string(), name));
}

header_list headers(ondemand::object& o) {
  header_list out;
  if (!has(o, "headers")) return out;
  for (auto field : need(member(o, "headers").get_object(), "headers")) {
    std::string name(need(field.unescaped_key(), "header"));
    out.emplace_back(std::move(name), std::string(need(field.value().get_string(), "header")));
  }
  return out;
}

// The JSON as it stands, without white space.
std::string compact(ondemand::value v) {
  std::string raw(need(v.raw_json(), "body"));
  std::string out(raw.size(), '\0');
  std::size_t size = 0;
  if (simdjson::minify(raw.data(), raw.size(), out.data(), size))
    throw std::runtime_error("a body cannot be compacted");
  out.resize(size);
  return out;
}

millis moment(const std::string& iso) {
  const auto t = parse_iso8601(iso);
  if (!t) throw std::runtime_error("not a time: " + iso);
  return *t;
}

http_call read_request(ondemand::object o) {
  http_call call;
  call.method = text(o, "method");
  call.path = text(o, "path");
  call.headers = headers(o);
  if (has(o, "body")) call.body = compact(member(o, "body"));
  if (has(o, "text")) call.body = text(o, "text");
  return call;
}

case_expectation read_expectation(ondemand::object o) {
  case_expectation out;
  out.status = static_cast<int>(need(member(o, "status").get_int64(), "status"));
  out.headers = headers(o);
  out.body = text(o, "body");
  return out;
}

case_step read_step(ondemand::object o, millis now, std::size_t number) {
  case_step step;
  step.name = text(o, "name");
  step.at = has(o, "at") ? moment(text(o, "at")) : now;
  if (has(o, "times")) step.times = static_cast<int>(need(member(o, "times").get_int64(), "times"));
  step.request = read_request(need(member(o, "request").get_object(), "request"));
  step.request.number = static_cast<std::uint32_t>(number);
  step.expect = read_expectation(need(member(o, "expect").get_object(), "expect"));
  return step;
}

// The text around the first place where it differs from another: answers are long.
std::string around_difference(std::string_view text, std::string_view other) {
  constexpr std::size_t before = 80;
  constexpr std::size_t shown = 320;
  const auto differs = std::mismatch(text.begin(), text.end(), other.begin(), other.end()).first;
  const auto at = static_cast<std::size_t>(differs - text.begin());
  const std::size_t from = at - std::min(at, before);
  std::string out = from == 0 ? "" : "...";
  out += text.substr(from, shown);
  if (from + shown < text.size()) out += "...";
  return out;
}

bool is_on_every_answer(std::string_view header) { return header == "x-request-id"; }

}  // namespace

case_file read_case_file(const std::filesystem::path& path) {
  const simdjson::padded_string bytes(read_file(path));
  ondemand::parser parser;
  ondemand::document document = need(parser.iterate(bytes), "the file");
  ondemand::object o = need(document.get_object(), "the file");
  case_file out;
  out.name = text(o, "name");
  const millis now = moment(text(o, "now"));
  out.control = has(o, "control") ? text(o, "control") : std::string(default_control);
  for (auto item : need(member(o, "steps").get_array(), "steps"))
    out.steps.push_back(read_step(need(item.get_object(), "a step"), now, out.steps.size() + 1));
  return out;
}

std::unique_ptr<native_host> host_of_cases(const case_file& file) {
  auto host = std::make_unique<native_host>(
      host_settings{.pepper = std::string(pepper),
                    .mcp_allowed_origins = std::string(allowed_origins),
                    .admin_token = std::string(admin_token)});
  host->control().run_script(read_file(file.control));
  return host;
}

std::string difference(const host::http_response& got, const case_expectation& expected) {
  std::string out;
  const auto note = [&](std::string_view what, std::string_view want, std::string_view is) {
    out += std::string(what) + "\n  expected " + around_difference(want, is) + "\n  got      " +
           around_difference(is, want) + "\n";
  };
  if (got.body != expected.body) note("body", expected.body, got.body);
  if (got.status != expected.status)
    note("status", std::to_string(expected.status), std::to_string(got.status));
  for (const auto& [name, value] : expected.headers)
    if (header_of(got, name) != value) note("header " + name, value, header_of(got, name));
  for (const auto& header : got.headers) {
    const bool listed = std::any_of(expected.headers.begin(), expected.headers.end(),
                                    [&](const auto& e) { return e.first == header.first; });
    if (!listed && !is_on_every_answer(header.first))
      note("header " + header.first, "(none)", header.second);
  }
  if (header_of(got, "x-request-id").size() != 36)
    note("header x-request-id", "(a UUID)", header_of(got, "x-request-id"));
  return out;
}

}  // namespace millimetric::native
