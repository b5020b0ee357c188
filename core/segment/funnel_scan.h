#pragma once
// The rows of one segment that may be steps of a funnel, in order.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/hash.h"
#include "query/funnel.h"
#include "query/question.h"
#include "segment/integers.h"
#include "segment/scope_scan.h"

namespace millimetric::segment {

// Who an anonymous visitor was last identified as, by a hash of the visitor's id.
struct identification {
  std::uint64_t person = 0;  // a hash of the user's id
  millis at = 0;
  std::int64_t arrival = 0;
};
using identities = std::unordered_map<std::uint64_t, identification, table_hash>;

// The arrivals of some rows, read one by one: they only tell which of two events of one instant
// came first.
class row_arrivals {
 public:
  // False when the bytes, which are copied, are not a column of `count` arrivals.
  [[nodiscard]] bool open(std::string_view column, std::size_t count,
                          std::vector<std::uint32_t> rows);
  [[nodiscard]] std::int64_t operator[](std::size_t i) const noexcept { return of_[rows_[i]]; }

 private:
  std::shared_ptr<const std::string> bytes_;
  integer_reader of_;
  std::vector<std::uint32_t> rows_;
};

// Which of two events of one instant came first is of use where they may be of different segments.
enum class tie_order : std::uint8_t { unknown, by_arrival };

// The visitors the upper 32 bits of whose key leave `number` when divided by `parts`.
struct visitor_part {
  std::uint32_t number = 0;
  std::uint32_t parts = 1;
};

struct funnel_rows {
  std::vector<query::funnel_event> events;         // their groups are numbers of `groups`
  row_arrivals arrivals;                           // of each event, where they were asked for
  std::vector<std::optional<std::string>> groups;  // one without a value when there are none
};

// What a scan works in: kept from segment to segment, as it is some megabytes.
struct funnel_work {
  std::vector<std::uint16_t> fits;      // per row
  std::vector<std::uint32_t> visitors;  // per row a number of `keys`, or one beyond for nobody
  std::vector<std::uint64_t> keys;
  std::vector<std::uint16_t> groups;  // per row
  std::vector<std::uint16_t> open;    // bits of steps, per visitor
  std::vector<std::uint32_t> found;   // rows
  std::vector<std::int64_t> times;    // per row found
};

class funnel_scan {
 public:
  // All must outlive the scan; `known` is for the identity "person".
  funnel_scan(const reader& from, const query::funnel_question& q, const identities& known,
              tie_order ties, funnel_work& work)
      : from_(from), q_(q), known_(known), ties_(ties), work_(work) {}

  [[nodiscard]] std::vector<chunk_place> need() const;
  // The selected rows of these visitors, without those that cannot matter. False when the segment
  // is damaged.
  [[nodiscard]] bool read(const selection& rows, visitor_part of, funnel_rows& out);

 private:
  // Each reads a part of the work, for the rows of the selection.
  [[nodiscard]] bool read_fits(const selection& rows);
  [[nodiscard]] bool read_visitors(row_range rows);
  [[nodiscard]] bool read_persons(row_range rows);
  [[nodiscard]] bool read_groups(row_range rows, funnel_rows& out);
  void open_steps(visitor_part of);

  const reader& from_;
  const query::funnel_question& q_;
  const identities& known_;
  tie_order ties_;
  funnel_work& work_;
};

[[nodiscard]] std::vector<chunk_place> identifications_need(const reader& from);
// Adds those of the rows, which are of the event $identify. False when the segment is damaged.
[[nodiscard]] bool read_identifications(const reader& from, const chosen_rows& rows,
                                        identities& out);

}  // namespace millimetric::segment
