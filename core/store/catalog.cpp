#include "store/catalog.h"

#include <algorithm>
#include <utility>

#include "base/archive.h"
#include "base/hash.h"
#include "segment/frame.h"

namespace millimetric::store {
namespace {

constexpr int column_shift = 40;
constexpr int segment_shift = 8;
constexpr std::int64_t segment_mask = (std::int64_t{1} << (column_shift - segment_shift)) - 1;

// Parts with values hold what visitors may want forgotten; codes, times and hashes say nothing.
bool has_texts(std::uint8_t column, std::uint8_t part) noexcept {
  return column < static_cast<std::uint8_t>(segment::column_id::summary) &&
         !segment::has_rows(part);
}

constexpr std::int64_t noise_row_bytes = 1'000'000;
// More than the 1,000 pages after which the database takes in its log.
constexpr std::int64_t least_noise_rows = 6;

std::size_t directory_bytes(const segment::header& head) noexcept {
  return head.chunks.capacity() * sizeof(segment::chunk_entry) +
         head.sorted.capacity() * sizeof(std::uint16_t);
}

std::size_t entry_bytes(const segment_entry& s) noexcept {
  return sizeof(s) + directory_bytes(s.head);
}

// What the list of large segments has of one. Those of another version are not read.
constexpr std::uint8_t listed_version = 1;
struct listed_segment {
  std::uint8_t version = 0;
  std::uint64_t stored_bytes = 0;
  segment::header head;
  template <class A>
  void fields(A& a) {
    a(version, stored_bytes, head);
  }
};

// Chunks that are looked at before the row is read: not those of the columns of events.
std::vector<segment::chunk_entry> listed_chunks(const std::vector<segment::chunk_entry>& of) {
  std::vector<segment::chunk_entry> out;
  for (const segment::chunk_entry& c : of)
    if (c.column >= static_cast<std::uint8_t>(segment::column_id::summary)) out.push_back(c);
  out.shrink_to_fit();  // entries are kept
  return out;
}

bool by_id(const segment_ref& s, std::int64_t id) { return s->id < id; }

// Of one column and part over all segments. The part is the key's last byte; columns that are read
// this way have one part.
host::statement chunks_of(const std::string& what, std::uint8_t column, std::uint8_t part) {
  return {"SELECT " + what + " FROM chunks WHERE key BETWEEN ? AND ?",
          {chunk_key(0, column, part), chunk_key(segment_mask, column, part)}};
}

// Of rows with these keys, by key.
host::statement rows_by_key(const std::string& key, const std::string& table,
                            std::span<const std::int64_t> keys) {
  host::statement out{"SELECT " + key + ", bytes FROM " + table + " WHERE " + key + " IN (", {}};
  for (const std::int64_t k : keys) {
    out.sql += out.params.empty() ? "?" : ", ?";
    out.params.emplace_back(k);
  }
  out.sql += ") ORDER BY " + key;
  return out;
}

// Zeros over the bytes first: the free pages of the database keep what is deleted.
void delete_chunks(const std::string& with, const std::string& where,
                   std::vector<host::statement>& to) {
  to.push_back({with + "UPDATE chunks SET bytes = zeroblob(length(bytes)) WHERE " + where, {}});
  to.push_back({with + "DELETE FROM chunks WHERE " + where, {}});
}

// The same of the segments whose numbers, in a column `segment`, a query gives: wherever their
// chunks are, whatever is known of them.
void delete_chunks_of(const std::string& segments, std::vector<host::statement>& to) {
  delete_chunks(
      "WITH RECURSIVE columns(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM columns WHERE n < 255), "
      "parts(least) AS (SELECT (n << " +
          std::to_string(column_shift) + ") + (segment << " + std::to_string(segment_shift) +
          ") FROM (" + segments + "), columns) ",
      "key IN (SELECT key FROM parts CROSS JOIN chunks ON key BETWEEN least AND least + 255)", to);
}

std::string where_one_of(std::span<const segment_ref> segments) {
  std::string out;
  for (const segment_ref& s : segments)
    out += (out.empty() ? " WHERE id IN (" : ", ") + std::to_string(s->id);
  return out + ")";
}

}  // namespace

std::size_t segment_row::bytes() const noexcept {
  return sizeof(*this) + directory_bytes(head) + body.size();
}

std::string_view inside(const segment_row& row, const segment::chunk_entry& chunk) noexcept {
  const std::string_view body = row.body;
  std::size_t at = 0;
  for (const segment::chunk_entry& c : row.head.chunks) {
    if (&c == &chunk) return body.substr(std::min(at, body.size()), c.size);
    if (!c.apart) at += c.size;
  }
  return {};
}

void catalog::clear() {
  entries_.clear();
  row_bytes_ = 0;
  entry_bytes_ = 0;
  largest_bytes_ = 0;
}

void catalog::add(segment_ref s) {
  row_bytes_ += s->row ? s->row->bytes() : 0;
  entry_bytes_ += entry_bytes(*s);
  largest_bytes_ = std::max(largest_bytes_, s->stored_bytes);
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), s->id, by_id);
  entries_.insert(at, std::move(s));
}

