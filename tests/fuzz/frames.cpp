// The bytes of the host boundary. Whatever arrives is one well-formed frame or none; what is
// decoded is encoded to the same bytes; and effects, which the core only writes, are read back by a
// reader that knows nothing but the layout in host/frames.h.

#include "host/frames.h"

#include <variant>

#include "base/archive.h"
#include "fuzz/fuzz.h"
#include "fuzz/segments.h"
#include "store/protocol.h"

namespace millimetric::fuzz {
namespace {

using namespace host;

bool same(const http_request& a, const http_request& b) {
  return a.now == b.now && a.seed == b.seed && a.method == b.method && a.target == b.target &&
         a.headers == b.headers && a.body_cut == b.body_cut && a.body_broken == b.body_broken &&
         a.body == b.body;
}

void check_answer(std::string_view bytes) {
  const auto a = decode_answer(bytes);
  if (!a) return;
  require(encode(*a) == bytes, "an answer is encoded as it came", bytes);
  if (const auto* s = std::get_if<sql_answer>(&*a))
    for (const rows& r : s->results)
      require(r.size() * r.width == r.cells.size(), "rows that are whole", bytes);
}

void check_requests(std::string_view bytes) {
  if (const auto r = decode_http_request(bytes)) {
    const std::string frame = encode(*r);
    const auto again = decode_http_request(frame);
    require(again && same(*again, *r), "a request is read as it was written", bytes);
    require(encode(*again) == frame, "a request is encoded one way", bytes);
  }
  if (const auto r = decode_store_request(bytes))
    require(encode(*r) == bytes, "a store's request is encoded as it came", bytes);
  if (const auto r = decode_http_response(bytes)) {
    const auto again = decode_http_response(encode(*r));
    require(again && again->status == r->status && again->headers == r->headers &&
                again->body == r->body && again->log == r->log,
            "a response is read as it was written", bytes);
  }
}

// A record that is read is written as the bytes that mean the same: read again, they are kept.
template <class T>
void check_record(std::string_view bytes) {
  const auto read = from_record<T>(bytes);
  if (!read) return;
  const std::string written = to_record(*read);
  const auto again = from_record<T>(written);
  require(again.has_value(), "a record that was written can be read", bytes);
  require(to_record(*again) == written, "a record is written one way", bytes);
}

// An append has one form: what is read is written as it came.
void check_append(std::string_view bytes) {
  const auto read = store::read_append_request(bytes);
  if (!read) return;
  require(store::encode_append_request(*read).substr(1) == bytes, "an append is written as it came",
          bytes);
}

// What was written is read, and a byte that is changed harms nothing.
void check_changed_append(choices from) {
  std::vector<event::record> events(from.below(12));
  for (event::record& r : events) r = an_event(from);
  std::string body =
      store::encode_request(store::operation::append, store::append_records{{}, events}).substr(1);
  const auto read = store::read_append_request(body);
  require(read.has_value(), "an append that was written can be read", body);
  const std::vector<event::record> again = store::records_of(read->events);
  require(again.size() == events.size(), "as many events", body);
  for (std::size_t i = 0; i < events.size(); ++i)
    require(to_record(again[i]) == to_record(events[i]), "an event as it was", body);
  body[from.number<std::uint32_t>() % body.size()] = from.number<char>();
  check_append(body);
}

void check_records(std::string_view bytes) {
  check_append(bytes);
  check_changed_append(choices(bytes));
  check_record<query::aggregate_partial>(bytes);
  check_record<query::funnel_partial>(bytes);
  check_record<query::page_partial>(bytes);
  check_record<query::schema_partial>(bytes);
  check_record<query::explanation>(bytes);
}

value a_value(choices& from) {
  switch (from.below(5)) {
    case 1: return from.number<std::int64_t>();
    case 2: return from.number<double>();
    case 3: return from.text();
    case 4: return blob{from.text()};
    default: return std::monostate{};
  }
}

effect an_effect(choices& from) {
  switch (from.below(5)) {
    case 0: {
      sql_effect e;
      for (std::uint32_t n = from.below(3); n > 0; --n) {
        statement& s = e.statements.emplace_back();
        s.sql = from.text();
        for (std::uint32_t m = from.below(4); m > 0; --m) s.params.push_back(a_value(from));
      }
      return e;
    }
    case 1: return store_effect{from.text(), from.text()};
    case 2: {
      hmac_effect e{static_cast<hmac_effect::key_source>(from.below(2)), from.text(), {}};
      for (std::uint32_t n = from.below(3); n > 0; --n) e.data.push_back(from.text());
      return e;
    }
    case 3: return random_effect{from.number<std::uint32_t>()};
    default: return wake_effect{from.number<std::int64_t>()};
  }
}

void require_value(byte_reader& in, const value& v) {
  const std::uint8_t type = in.u8();
  require(type == v.index(), "the value's type");
  if (const auto* i = std::get_if<std::int64_t>(&v)) require(in.i64() == *i, "an integer");
  if (const auto* d = std::get_if<double>(&v)) {
    const auto bits = in.u64();
    require(std::memcmp(&bits, d, sizeof bits) == 0, "a number");
  }
  if (const auto* s = std::get_if<std::string>(&v)) require(in.text() == *s, "a text");
  if (const auto* b = std::get_if<blob>(&v)) require(in.text() == b->bytes, "a blob");
}

struct effect_reader {
  byte_reader& in;

