#include "segment/frame.h"

#include "base/bytes.h"
#include "base/hash.h"

namespace millimetric::segment {
namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t least_local = (page - 12) * 32 / 255 - 23;  // 489: what the leaf page gets
constexpr std::size_t overflow = page - 4;                        // payload of each further page
constexpr std::size_t note_bytes = 4 + 4 + 8 + 8;  // the content's size, events, first, last
constexpr std::size_t lead = 512;  // more than the leaf page's part, whatever the record's header

// The record's header in front of the blob: its own size, the key's type, the blob's type.
std::size_t record_header(std::size_t blob) {
  std::size_t bytes = 3;
  for (std::uint64_t type = std::uint64_t{blob} * 2 + 12; type >= 128; type >>= 7) ++bytes;
  return bytes;
}

}  // namespace

std::string frame(const frame_note& note, std::string_view content) {
  std::string out;
  byte_writer w(out);
  w.u32(static_cast<std::uint32_t>(content.size()));
  w.u32(note.events);
  w.i64(note.first);
  w.i64(note.last);
  w.u64(hash64(out));
  out.resize(lead, '\0');
  out += content;
  const std::size_t pages = (out.size() + record_header(out.size()) - least_local) / overflow + 1;
  const std::size_t payload = least_local + pages * overflow;
  out.resize(payload - record_header(payload), '\0');
  return out;
}

framed unframe(std::string_view row) noexcept {
  byte_reader in(row);
  framed out;
  frame_note note;
  const std::uint32_t size = in.u32();
  note.events = in.u32();
  note.first = in.i64();
  note.last = in.i64();
  const std::uint64_t checksum = in.u64();
  if (in.ok() && hash64(row.substr(0, note_bytes)) == checksum) out.note = note;
  if (in.ok() && row.size() >= lead && size <= row.size() - lead)
    out.content = row.substr(lead, size);
  return out;
}

}  // namespace millimetric::segment