void catalog::remove(std::int64_t id) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), id, by_id);
  if (at == entries_.end() || (*at)->id != id) return;
  row_bytes_ -= (*at)->row ? (*at)->row->bytes() : 0;
  entry_bytes_ -= entry_bytes(**at);
  entries_.erase(at);
}

segment_ref catalog::find(std::int64_t id) const {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), id, by_id);
  return at != entries_.end() && (*at)->id == id ? *at : nullptr;
}

std::vector<segment_ref> catalog::in(query::time_range r) const {
  std::vector<segment_ref> out;
  for (const segment_ref& s : entries_)
    if (s->overlaps(r)) out.push_back(s);
  std::sort(out.begin(), out.end(), [](const segment_ref& a, const segment_ref& b) {
    return a->head.first != b->head.first ? a->head.first < b->head.first : a->id < b->id;
  });
  return out;
}

segment_row read_row(std::string_view bytes) {
  segment_row out;
  const segment::framed f = segment::unframe(bytes);
  segment::read_header read = segment::decode_header(f.content);
  out.found = read.found;
  if (read.found != segment::damage::none) {
    // Where not even the note can be trusted, its events may be of any time.
    const segment::frame_note note = f.note.value_or(segment::frame_note{0, 0, query::end_of_time});
    out.head.events = note.events;
    out.head.first = note.first;
    out.head.last = note.last;
    return out;
  }
  out.head = std::move(read.head);
  out.body = read.body;
  return out;
}

segment_ref make_entry(std::int64_t id, segment_row row) {
  auto s = std::make_shared<segment_entry>();
  s->id = id;
  s->found = row.found;
  if (row.found != segment::damage::none) {
    s->head = std::move(row.head);
    return s;
  }
  std::vector<segment::chunk_entry> chunks = std::exchange(row.head.chunks, {});
  std::vector<std::uint16_t> sorted = std::exchange(row.head.sorted, {});
  s->head = row.head;
  bool large = false;
  for (const segment::chunk_entry& c : chunks) {
    s->stored_bytes += c.size;
    large = large || c.apart;
  }
  if (large) {
    s->head.chunks = listed_chunks(chunks);
    s->head.index();
  } else {
    row.head.chunks = std::move(chunks);
    row.head.sorted = std::move(sorted);
    s->row = std::make_shared<const segment_row>(std::move(row));
  }
  return s;
}

segment_ref read_listed(std::int64_t id, std::string_view bytes) {
  byte_reader in(bytes);
  const std::string_view record = in.text();
  const std::uint64_t checksum = in.u64();
  if (!in.finished() || hash64(record) != checksum) return nullptr;
  auto listed = from_record<listed_segment>(record);
  if (!listed || listed->version != listed_version) return nullptr;
  auto s = std::make_shared<segment_entry>();
  s->id = id;
  s->head = std::move(listed->head);
  s->head.chunks.shrink_to_fit();
  s->head.index();
  s->stored_bytes = listed->stored_bytes;
  return s;
}