  void operator()(const sql_effect& e) const {
    require(in.u8() == 1 && in.u32() == e.statements.size(), "sql");
    for (const statement& s : e.statements) {
      require(in.text() == s.sql && in.u32() == s.params.size(), "a statement");
      for (const value& v : s.params) require_value(in, v);
    }
  }
  void operator()(const store_effect& e) const {
    require(in.u8() == 2 && in.text() == e.store && in.text() == e.request, "store");
  }
  void operator()(const hmac_effect& e) const {
    require(in.u8() == 3 && in.u8() == static_cast<std::uint8_t>(e.source) && in.text() == e.key &&
                in.u32() == e.data.size(),
            "hmac");
    for (const std::string& text : e.data) require(in.text() == text, "a text of hmac");
  }
  void operator()(const random_effect& e) const {
    require(in.u8() == 4 && in.u32() == e.size, "random");
  }
  void operator()(const wake_effect& e) const {
    require(in.u8() == 5 && in.i64() == e.after_ms, "wake");
  }
};

void check_effects(choices from) {
  std::vector<pending_effect> effects;
  for (std::uint32_t n = from.below(4); n > 0; --n)
    effects.push_back({from.number<std::uint32_t>(), an_effect(from)});
  const std::string frame = encode(effects);
  byte_reader in(frame);
  require(in.u32() == effects.size(), "the number of effects");
  for (const pending_effect& e : effects) {
    require(in.u32() == e.id, "the effect's number");
    std::visit(effect_reader{in}, e.what);
  }
  require(in.finished(), "nothing behind the effects");
}

// Answers that a host may give: what is written is read as it was.
void check_given_answers(choices from) {
  answer a = failure{from.text()};
  if (from.flag()) a = from.text();
  if (from.flag()) {
    sql_answer s;
    for (std::uint32_t n = from.below(3); n > 0; --n) {
      rows& r = s.results.emplace_back();
      r.width = from.below(4);
      for (std::uint32_t m = r.width * from.below(4); m > 0; --m) r.cells.push_back(a_value(from));
    }
    a = std::move(s);
  }
  const std::string frame = encode(a);
  const auto read = decode_answer(frame);
  require(read.has_value(), "an answer that was written can be read", frame);
  require(read->index() == a.index() && encode(*read) == frame, "the same answer", frame);
}

}  // namespace

void run(std::string_view input) {
  check_answer(input);
  check_requests(input);
  check_records(input);
  check_effects(choices(input));
  check_given_answers(choices(input));
}

}  // namespace millimetric::fuzz
