#pragma once
// A segment of records that own their texts, written and opened for reading.

#include <numeric>
#include <string>
#include <vector>

#include "../catch.h"
#include "base/archive.h"
#include "native/append_records.h"
#include "segment/row_reader.h"

namespace millimetric::segment {

// The events arrive as 1, 2, ...
class opened {
 public:
  opened(const std::vector<event::record>& events, const limits& most)
      : bytes_(encode_segment(built(events, most))),
        read_(decode_header(bytes_)),
        reader_(read_.head) {
    REQUIRE(read_.found == damage::none);
    for (const chunk_entry& e : read_.head.chunks) give(reader_, {e.column, e.part});
  }
  opened(const opened&) = delete;
  opened& operator=(const opened&) = delete;

  // Gives a chunk of the segment to a reader of it.
  void give(reader& to, chunk_place at) const {
    std::string_view body = read_.body;
    for (const chunk_entry& e : read_.head.chunks) {
      if (chunk_place(e.column, e.part) == at) to.give(at, body.substr(0, e.size));
      body.remove_prefix(e.size);
    }
  }

  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }
  [[nodiscard]] const header& head() const noexcept { return read_.head; }
  [[nodiscard]] reader& operator*() noexcept { return reader_; }
  [[nodiscard]] reader* operator->() noexcept { return &reader_; }

 private:
  static built_segment built(const std::vector<event::record>& events, const limits& most) {
    std::vector<std::int64_t> received(events.size());
    std::iota(received.begin(), received.end(), 1);
    return store::segment_of(events, received, most);
  }

  std::string bytes_;
  read_header read_;
  reader reader_;
};

// The rows read back are the events that went in.
inline void check_rows(opened& s, const std::vector<event::record>& events,
                       const std::vector<std::uint32_t>& rows) {
  row_reader reading(*s, rows);
  std::vector<std::pair<std::int64_t, event::record>> got;
  REQUIRE(reading.read_codes());
  REQUIRE(reading.read(got));
  REQUIRE(got.size() == rows.size());
  std::vector<std::int64_t> stored;
  REQUIRE(s->integers(column_id::arrival, stored));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    CHECK(got[i].first == stored[rows[i]]);
    event::record wanted = events[static_cast<std::size_t>(stored[rows[i]] - 1)];
    wanted.client_event_id = got[i].second.client_event_id;
    CHECK(to_record(got[i].second) == to_record(wanted));
  }
}

}  // namespace millimetric::segment
