#include "host/frames.h"

#include <algorithm>

#include "base/text.h"

namespace millimetric::host {
namespace {

enum class value_type : std::uint8_t { null, integer, real, text, blob };
enum class answer_kind : std::uint8_t { failure, rows, bytes };
enum class effect_kind : std::uint8_t { sql = 1, store, hmac, random, wake };

constexpr std::uint8_t body_whole = 0;
constexpr std::uint8_t body_cut = 1;
constexpr std::uint8_t body_broken = 2;

constexpr std::size_t least_value_bytes = 1;
constexpr std::size_t least_rows_bytes = 2 * sizeof(std::uint32_t);  // their width, and how many

void write_kind(byte_writer& out, auto kind) { out.u8(static_cast<std::uint8_t>(kind)); }

struct effect_writer {
  byte_writer& out;

  void operator()(const sql_effect& e) const {
    write_kind(out, effect_kind::sql);
    out.u32(static_cast<std::uint32_t>(e.statements.size()));
    for (const statement& s : e.statements) {
      out.text(s.sql);
      out.u32(static_cast<std::uint32_t>(s.params.size()));
      for (const value& v : s.params) write_value(out, v);
    }
  }
  void operator()(const store_effect& e) const {
    write_kind(out, effect_kind::store);
    out.text(e.store);
    out.text(e.request);
  }
  void operator()(const hmac_effect& e) const {
    write_kind(out, effect_kind::hmac);
    write_kind(out, e.source);
    out.text(e.key);
    out.u32(static_cast<std::uint32_t>(e.data.size()));
    for (const std::string& text : e.data) out.text(text);
  }
  void operator()(const random_effect& e) const {
    write_kind(out, effect_kind::random);
    out.u32(e.size);
  }
  void operator()(const wake_effect& e) const {
    write_kind(out, effect_kind::wake);
    out.i64(e.after_ms);
  }
};

struct answer_writer {
  byte_writer& out;

