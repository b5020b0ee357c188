// The bytes of segments. Arbitrary ones are refused or give values within their bounds, and never
// take more memory than a bound; columns that were encoded are decoded as they were; a segment with
// a flipped byte is seen to be damaged. The first byte chooses what the rest is.

#include <algorithm>
#include <functional>

#include "base/archive.h"
#include "base/hash.h"
#include "fuzz/fuzz.h"
#include "fuzz/segments.h"
#include "segment/codes.h"
#include "segment/frame.h"
#include "segment/id_filter.h"
#include "segment/integers.h"
#include "segment/pooled_filters.h"
#include "segment/row_reader.h"
#include "segment/summary.h"
#include "segment/text_list.h"
#include "segment/url_references.h"
#include "segment/visitor_index.h"
#include "segment/writer.h"

namespace millimetric::fuzz {
namespace {

using namespace segment;

constexpr std::size_t most_rows = 1000;

void check_frame(std::string_view bytes) {
  const framed any = unframe(bytes);
  require(any.content.size() <= bytes.size(), "content that lies in its row");
  choices from(bytes);
  const frame_note note{from.number<std::uint32_t>(), from.number<millis>(), from.number<millis>()};
  const std::string content(from.rest());
  const std::string row = frame(note, content);
  const framed read = unframe(row);
  require(read.content == content && read.note && read.note->events == note.events &&
              read.note->first == note.first && read.note->last == note.last,
          "a framed row as it was");
}

bool decode_integers(std::string_view bytes, std::size_t count, std::vector<std::int64_t>& out) {
  integer_reader in;
  if (!in.open(bytes, count)) return false;
  out.resize(count);
  in.read(0, out);
  for (std::size_t i = 0; i < count; ++i)
    require(in[i] == out[i], "a number alone as among others");
  return true;
}

bool decode_codes(std::string_view bytes, code_column& out) {
  code_reader in;
  if (!in.open(bytes)) return false;
  std::vector<std::uint16_t> codes(in.size());
  if (!in.read(0, codes)) return false;
  out = {in.per(), in.values(), {codes.begin(), codes.end()}};
  return true;
}

// What is looked up by codes, and found by them, is what the codes say.
void check_look_up(const reader& from, column_id column, const row_codes& c) {
  std::vector<std::uint8_t> marks(c.null_code + std::size_t{1});
  for (std::size_t code = 0; code < marks.size(); ++code) marks[code] = code % 3 == 0;
  std::vector<std::uint8_t> of_rows;
  std::vector<std::uint32_t> found;
  require(from.look_up(column, from.all(), marks, of_rows), "codes that can be read");
  require(from.find(column, from.all(), marks, found), "codes that can be read");
  std::vector<std::uint32_t> expected;
  for (std::uint32_t row = 0; row < c.codes.size(); ++row) {
    require(of_rows[row] == marks[c.codes[row]], "what the row's code has");
    if (marks[c.codes[row]] != 0) expected.push_back(row);
  }
  require(found == expected, "the rows whose codes are marked");
}

// What is read has as many rows as the header says, and codes up to null.
void read_all(const reader& from) {
  const std::uint32_t events = from.head().events;
  std::vector<std::int64_t> times;
  if (from.integers(column_id::timestamp, times))
    require(times.size() == events, "a time per event");
  for (const text_field& f : text_fields()) {
    row_codes c;
    if (from.codes(f.column, c)) {
      require(c.codes.size() == events, "a code per event");
      require(std::all_of(c.codes.begin(), c.codes.end(),
                          [&](std::uint32_t code) { return code <= c.null_code; }),
              "codes up to null");
      check_look_up(from, f.column, c);
    }
    texts values;
    std::vector<std::uint64_t> hashes;
    const bool read = from.values(f.column, values);
    require(read == from.hashes(f.column, hashes), "values and hashes are read, or neither");
    if (!read) continue;
    require(values.size() == hashes.size(), "a hash per value");
    for (std::size_t i = 0; i < values.size(); ++i)
      require(hash64(values[i]) == hashes[i], "the hash of the value");
  }
  std::vector<std::uint32_t> rows;
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(events, most_rows); ++i) rows.push_back(i);
  row_reader some(from, rows);
  std::vector<std::pair<std::int64_t, event::record>> out;
  if (some.read_codes() && some.read(out)) require(out.size() == rows.size(), "every row");
}

// References to urls are rising, of no more values than rows, and as they were when written again.
void check_references(std::string_view bytes) {
  const auto r = decode_url_references(bytes);
  if (!r) return;
  require(r->own + r->urls.size() <= max_events, "no more values than rows");
  require(std::is_sorted(r->urls.begin(), r->urls.end(), std::less_equal<>()), "rising urls");
  const std::uint32_t urls = r->urls.empty() ? 0 : r->urls.back() + std::uint32_t{1};
  const auto again = decode_url_references(encode_url_references(*r, urls));
  require(again && again->own == r->own && again->urls == r->urls, "references as they were");
}

// A header and chunks that are arbitrary, as if a checksum had not been looked at.
void check_reader(std::string_view bytes) {
  byte_reader in(bytes);
  auto head = from_record<header>(in.text());
  if (head) head->index();
  if (!head || head->events == 0 || head->events > max_events) return;
  std::string_view body = in.take(in.left());
  reader from(*head);
  for (const chunk_entry& e : head->chunks) {
    const std::string_view chunk = body.substr(0, e.size);
    from.give({e.column, e.part}, chunk);
    body.remove_prefix(chunk.size());
  }
  read_all(from);
}

void check_header(std::string_view bytes) {
  const read_header read = decode_header(bytes);
  if (read.found != damage::none) {
    require(read.head.events == 0 && read.body.empty(), "nothing of a damaged header");
    return;
  }
  require(read.head.events > 0 && read.head.events <= max_events, "as many events as may be");
  require(encode_header(read.head) + std::string(read.body) == bytes, "a header as it came");
}

void check_codes(std::string_view bytes) {
  code_column c;
  if (!decode_codes(bytes, c)) return;
  require(c.codes.size() <= max_events + 1, "no more codes than rows");
  require(std::all_of(c.codes.begin(), c.codes.end(),
                      [&](std::uint32_t code) { return code <= c.values; }),
          "codes up to null");
  code_column again;
  require(decode_codes(encode_codes(c), again), "codes that were written can be read");
  require(again.codes == c.codes && again.values == c.values && again.per == c.per,
          "codes as they were");
}

void check_integers(std::string_view bytes) {
  choices from(bytes);
  const std::size_t count = from.below(most_rows);
  std::vector<std::int64_t> out;
  if (!decode_integers(from.rest(), count, out)) return;
  require(out.size() == count, "as many numbers as asked for");
  std::vector<std::int64_t> again;
  require(decode_integers(encode_integers(out), count, again) && again == out,
          "numbers as they were");
}

void check_texts(std::string_view bytes) {
  texts values;
  std::vector<std::uint64_t> hashes;
  const bool read = decode_texts(bytes, values);
  require(read == hash_texts(bytes, hashes), "texts and hashes are read, or neither");
  std::vector<std::uint64_t> keys;
  require(read == key_texts(bytes, keys), "texts and keys are read, or neither");
  if (!read) return;
  require(values.byte_size() <= most_list_bytes, "no more bytes than a list may have");
  require(values.size() <= max_events, "no more texts than a segment has rows");
  require(values.size() == hashes.size(), "a hash per text");
  require(values.size() == keys.size(), "a key per text");
  std::vector<std::string_view> views;
  for (std::size_t i = 0; i < values.size(); ++i) {
    views.push_back(values[i]);
    require(hash64(views.back()) == hashes[i], "the hash of the text");
  }
  texts again;
  require(decode_texts(encode_texts(views), again), "texts that were written can be read");
  require(again.size() == values.size(), "as many texts");
  for (std::size_t i = 0; i < views.size(); ++i)
    require(again[i] == views[i], "a text as it was", views[i]);
}

void check_filter(std::string_view bytes) {
  if (const auto any = id_filter::decode(bytes)) {
    require(any->size() <= max_events * 8, "a filter of bounded size");
    std::vector<std::uint64_t> asked{~std::uint64_t{0}};
    for (std::uint64_t h = 1; h != 0; h *= 2) asked.push_back(h - 1);
    // Whatever the bytes say is found in a pool, too.
    const std::size_t found = any->find(asked).size();
    require(pooled_filters(std::vector{&*any}).find(asked).size() >= found, "a pool of the filter");
  }
  choices from(bytes);
  std::vector<std::uint64_t> hashes;
  while (!from.empty() && hashes.size() < most_rows) hashes.push_back(from.number<std::uint64_t>());
  const std::string written = id_filter::encode(hashes);
  const auto filter = id_filter::decode(written);
  if (written.empty()) return;  // all of one bucket
  require(filter.has_value(), "a filter that was written can be read");
  require(filter->find(hashes).size() == hashes.size(), "every id that was put in");
}

void check_visitors(std::string_view bytes) {
  choices from(bytes);
  std::vector<std::uint64_t> visitors;
  while (!from.empty() && visitors.size() < most_rows)
    visitors.push_back(from.number<std::uint64_t>());
  const auto partitions = encode_visitors(visitors);
  for (const std::uint64_t v : visitors) {
    const auto p =
        static_cast<std::size_t>(visitor_column(v)) - static_cast<std::size_t>(column_id::visitors);
    require(p < visitor_partitions && may_hold_visitor(partitions.at(p), v),
            "every visitor that was put in");
    static_cast<void>(may_hold_visitor(bytes, v));
  }
}

query::aggregate_question a_question(choices& from) {
  query::aggregate_question q;
  q.of = from.flag() ? query::metric::uniques : query::metric::count;
  q.every = from.flag() ? query::interval::day : query::interval::none;
  if (from.flag()) q.group_by = {query::column::source, query::column::medium};
  if (from.flag()) q.in.filters.push_back({query::column::medium, {"paid", "direct"}});
  return q;
}

// A summary's part as segment/summary.cpp lays it out, whose numbers mostly fit each other.
std::string a_summary(choices& from, std::size_t columns) {
  std::string out;
  byte_writer w(out);
  const std::uint32_t keys = from.below(4);
  w.u32(keys);
  for (std::uint32_t k = 0; k < keys; ++k) {
    w.u32(static_cast<std::uint32_t>(columns));
    for (std::size_t c = 0; c < columns; ++c) {
      const bool present = from.flag();
      w.u8(present ? 1 : 0);
      if (present) w.text(from.text());
    }
  }
  w.i64(from.number<millis>());
  const std::uint32_t cells = keys * from.below(4);
  for (const std::uint32_t n : {cells, from.flag() ? cells : from.below(8)}) {
    w.u32(n);
    for (std::uint32_t i = 0; i < n; ++i) w.u32(from.number<std::uint32_t>());
  }
  return out;
}

// The visitors' part, of about as many keys.
std::string a_visitors_part(choices& from) {
  std::string out;
  byte_writer w(out);
  const std::uint32_t keys = from.below(4);
  w.u32(keys);
  for (std::uint32_t k = 0; k < keys; ++k) {
    const std::uint32_t hashes = from.below(3);
    w.u32(hashes);
    for (std::uint32_t i = 0; i < hashes; ++i) w.u64(from.number<std::uint64_t>());
    for (int i = 0; i < 3; ++i) w.u8(0);  // no sketch, not finished, not estimated
  }
  return out;
}

void check_summary(std::string_view bytes) {
  choices from(bytes);
  const query::aggregate_question q = a_question(from);
  const std::string visitors = a_visitors_part(from);
  const std::string part = from.flag() ? a_summary(from, 2) : std::string(from.rest());
  query::group_table table;
  bool damaged = false;
  const auto added = add_summary(part, visitors, q, table, damaged);
  const std::vector<query::group> groups = table.take();
  if (damaged) require(added.has_value() && groups.empty(), "nothing of a damaged summary");
}

// Numbers near each other, on a line, or anywhere; and codes and texts likewise.
void check_round_trips(std::string_view bytes) {
  choices from(bytes);
  const std::size_t count = from.below(most_rows) + 1;
  const auto base = from.number<std::int64_t>();
  const auto step = from.number<std::int64_t>();
  const unsigned spread = from.below(64);
  std::uint64_t state = from.number<std::uint64_t>() | 1;
  const auto next = [&] { return state = state * 6364136223846793005 + 1442695040888963407; };
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < count; ++i)
    numbers.push_back(static_cast<std::int64_t>(static_cast<std::uint64_t>(base) +
                                                static_cast<std::uint64_t>(step) * i +
                                                (next() >> spread)));
  std::vector<std::int64_t> read;
  require(decode_integers(encode_integers(numbers), count, read) && read == numbers,
          "numbers as they were");

