// A store whose database was changed: bytes of its segments are flipped, then it is opened anew and
// asked what it was asked before. Every answer is the one from before or an error; a damaged
// segment never yields rows, and never numbers that lack its events.

#include <array>
#include <memory>

#include "core/store/history.h"
#include "core/store/random_events.h"
#include "fuzz/fuzz.h"
#include "native/native_host.h"

namespace millimetric::fuzz {
namespace {

using namespace store;

const std::string project = "prj";
constexpr std::uint32_t stores = 16;
constexpr std::uint32_t most_asked = 4;

void append(native::native_host& host, random_world& world, std::size_t events) {
  append_records request;
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

// Making a store takes far longer than asking it, so inputs share a few, each in the state in which
// it was made. Every other one has large segments of few events.
struct made_store {
  explicit made_store(std::uint32_t which);
  native::native_host host;
  std::vector<std::string> questions;
  std::vector<std::string> answers;
};

made_store::made_store(std::uint32_t which)
    : host({.limits = which % 2 == 0 ? segment::limits{} : tiny_limits()}) {
  host.now = random_world::last;
  random_world world("store " + std::to_string(which));
  std::size_t events = 0;
  for (std::size_t left = 1 + world.below(8); left > 0; --left) {
    const std::size_t some = 1 + world.below(60);
    append(host, world, some);
    events += some;
  }
  // A question with too many groups, say, has no answer to compare with.
  for (std::string& q : some_questions(world, events)) {
    std::string answer = host.ask_store(project, q);
    if (is_error(answer)) continue;
    answers.push_back(std::move(answer));
    questions.push_back(std::move(q));
  }
}

std::unique_ptr<made_store>& a_store(std::uint32_t which) {
  static std::array<std::unique_ptr<made_store>, stores> made;
  if (!made[which]) made[which] = std::make_unique<made_store>(which);
  return made[which];
}

// A blob of the database, as it was.
struct place {
  std::string table;
  std::string key;
  std::int64_t at;
  host::blob bytes;
};

void write(native::sqlite_database& db, const place& p, const host::blob& bytes) {
  db.ask("UPDATE " + p.table + " SET bytes = ? WHERE " + p.key + " = ?", {bytes, p.at});
}

std::optional<place> choose_place(native::sqlite_database& db, choices& from) {
  place out;
  out.table = from.flag() ? "chunks" : "segments";
  out.key = out.table == "chunks" ? "key" : "id";
  const host::rows rows = db.ask("SELECT " + out.key + ", bytes FROM " + out.table + " ORDER BY 1");
  if (rows.size() == 0) return std::nullopt;
  const std::size_t row = from.number<std::uint16_t>() % rows.size();
  out.at = rows.integer(row, 0);
  out.bytes = std::get<host::blob>(rows.at(row, 1));
  return out.bytes.bytes.empty() ? std::nullopt : std::optional(std::move(out));
}

// Another byte somewhere in a blob.
host::blob changed(host::blob blob, choices& from) {
  // What lies in front is short and decides much, so it is chosen as often as all the rest.
  const std::size_t at = from.number<std::uint32_t>() % blob.bytes.size();
  char& byte = blob.bytes[from.flag() ? at : at % std::min<std::size_t>(64, blob.bytes.size())];
  byte = static_cast<char>(byte ^ static_cast<char>(from.below(255) + 1));
  return blob;
}

std::vector<place> damage(native::sqlite_database& db, choices& from) {
  std::vector<place> out;
  for (std::uint32_t left = from.below(3) + 1; left > 0; --left) {
    auto where = choose_place(db, from);
    if (!where) continue;
    write(db, *where, changed(where->bytes, from));
    out.push_back(std::move(*where));
  }
  return out;
}

void ask_again(made_store& of, choices& from) {
  const auto all = static_cast<std::uint32_t>(of.questions.size());
  for (std::uint32_t left = from.below(most_asked) + 1; left > 0; --left) {
    const std::uint32_t which = from.below(all);
    const std::string answer = of.host.ask_store(project, of.questions[which]);
    require(is_error(answer) || answer == of.answers[which], "the answer from before, or an error",
            of.questions[which]);
  }
}

}  // namespace

void run(std::string_view input) {
  choices from(input);
  std::unique_ptr<made_store>& of = a_store(from.below(stores));
  native::sqlite_database& db = of->host.events_of(project);
  std::vector<place> before = damage(db, from);
  of->host.restart();
  const std::int64_t changes = db.changes();
  ask_again(*of, from);
  if (db.changes() != changes) return of.reset();
  for (; !before.empty(); before.pop_back()) write(db, before.back(), before.back().bytes);
}

}  // namespace millimetric::fuzz