  void operator()(const failure& f) const {
    write_kind(out, answer_kind::failure);
    out.text(f.reason);
  }
  void operator()(const sql_answer& a) const {
    write_kind(out, answer_kind::rows);
    out.u32(static_cast<std::uint32_t>(a.results.size()));
    for (const rows& r : a.results) {
      out.u32(r.width);
      out.u32(static_cast<std::uint32_t>(r.cells.size()));
      for (const value& v : r.cells) write_value(out, v);
    }
  }
  void operator()(const std::string& bytes) const {
    write_kind(out, answer_kind::bytes);
    out.text(bytes);
  }
};

sql_answer read_sql_answer(byte_reader& in) {
  sql_answer a;
  const std::uint32_t n = in.count(least_rows_bytes);
  a.results.resize(n);
  for (rows& r : a.results) {
    r.width = in.u32();
    const std::uint32_t cells = in.count(least_value_bytes);
    r.cells.reserve(cells);
    for (std::uint32_t i = 0; i < cells && in.ok(); ++i) r.cells.push_back(read_value(in));
  }
  return a;
}

// Rows must be whole: a width that does not divide the cells would be read past the end.
bool is_rectangular(const sql_answer& a) {
  for (const rows& r : a.results)
    if (r.width == 0 ? !r.cells.empty() : r.cells.size() % r.width != 0) return false;
  return true;
}

std::size_t bytes_of(const std::vector<statement>& statements) {
  constexpr std::size_t beside_text = 2 * sizeof(std::uint32_t);  // its length, and how many values
  constexpr std::size_t beside_bytes = 1 + sizeof(std::uint64_t);  // kind, and length or number
  std::size_t bytes = 0;
  for (const statement& s : statements) {
    bytes += beside_text + s.sql.size();
    for (const value& v : s.params) {
      bytes += beside_bytes;
      if (const auto* b = std::get_if<blob>(&v)) bytes += b->bytes.size();
      if (const auto* text = std::get_if<std::string>(&v)) bytes += text->size();
    }
  }
  return bytes;
}

// Requests to a store and what a store keeps may be large, and are not to be copied as their frame
// grows: it would have twice their room then.
std::size_t size_hint(const std::vector<pending_effect>& effects) {
  std::size_t bytes = 256;
  for (const pending_effect& e : effects) {
    if (const auto* store = std::get_if<store_effect>(&e.what)) bytes += store->request.size();
    if (const auto* sql = std::get_if<sql_effect>(&e.what)) bytes += bytes_of(sql->statements);
  }
  return bytes;
}

// The next line of a head, removed from it.
std::string_view take_line(std::string_view& head) {
  const std::size_t end = std::min(head.find('\n'), head.size());
  const std::string_view line = head.substr(0, end);
  head.remove_prefix(std::min(end + 1, head.size()));
  return line;
}

template <class Text>
void read_headers(std::string_view head, std::vector<std::pair<Text, Text>>& headers) {
  while (!head.empty()) {
    const std::string_view name = take_line(head);
    headers.emplace_back(Text(name), Text(take_line(head)));
  }
}

template <class Headers>
void write_headers(std::string& head, const Headers& headers) {
  for (const auto& [name, text] : headers) {
    if (!head.empty()) head += '\n';
    head += name;
    head += '\n';
    head += text;
  }
}

}  // namespace

std::string_view http_request::header(std::string_view name) const noexcept {
  for (const auto& [key, text] : headers)
    if (equals_ignoring_case(key, name)) return text;
  return {};
}

void write_value(byte_writer& out, const value& v) {
  static_assert(std::is_same_v<std::variant_alternative_t<4, value>, blob> &&
                    std::variant_size_v<value> == static_cast<std::size_t>(value_type::blob) + 1,
                "value_type is the index of the alternative");
  out.u8(static_cast<std::uint8_t>(v.index()));
  if (const auto* i = std::get_if<std::int64_t>(&v)) out.i64(*i);
  if (const auto* d = std::get_if<double>(&v)) out.number(*d);
  if (const auto* s = std::get_if<std::string>(&v)) out.text(*s);
  if (const auto* b = std::get_if<blob>(&v)) out.text(b->bytes);
}

value read_value(byte_reader& in) {
  switch (static_cast<value_type>(in.u8())) {
    case value_type::null: return std::monostate{};
    case value_type::integer: return in.i64();
    case value_type::real: return in.number<double>();
    case value_type::text: return std::string(in.text());
    case value_type::blob: return blob{std::string(in.text())};
  }
  in.fail();  // an unknown type
  return std::monostate{};
}

std::string encode(const http_request& r) {
  std::string frame;
  byte_writer out(frame);
  out.i64(r.now);
  out.text(r.seed);
  std::string head(r.method);
  head += '\n';
  head += r.target;
  write_headers(head, r.headers);
  out.text(head);
  out.u8(r.body_broken ? body_broken : r.body_cut ? body_cut : body_whole);
  out.text(r.body);
  return frame;
}

std::optional<http_request> decode_http_request(std::string_view frame) {
  byte_reader in(frame);
  http_request r;
  r.now = in.i64();
  r.seed = in.text();
  std::string_view head = in.text();
  r.method = take_line(head);
  r.target = take_line(head);
  read_headers(head, r.headers);
  const std::uint8_t state = in.u8();
  r.body_cut = state == body_cut;
  r.body_broken = state == body_broken;
  r.body = in.text();
  return in.finished() ? std::optional(std::move(r)) : std::nullopt;
}

std::string encode(const http_response& r) {
  std::string frame;
  frame.reserve(r.body.size() + 256);
  byte_writer out(frame);
  out.u16(static_cast<std::uint16_t>(r.status));
  std::string head;
  write_headers(head, r.headers);
  out.text(head);
  out.text(r.log);
  out.text(r.body);
  return frame;
}

std::optional<http_response> decode_http_response(std::string_view frame) {
  byte_reader in(frame);
  http_response r;
  r.status = in.u16();
  read_headers(in.text(), r.headers);
  r.log = std::string(in.text());
  r.body = std::string(in.text());
  return in.finished() ? std::optional(std::move(r)) : std::nullopt;
}

std::string encode(const store_request& r) {
  std::string frame;
  byte_writer out(frame);
  out.i64(r.now);
  out.text(r.seed);
  out.text(r.record);
  return frame;
}

std::optional<store_request> decode_store_request(std::string_view frame) {
  byte_reader in(frame);
  store_request r;
  r.now = in.i64();
  r.seed = in.text();
  r.record = in.text();
  return in.finished() ? std::optional(r) : std::nullopt;
}

std::string encode(const std::vector<pending_effect>& effects) {
  std::string frame;
  frame.reserve(size_hint(effects));
  byte_writer out(frame);
  out.u32(static_cast<std::uint32_t>(effects.size()));
  for (const pending_effect& e : effects) {
    out.u32(e.id);
    std::visit(effect_writer{out}, e.what);
  }
  return frame;
}

std::string encode(const answer& a) {
  std::string frame;
  byte_writer out(frame);
  std::visit(answer_writer{out}, a);
  return frame;
}

std::optional<answer> decode_answer(std::string_view frame) {
  byte_reader in(frame);
  answer a;
  switch (static_cast<answer_kind>(in.u8())) {
    case answer_kind::failure: a = failure{std::string(in.text())}; break;
    case answer_kind::rows: a = read_sql_answer(in); break;
    case answer_kind::bytes: a = std::string(in.text()); break;
    default: return std::nullopt;
  }
  if (!in.finished()) return std::nullopt;
  if (const auto* s = std::get_if<sql_answer>(&a); s != nullptr && !is_rectangular(*s))
    return std::nullopt;
  return a;
}

}  // namespace millimetric::host
