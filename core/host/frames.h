#pragma once
// The bytes of the host boundary: requests, effects, answers and responses as flat little-endian
// records (base/bytes.h). `text` is a u32 length and the bytes. Layouts:
//
//   http request   i64 now_ms, text seed, text head, u8 body_state (0 whole, 1 cut, 2 broken), text
//                  body; the head is the method, the target, then names and values of headers, a
//                  line feed between each: one text, since a host pays for every string that it
//                  converts
//   store request  i64 now_ms, text seed, text record of store/protocol.h
//   http response  u16 status, text head (names and values likewise), text log, text body; the log
//                  is a JSON object, to which the host adds how long the request took
//   effects        u32 n, n x (u32 id, u8 kind, payload)
//     1 sql        u32 n, n x (text sql, u32 m, m x value)
//     2 store      text store, text request
//     3 hmac       u8 source (0 pepper, 1 given), text key, u32 n, n x text data
//     4 random     u32 size
//     5 wake       i64 after_ms
//   answer         u8 kind: 0 failure (text reason), 1 rows (u32 n, n x (u32 width, u32 cells,
//                  cells x value)), 2 bytes (text)
//   value          u8 type: 0 null, 1 integer (i64), 2 real (f64), 3 text, 4 blob

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "host/effects.h"
#include "host/request.h"

namespace millimetric::host {

// Views into the frame they were read from; names are lower-case when the host follows Fetch.
struct http_request {
  millis now = 0;
  std::string_view seed;
  std::string_view method;
  std::string_view target;  // path and query
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  bool body_cut = false;     // the body was longer than max_body_bytes and is not complete
  bool body_broken = false;  // the connection failed, or the body's framing was wrong
  std::string_view body;

  // The value of the first header of this lower-case name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept;
};

struct http_response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // For the log.
  std::string route;
  std::string project;
  std::optional<std::uint64_t> rows;
  std::string log;  // the line itself: a JSON object
};

struct store_request {
  millis now = 0;
  std::string_view seed;
  std::string_view record;
};

// Largest request body that a host hands over, in bytes: contract section 3 (batch: 1 MiB).
inline constexpr std::uint32_t max_body_bytes = 1024 * 1024;

void write_value(byte_writer& out, const value& v);
[[nodiscard]] value read_value(byte_reader& in);

[[nodiscard]] std::string encode(const http_request& r);
[[nodiscard]] std::optional<http_request> decode_http_request(std::string_view frame);
[[nodiscard]] std::string encode(const http_response& r);
[[nodiscard]] std::optional<http_response> decode_http_response(std::string_view frame);
[[nodiscard]] std::string encode(const store_request& r);
[[nodiscard]] std::optional<store_request> decode_store_request(std::string_view frame);
[[nodiscard]] std::string encode(const std::vector<pending_effect>& effects);
[[nodiscard]] std::string encode(const answer& a);
// Empty when the bytes are not exactly one answer.
[[nodiscard]] std::optional<answer> decode_answer(std::string_view frame);

}  // namespace millimetric::host
