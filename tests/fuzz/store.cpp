// A store whose database was changed: bytes of its segments are flipped, then it is opened anew and
// asked what it was asked before. Every answer is the one from before or an error; a damaged
// segment never yields rows, and never numbers that lack its events.

#include <algorithm>

#include "core/store/random_events.h"
#include "fuzz/fuzz.h"
#include "native/native_host.h"

namespace millimetric::fuzz {
namespace {

using namespace store;

const std::string project = "prj";

void append(native::native_host& host, random_world& world, std::size_t events) {
  append_request request;
  for (std::size_t i = 0; i < events; ++i) request.events.push_back(world.event());
  const auto answer = host.ask<append_answer>(project, operation::append, std::move(request));
  require(answer && answer->stored == events, "events are stored");
}

std::vector<std::string> some_questions(random_world& world, std::size_t events) {
  std::vector<std::string> out;
  for (int i = 0; i < 3; ++i) {
    out.push_back(encode_request(operation::aggregate, world.aggregate()));
    out.push_back(encode_request(operation::funnel, world.funnel()));
    out.push_back(encode_request(operation::page, world.page(static_cast<std::int64_t>(events))));
  }
  out.push_back(encode_request(operation::schema, schema_request{random_world::first}));
  out.push_back(encode_request(operation::summary, summary_request{random_world::first}));
  return out;
}

bool is_error(std::string_view answer) { return answer.starts_with('\1'); }

// Another byte somewhere in a blob.
void change(native::sqlite_database& db, choices& from) {
  const std::string table = from.flag() ? "chunks" : "segments";
  const std::string key = table == "chunks" ? "key" : "id";
  const host::rows rows = db.ask("SELECT " + key + ", bytes FROM " + table + " ORDER BY 1");
  if (rows.size() == 0) return;
  const std::size_t row = from.number<std::uint16_t>() % rows.size();
  host::blob changed = std::get<host::blob>(rows.at(row, 1));
  if (changed.bytes.empty()) return;
  // What lies in front is short and decides much, so it is chosen as often as all the rest.
  const std::size_t at = from.number<std::uint32_t>() % changed.bytes.size();
  char& byte = changed.bytes[from.flag() ? at : at % 64];
  byte = static_cast<char>(byte ^ static_cast<char>(from.below(255) + 1));
  db.ask("UPDATE " + table + " SET bytes = ? WHERE " + key + " = ?",
         {changed, rows.integer(row, 0)});
}

std::vector<std::string> ask(native::native_host& host, const std::vector<std::string>& questions) {
  std::vector<std::string> out;
  for (const std::string& q : questions) out.push_back(host.ask_store(project, q));
  return out;
}

}  // namespace

void run(std::string_view input) {
  choices from(input);
  random_world world(input.substr(0, 8));
  static_cast<void>(from.number<std::uint64_t>());
  native::native_host host;
  host.now = random_world::last;
  std::size_t events = 0;
  for (std::uint32_t n = from.below(4) + 1; n > 0; --n) {
    const std::size_t some = from.below(60) + 1;
    append(host, world, some);
    events += some;
  }
  const std::vector<std::string> questions = some_questions(world, events);
  const std::vector<std::string> before = ask(host, questions);
  for (const std::string& a : before)
    if (is_error(a)) return;  // a question with too many groups, say

  for (std::uint32_t n = from.below(3) + 1; n > 0; --n) change(host.events_of(project), from);
  host.restart();
  const std::vector<std::string> after = ask(host, questions);
  for (std::size_t i = 0; i < questions.size(); ++i)
    require(is_error(after[i]) || after[i] == before[i], "the answer from before, or an error",
            questions[i]);
}

}  // namespace millimetric::fuzz