std::int64_t chunk_key(std::int64_t segment, std::uint8_t column, std::uint8_t part) {
  return std::int64_t{column} << column_shift | (segment & segment_mask) << segment_shift | part;
}

std::int64_t segment_of_key(std::int64_t key) noexcept {
  return key >> segment_shift & segment_mask;
}

namespace sql {

std::vector<host::statement> create_tables() {
  std::vector<host::statement> out;
  out.push_back(
      {"CREATE TABLE IF NOT EXISTS segments (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)", {}});
  out.push_back(
      {"CREATE TABLE IF NOT EXISTS chunks (key INTEGER PRIMARY KEY, bytes BLOB NOT NULL)", {}});
  out.push_back(
      {"CREATE TABLE IF NOT EXISTS usage (month TEXT PRIMARY KEY, "
       "events INTEGER NOT NULL) WITHOUT ROWID",
       {}});
  out.push_back({"CREATE TABLE IF NOT EXISTS noise (n INTEGER PRIMARY KEY, bytes BLOB)", {}});
  out.push_back({"CREATE TABLE IF NOT EXISTS shard (id INTEGER PRIMARY KEY, bytes BLOB)", {}});
  out.push_back(
      {"CREATE TABLE IF NOT EXISTS list (segment INTEGER PRIMARY KEY, bytes BLOB NOT NULL)", {}});
  out.push_back(
      {"CREATE TRIGGER IF NOT EXISTS unlist AFTER DELETE ON segments BEGIN DELETE FROM list WHERE "
       "segment = OLD.id; END",
       {}});
  out.push_back({"CREATE TABLE IF NOT EXISTS unfinished (segment INTEGER PRIMARY KEY)", {}});
  out.push_back({"CREATE TABLE IF NOT EXISTS hash_key (key INTEGER PRIMARY KEY)", {}});
  // As many bits as a number of JavaScript has.
  out.push_back(
      {"INSERT INTO hash_key SELECT random() >> 11 WHERE NOT EXISTS (SELECT 1 FROM hash_key)", {}});
  return out;
}

host::statement measure_segments() {
  return {"SELECT id, length(bytes) FROM segments ORDER BY id", {}};
}

host::statement read_list() { return {"SELECT segment, bytes FROM list ORDER BY segment", {}}; }

host::statement list_segment(const segment_entry& large) {
  const std::string record =
      to_record(listed_segment{listed_version, large.stored_bytes, large.head});
  std::string row;
  byte_writer w(row);
  w.text(record);
  w.u64(hash64(record));
  return {"INSERT OR REPLACE INTO list (segment, bytes) VALUES (?, ?)",
          {large.id, host::blob{std::move(row)}}};
}

host::statement unlist_segment(std::int64_t segment) {
  return {"DELETE FROM list WHERE segment = ?", {segment}};
}

host::statement read_segments(std::span<const std::int64_t> ids) {
  return rows_by_key("id", "segments", ids);
}

std::string frame_row(const segment::header& head, std::string_view content) {
  return segment::frame({head.events, head.first, head.last}, content);
}

host::statement insert_segment(std::int64_t id, std::string row) {
  return {"INSERT INTO segments (id, bytes) VALUES (?, ?)", {id, host::blob{std::move(row)}}};
}

host::statement insert_chunk(std::int64_t segment, segment::chunk c) {
  std::string row = has_texts(c.column, c.part) ? segment::frame({}, c.bytes) : std::move(c.bytes);
  // Whoever has deleted a segment's row by hand has left chunks of its number.
  return {"INSERT OR REPLACE INTO chunks (key, bytes) VALUES (?, ?)",
          {chunk_key(segment, c.column, c.part), host::blob{std::move(row)}}};
}

host::statement delete_chunk(std::int64_t key) {
  return {"DELETE FROM chunks WHERE key = ?", {key}};
}

std::string_view chunk_bytes(const segment::chunk_entry& c, std::string_view row) noexcept {
  return has_texts(c.column, c.part) ? segment::unframe(row).content : row;
}

host::statement read_chunks(std::span<const std::int64_t> keys) {
  return rows_by_key("key", "chunks", keys);
}

host::statement read_chunks_of(std::uint8_t column, std::uint8_t part) {
  return chunks_of("key, bytes", column, part);
}

host::statement list_chunks_of(segment::column_id column, std::uint8_t part) {
  return chunks_of("key", static_cast<std::uint8_t>(column), part);
}

void delete_segments(std::span<const segment_ref> segments, std::vector<host::statement>& to) {
  if (segments.empty()) return;
  std::vector<segment_ref> with_chunks;  // or, where they are damaged, who knows
  for (const segment_ref& s : segments)
    if (!s->is_small()) with_chunks.push_back(s);
  if (!with_chunks.empty())
    delete_chunks_of("SELECT id AS segment FROM segments" + where_one_of(with_chunks), to);
  const std::string where = where_one_of(segments);
  to.push_back({"UPDATE segments SET bytes = zeroblob(length(bytes))" + where, {}});
  to.push_back({"DELETE FROM segments" + where, {}});
}

host::statement note_unfinished(std::int64_t segment) {
  return {"INSERT INTO unfinished (segment) VALUES (?)", {segment}};
}

host::statement note_finished(std::int64_t segment) {
  return {"DELETE FROM unfinished WHERE segment = ?", {segment}};
}

host::statement list_unfinished() { return {"SELECT segment FROM unfinished", {}}; }

void delete_unfinished(std::vector<host::statement>& to) {
  // A segment that is there is none of them, whoever noted it: another version does not take notes.
  delete_chunks_of(
      "SELECT segment FROM unfinished WHERE segment > 0 AND segment NOT IN (SELECT id FROM "
      "segments)",
      to);
  to.push_back({"DELETE FROM unfinished WHERE segment > 0", {}});
}

void delete_orphans(const std::vector<std::int64_t>& noted, std::vector<host::statement>& to) {
  constexpr std::int64_t all_are_noted = 0;
  if (std::find(noted.begin(), noted.end(), all_are_noted) == noted.end()) {
    delete_chunks("",
                  "(key >> " + std::to_string(segment_shift) + " & " +
                      std::to_string(segment_mask) + ") NOT IN (SELECT id FROM segments)",
                  to);
    to.push_back(note_unfinished(all_are_noted));
  }
  if (noted.size() > 1) delete_unfinished(to);
}

host::statement make_noise(std::uint64_t largest_segment_bytes) {
  const auto rows = static_cast<std::int64_t>(2 * largest_segment_bytes / noise_row_bytes);
  return {
      "WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < ?) INSERT "
      "OR REPLACE INTO noise SELECT n, randomblob(?) FROM count",
      {least_noise_rows + rows, noise_row_bytes}};
}

host::statement drop_noise() { return {"DELETE FROM noise WHERE n > ?", {least_noise_rows}}; }

host::statement add_usage(std::string month, std::int64_t events) {
  return {
      "INSERT INTO usage (month, events) VALUES (?, ?) ON CONFLICT (month) DO UPDATE SET events = "
      "events + excluded.events",
      {std::move(month), events}};
}

host::statement sum_usage(std::string month) {
  return {"SELECT COALESCE(SUM(events), 0) FROM usage WHERE month = ?", {std::move(month)}};
}

host::statement sum_all_usage() { return {"SELECT COALESCE(SUM(events), 0) FROM usage", {}}; }

host::statement list_usage_except(std::string month) {
  return {"SELECT month, events FROM usage WHERE month <> ?", {std::move(month)}};
}

host::statement last_segment() { return {"SELECT COALESCE(MAX(id), 0) FROM segments", {}}; }

host::statement read_state() { return {"SELECT bytes FROM shard", {}}; }

host::statement write_state(std::string record) {
  return {"INSERT OR REPLACE INTO shard (id, bytes) VALUES (1, ?)",
          {host::blob{std::move(record)}}};
}

}  // namespace sql

}  // namespace millimetric::store
