#pragma once
// A SQLite database in memory, as the native host needs it: statements run as one transaction. It
// keeps to the limits of Cloudflare's SQLite, so that what passes here does not fail there.
// Everything throws sqlite_error; a host makes failures of it.

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "host/effects.h"

struct sqlite3;
struct sqlite3_stmt;

namespace millimetric::native {

class sqlite_error : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct close_database {
  void operator()(sqlite3* db) const noexcept;
};
struct finalize_statement {
  void operator()(sqlite3_stmt* statement) const noexcept;
};
using database_handle = std::unique_ptr<sqlite3, close_database>;
using statement_handle = std::unique_ptr<sqlite3_stmt, finalize_statement>;

// Statements that are not under way, by their text: most of a test's time was in preparing the same
// ones.
using idle_statements = std::unordered_map<std::string, statement_handle>;

class sqlite_database {
 public:
  sqlite_database();

  // Any number of statements without parameters, as in a migration.
  void run_script(const std::string& sql);
  // All of them or, when one fails, none.
  std::vector<host::rows> run(const std::vector<host::statement>& statements);
  // The rows of one statement.
  host::rows ask(std::string sql, std::vector<host::value> params = {});
  // Every page, with what its free space has.
  [[nodiscard]] std::string bytes() const;
  // Rows that were ever written or deleted.
  [[nodiscard]] std::int64_t changes() const noexcept;

 private:
  statement_handle prepare(const host::statement& s);
  host::rows rows_of(const host::statement& s);

  database_handle db_;
  std::unique_ptr<idle_statements> idle_ = std::make_unique<idle_statements>();
};

}  // namespace millimetric::native
