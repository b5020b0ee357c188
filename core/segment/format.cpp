#include "segment/format.h"

#include <algorithm>
#include <array>

#include "base/archive.h"
#include "base/hash.h"

namespace millimetric::segment {
namespace {

constexpr std::uint32_t magic = 0x47534D4D;  // "MMSG"
// The second one came with referrers that refer to urls, the third one with row groups. Whoever
// knows only an earlier one would read wrong values, so that a segment says which one it needs.
constexpr std::uint8_t first_version = 1;
constexpr std::uint8_t version_of_references = 2;
constexpr std::uint8_t version_of_row_groups = 3;
constexpr std::size_t prefix_bytes = 4 + 1 + 4;  // magic, version, length of the header's record
constexpr std::size_t checksum_bytes = 8;
constexpr std::size_t most_chunks = 0xFFFF;  // a number each; there are 65,536 places for them

// By column, then by part.
unsigned rank_of(column_id column, std::uint8_t part) noexcept {
  return static_cast<unsigned>(column) << 8 | part;
}

unsigned rank_of(const chunk_entry& c) noexcept {
  return rank_of(static_cast<column_id>(c.column), c.part);
}

auto first_from(const header& head, column_id column, std::uint8_t part) noexcept {
  return std::lower_bound(
      head.sorted.begin(), head.sorted.end(), rank_of(column, part),
      [&](std::uint16_t i, unsigned place) { return rank_of(head.chunks[i]) < place; });
}

// The header may have no index yet.
std::uint8_t version_of(const header& head) noexcept {
  constexpr auto references = static_cast<std::uint8_t>(column_id::referrer_urls);
  std::uint8_t out = first_version;
  for (const chunk_entry& c : head.chunks) {
    if (c.part >= further_rows_part) return version_of_row_groups;
    if (c.column == references) out = version_of_references;
  }
  return out;
}

}  // namespace

std::string_view name_of(column_id column) noexcept {
  static constexpr std::array<std::string_view, 23> names{
      "timestamp",      "arrival",      "received",
      "event_name",     "event_id",     "anonymous_id",
      "user_id",        "session_id",   "source",
      "medium",         "campaign",     "source_confidence",
      "source_rule_id", "country",      "device_type",
      "browser",        "os",           "url",
      "path",           "referrer",     "properties",
      "ip_hash",        "referrer_urls"};
  const auto number = static_cast<std::size_t>(column);
  if (number < names.size()) return names[number];
  if (column == column_id::summary) return "summary";
  return column == column_id::remembered_ids ? "remembered_ids" : "visitors";
}

void header::index() {
  std::vector<std::uint64_t> by_place;
  for (std::size_t i = 0; i < chunks.size(); ++i)
    by_place.push_back(std::uint64_t{rank_of(chunks[i])} << 16 | i);
  std::sort(by_place.begin(), by_place.end());
  sorted.assign(by_place.begin(), by_place.end());  // their lower halves
}

const chunk_entry* header::find(column_id column, std::uint8_t part) const noexcept {
  const auto at = first_from(*this, column, part);
  if (at == sorted.end() || rank_of(chunks[*at]) != rank_of(column, part)) return nullptr;
  return &chunks[*at];
}

bool header::has(column_id column) const noexcept {
  const auto at = first_from(*this, column, 0);
  return at != sorted.end() && chunks[*at].column == static_cast<std::uint8_t>(column);
}

std::vector<const chunk_entry*> header::parts_of(column_id column) const {
  std::vector<const chunk_entry*> out;
  for (auto at = first_from(*this, column, 0); at != sorted.end(); ++at) {
    if (chunks[*at].column != static_cast<std::uint8_t>(column)) break;
    out.push_back(&chunks[*at]);
  }
  return out;
}

chunk_entry entry_of(const chunk& c) {
  return {.checksum = hash64(c.bytes),
          .size = static_cast<std::uint32_t>(c.bytes.size()),
          .first = c.first,
          .column = c.column,
          .part = c.part};
}

std::string encode_header(header head) {
  std::string out;
  byte_writer w(out);
  w.u32(magic);
  w.u8(version_of(head));
  w.text(to_record(std::move(head)));
  w.u64(hash64(out));
  return out;
}

std::string encode_segment(const built_segment& s) {
  header head = s.head;
  head.chunks.clear();
  for (const chunk& c : s.chunks) head.chunks.push_back(entry_of(c));
  std::string out = encode_header(std::move(head));
  for (const chunk& c : s.chunks) out += c.bytes;
  return out;
}

read_header decode_header(std::string_view bytes) {
  read_header out;
  byte_reader in(bytes);
  const bool ours = in.u32() == magic;
  const std::uint8_t version = in.u8();
  if (ours && in.ok() && (version < first_version || version > version_of_row_groups)) {
    out.found = damage::version;
    return out;
  }
  const std::string_view record = in.text();
  const std::uint64_t checksum = in.u64();
  out.found = damage::checksum;
  if (!ours || !in.ok() || hash64(bytes.substr(0, prefix_bytes + record.size())) != checksum)
    return out;
  auto head = from_record<header>(record);
  if (!head || head->events == 0 || head->events > max_events || version != version_of(*head) ||
      head->chunks.size() > most_chunks)
    return out;
  out.found = damage::none;
  out.head = std::move(*head);
  out.head.chunks.shrink_to_fit();  // headers are kept
  out.head.index();
  out.body = bytes.substr(prefix_bytes + record.size() + checksum_bytes);
  return out;
}

bool is_intact(const chunk_entry& entry, std::string_view bytes) noexcept {
  return bytes.size() == entry.size && hash64(bytes) == entry.checksum;
}

}  // namespace millimetric::segment
