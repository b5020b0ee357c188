#pragma once
// Effects: what the core asks its host to do, and what the host answers. A request suspends on an
// effect and goes on with the answer; any number of requests may be in flight, in any order.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millimetric::host {

// The five value types of SQLite.
struct blob {
  std::string bytes;
  friend bool operator==(const blob&, const blob&) = default;
};
using value = std::variant<std::monostate, std::int64_t, double, std::string, blob>;

struct statement {
  std::string sql;
  std::vector<value> params;
};

// Rows of one statement, row after row.
struct rows {
  std::uint32_t width = 0;
  std::vector<value> cells;

  [[nodiscard]] std::size_t size() const noexcept { return width == 0 ? 0 : cells.size() / width; }
  [[nodiscard]] const value& at(std::size_t row, std::size_t column) const {
    return cells[row * width + column];
  }
  // The cell as an integer (0 when it is none), or as text (a view; empty when it is none).
  [[nodiscard]] std::int64_t integer(std::size_t row, std::size_t column) const {
    const auto* v = std::get_if<std::int64_t>(&at(row, column));
    return v != nullptr ? *v : 0;
  }
  [[nodiscard]] std::string_view text(std::size_t row, std::size_t column) const {
    const auto* v = std::get_if<std::string>(&at(row, column));
    return v != nullptr ? std::string_view(*v) : std::string_view();
  }
  [[nodiscard]] bool is_null(std::size_t row, std::size_t column) const {
    return std::holds_alternative<std::monostate>(at(row, column));
  }
};

// Runs the statements in order as one transaction on the database of this engine: D1 for the
// gateway, its own SQLite for a store. All rows come at once: whoever asks bounds them.
struct sql_effect {
  std::vector<statement> statements;
};

// Hands a request to the store of a project and brings its answer back. Gateway only.
struct store_effect {
  std::string store;    // the project's id
  std::string request;  // a record of store/protocol.h
};

// HMAC-SHA256 (RFC 2104, FIPS 180-4) of each text. The pepper never enters the core.
struct hmac_effect {
  enum class key_source : std::uint8_t { pepper, given };
  key_source source = key_source::pepper;
  std::string key;  // when given
  std::vector<std::string> data;
};
inline constexpr std::size_t digest_bytes = 32;

// `size` bytes fit for secrets.
struct random_effect {
  std::uint32_t size = 0;
};

// A store asks for an upkeep call (api/engine.h) some time later, also after a restart; asking
// again moves it. A gateway's request is answered after that time.
struct wake_effect {
  std::int64_t after_ms = 0;
};

using effect = std::variant<sql_effect, store_effect, hmac_effect, random_effect, wake_effect>;

struct sql_answer {
  std::vector<rows> results;  // one per statement
};

// The host could not carry the effect out. The reason is for the log only.
struct failure {
  std::string reason;
};

// sql answers with sql_answer; store, hmac and random with bytes, hmac with its digests
// one after the other; wake with none.
using answer = std::variant<failure, sql_answer, std::string>;

}  // namespace millimetric::host