  code_column c;
  c.values = from.below(max_events);
  for (std::size_t i = 0; i < count; ++i) {
    const bool again = !c.codes.empty() && next() >> 62 != 0;
    c.codes.push_back(again ? c.codes.back()
                            : static_cast<std::uint32_t>((next() >> 32) % (c.values + 1)));
  }
  code_column codes;
  require(decode_codes(encode_codes(c), codes) && codes.codes == c.codes, "codes as they were");

  std::vector<std::string> own;
  while (!from.empty() && own.size() < most_rows) own.push_back(from.text());
  const std::vector<std::string_view> views(own.begin(), own.end());
  texts values;
  require(decode_texts(encode_texts(views), values) && values.size() == own.size(),
          "texts that were written can be read");
  for (std::size_t i = 0; i < own.size(); ++i) require(values[i] == own[i], "a text as it was");
}

// Whether the segment's rows would be read.
bool is_whole(std::string_view bytes) {
  const read_header read = decode_header(bytes);
  if (read.found != damage::none) return false;
  std::string_view body = read.body;
  for (const chunk_entry& e : read.head.chunks) {
    if (!is_intact(e, body.substr(0, e.size))) return false;
    body.remove_prefix(e.size);
  }
  return body.empty();
}

built_segment a_segment(choices& from) {
  std::vector<event::record> events(from.below(20) + 1);
  for (event::record& r : events) r = an_event(from);
  return build_segment(events, 0);
}

