#include "fuzz/fuzz.h"

#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>

namespace millimetric::fuzz {
namespace {

sqlite3* database() {
  static sqlite3* db = [] {
    sqlite3* opened = nullptr;
    require(sqlite3_open(":memory:", &opened) == SQLITE_OK, "an empty database opens");
    return opened;
  }();
  return db;
}

// A statement of one column and one row. Its like are few, so they are never given back.
class statement {
 public:
  explicit statement(const char* sql) {
    require(sqlite3_prepare_v2(database(), sql, -1, &raw_, nullptr) == SQLITE_OK, sql);
  }
  // The value as text; nothing for NULL.
  std::optional<std::string> ask(std::string_view json, std::string_view path = {}) {
    bind(1, json);
    if (sqlite3_bind_parameter_count(raw_) > 1) bind(2, path);
    std::optional<std::string> out;
    require(sqlite3_step(raw_) == SQLITE_ROW, "SQLite answers", sqlite3_errmsg(database()));
    if (const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw_, 0)))
      out.emplace(text, static_cast<std::size_t>(sqlite3_column_bytes(raw_, 0)));
    sqlite3_reset(raw_);
    sqlite3_clear_bindings(raw_);
    return out;
  }

 private:
  void bind(int index, std::string_view text) {
    sqlite3_bind_text64(raw_, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  sqlite3_stmt* raw_ = nullptr;
};

}  // namespace

void require(bool holds, std::string_view expected, std::string_view found) {
  if (holds) return;
  std::fprintf(stderr, "\nExpected: %.*s\n", static_cast<int>(expected.size()), expected.data());
  if (!found.empty())
    std::fprintf(stderr, "Found: %.*s\n", static_cast<int>(found.size()), found.data());
  std::abort();
}

std::vector<std::string> lines(std::string_view text, std::size_t least) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  if (out.size() < least) out.resize(least);
  return out;
}

namespace second_parser {

bool accepts(std::string_view json) {
  static statement valid("SELECT json_valid(?, 1)");
  // SQLite ends at a NUL and does not see what is behind it.
  return json.find('\0') == std::string_view::npos && valid.ask(json) == "1";
}

std::optional<std::string> text_at(std::string_view json, std::string_view path) {
  static statement extract("SELECT json_extract(?, ?)");
  return extract.ask(json, path);
}

std::string type_at(std::string_view json, std::string_view path) {
  static statement type("SELECT json_type(?, ?)");
  return type.ask(json, path).value_or("");
}

bool repeats_a_name(std::string_view json) {
  static statement names("SELECT COUNT(*) > COUNT(DISTINCT key) FROM json_each(?)");
  return names.ask(json) == "1";
}

}  // namespace second_parser
}  // namespace millimetric::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  millimetric::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
