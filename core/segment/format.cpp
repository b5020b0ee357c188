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

bool has_row_groups(const header& head) noexcept {
  return std::any_of(head.chunks.begin(), head.chunks.end(),
                     [](const chunk_entry& c) { return c.part >= further_rows_part; });
}

std::uint8_t version_of(const header& head) noexcept {
  if (has_row_groups(head)) return version_of_row_groups;
  return head.has(column_id::referrer_urls) ? version_of_references : first_version;
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

const chunk_entry* header::find(column_id column, std::uint8_t part) const noexcept {
  const auto found = std::find_if(chunks.begin(), chunks.end(), [&](const chunk_entry& c) {
    return c.column == static_cast<std::uint8_t>(column) && c.part == part;
  });
  return found == chunks.end() ? nullptr : &*found;
}

bool header::has(column_id column) const noexcept {
  return std::any_of(chunks.begin(), chunks.end(), [&](const chunk_entry& c) {
    return c.column == static_cast<std::uint8_t>(column);
  });
}

chunk_entry entry_of(const chunk& c) {
  return {.checksum = hash64(c.bytes),
          .first = c.first,
          .size = static_cast<std::uint32_t>(c.bytes.size()),
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
  if (!head || head->events == 0 || head->events > max_events || version != version_of(*head))
    return out;
  out.found = damage::none;
  out.head = std::move(*head);
  out.head.chunks.shrink_to_fit();  // headers are kept
  out.body = bytes.substr(prefix_bytes + record.size() + checksum_bytes);
  return out;
}

bool is_intact(const chunk_entry& entry, std::string_view bytes) noexcept {
  return bytes.size() == entry.size && hash64(bytes) == entry.checksum;
}

}  // namespace millimetric::segment