void check_flipped(std::string_view bytes) {
  choices from(bytes);
  const auto where = from.number<std::uint32_t>();
  const char mask = static_cast<char>(from.below(255) + 1);
  std::string segment = encode_segment(a_segment(from));
  require(is_whole(segment), "a segment that was just made");
  char& flipped = segment[where % segment.size()];
  flipped = static_cast<char>(flipped ^ mask);
  require(!is_whole(segment), "a flipped byte is seen");
  flipped = static_cast<char>(flipped ^ mask);
  segment.resize(where % segment.size());
  require(!is_whole(segment), "a cut is seen");
}

// A segment whose chunks and directory were changed here and there, read without its checksums.
void check_changed(std::string_view bytes) {
  struct change {
    std::uint16_t chunk;
    std::uint16_t at;
    std::uint8_t to;
    std::uint8_t what;
  };
  choices from(bytes);
  std::vector<change> changes(from.below(8));
  for (change& c : changes)
    c = {from.number<std::uint16_t>(), from.number<std::uint16_t>(), from.number<std::uint8_t>(),
         from.number<std::uint8_t>()};
  built_segment s = a_segment(from);
  for (const change& c : changes) {
    chunk& changed = s.chunks[c.chunk % s.chunks.size()];
    switch (c.what % 8) {
      case 0: changed.column = c.to; break;
      case 1: changed.part = c.to; break;
      case 2: changed.first = c.at; break;
      case 3: changed.bytes.resize(c.at % (changed.bytes.size() + 1)); break;
      case 4: s.head.events = std::uint32_t{c.at} % most_rows + 1; break;
      default:
        if (!changed.bytes.empty())
          changed.bytes[c.at % changed.bytes.size()] = static_cast<char>(c.to);
    }
  }
  for (const chunk& c : s.chunks) s.head.chunks.push_back(entry_of(c));
  s.head.index();
  reader read(s.head);
  for (const chunk& c : s.chunks) read.give({c.column, c.part}, c.bytes);
  read_all(read);
}

}  // namespace

void run(std::string_view input) {
  if (input.empty()) return;
  const std::string_view bytes = input.substr(1);
  switch (static_cast<unsigned char>(input.front()) % 13) {
    case 0: check_frame(bytes); break;
    case 1: check_header(bytes); break;
    case 2: check_codes(bytes); break;
    case 3: check_integers(bytes); break;
    case 4: check_texts(bytes); break;
    case 5: check_filter(bytes); break;
    case 6: check_visitors(bytes); break;
    case 7: check_summary(bytes); break;
    case 8: check_reader(bytes); break;
    case 9: check_round_trips(bytes); break;
    case 10: check_flipped(bytes); break;
    case 11: check_changed(bytes); break;
    default: check_references(bytes); break;
  }
}

}  // namespace millimetric::fuzz
