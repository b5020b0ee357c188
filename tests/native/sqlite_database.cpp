#include "native/sqlite_database.h"

#include <sqlite3.h>

#include <string_view>
#include <utility>

namespace millimetric::native {
namespace {

// Of D1 and of Durable Objects.
constexpr int most_parameters = 100;
constexpr int most_sql_bytes = 100'000;
constexpr int most_value_bytes = 2'000'000;

constexpr std::size_t most_idle = 200;

[[noreturn]] void fail_with(sqlite3* db) { throw sqlite_error(sqlite3_errmsg(db)); }

void give_nothing(sqlite3_context* call, int, sqlite3_value**) { sqlite3_result_zeroblob(call, 0); }

struct binder {
  sqlite3_stmt* statement;
  int index;

  int operator()(std::monostate) const { return sqlite3_bind_null(statement, index); }
  int operator()(std::int64_t v) const { return sqlite3_bind_int64(statement, index, v); }
  int operator()(double v) const { return sqlite3_bind_double(statement, index, v); }
  int operator()(const std::string& v) const {
    return sqlite3_bind_text64(statement, index, v.data(), v.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  int operator()(const host::blob& v) const {
    return sqlite3_bind_blob64(statement, index, v.bytes.data(), v.bytes.size(), SQLITE_TRANSIENT);
  }
};

statement_handle compile(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  if (sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &raw, &tail) != SQLITE_OK)
    fail_with(db);
  statement_handle statement(raw);
  if (raw == nullptr || tail != sql.data() + sql.size())
    throw sqlite_error("not exactly one statement: " + sql);
  return statement;
}

host::value column(sqlite3_stmt* statement, int i) {
  const auto bytes = [&](const void* from) {
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, i));
    return from == nullptr ? std::string() : std::string(static_cast<const char*>(from), size);
  };
  switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER: return std::int64_t{sqlite3_column_int64(statement, i)};
    case SQLITE_FLOAT: return sqlite3_column_double(statement, i);
    case SQLITE_TEXT: return bytes(sqlite3_column_text(statement, i));
    case SQLITE_BLOB: return host::blob{bytes(sqlite3_column_blob(statement, i))};
    default: return std::monostate{};
  }
}

}  // namespace

void close_database::operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
void finalize_statement::operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }

sqlite_database::sqlite_database() {
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  db_.reset(raw);
  if (opened != SQLITE_OK) fail_with(raw);
  sqlite3_limit(raw, SQLITE_LIMIT_VARIABLE_NUMBER, most_parameters);
  sqlite3_limit(raw, SQLITE_LIMIT_SQL_LENGTH, most_sql_bytes);
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, most_value_bytes);
  // What forgetting writes over the log is megabytes, and there is no log here.
  sqlite3_create_function(raw, "randomblob", 1, SQLITE_UTF8, nullptr, give_nothing, nullptr,
                          nullptr);
  run_script("PRAGMA foreign_keys = ON");
}

void sqlite_database::run_script(const std::string& sql) {
  if (sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    fail_with(db_.get());
}

std::vector<host::rows> sqlite_database::run(const std::vector<host::statement>& statements) {
  std::vector<host::rows> results;
  ask("BEGIN");
  try {
    for (const host::statement& s : statements) results.push_back(rows_of(s));
    ask("COMMIT");
  } catch (...) {
    if (sqlite3_get_autocommit(db_.get()) == 0) run_script("ROLLBACK");
    throw;
  }
  return results;
}

statement_handle sqlite_database::prepare(const host::statement& s) {
  const auto known = idle_->extract(s.sql);
  statement_handle statement =
      known.empty() ? compile(db_.get(), s.sql) : std::move(known.mapped());
  sqlite3_stmt* const raw = statement.get();
  if (static_cast<std::size_t>(sqlite3_bind_parameter_count(raw)) != s.params.size())
    throw sqlite_error("wrong number of parameters: " + s.sql);
  for (std::size_t i = 0; i < s.params.size(); ++i)
    if (std::visit(binder{raw, static_cast<int>(i) + 1}, s.params[i]) != SQLITE_OK)
      fail_with(db_.get());
  return statement;
}

// A statement that fails is not kept.
host::rows sqlite_database::rows_of(const host::statement& s) {
  statement_handle statement = prepare(s);
  sqlite3_stmt* const raw = statement.get();
  const int width = sqlite3_column_count(raw);
  host::rows out;
  out.width = static_cast<std::uint32_t>(width);
  int code = sqlite3_step(raw);
  for (; code == SQLITE_ROW; code = sqlite3_step(raw))
    for (int i = 0; i < width; ++i) out.cells.push_back(column(raw, i));
  if (code != SQLITE_DONE) fail_with(db_.get());
  sqlite3_reset(raw);
  sqlite3_clear_bindings(raw);
  if (idle_->size() == most_idle) idle_->clear();
  idle_->emplace(s.sql, std::move(statement));
  return out;
}

std::string sqlite_database::bytes() const {
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, decltype(&sqlite3_free)> copy(
      sqlite3_serialize(db_.get(), "main", &size, 0), &sqlite3_free);
  if (copy == nullptr) fail_with(db_.get());
  return {reinterpret_cast<const char*>(copy.get()), static_cast<std::size_t>(size)};
}

std::int64_t sqlite_database::changes() const noexcept {
  return sqlite3_total_changes64(db_.get());
}

host::rows sqlite_database::ask(std::string sql, std::vector<host::value> params) {
  return rows_of({std::move(sql), std::move(params)});
}

}  // namespace millimetric::native
