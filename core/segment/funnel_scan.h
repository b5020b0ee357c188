#pragma once
// The rows of one segment that may be steps of a funnel, in order.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "query/funnel.h"
#include "query/question.h"
#include "segment/scope_scan.h"

namespace millimetric::segment {

// Who an anonymous visitor was last identified as: hashes of both ids.
using identities = std::unordered_map<std::uint64_t, std::uint64_t>;

struct funnel_rows {
  std::vector<query::funnel_event> events;         // their groups are numbers of `groups`
  std::vector<std::int64_t> arrivals;              // of each event
  std::vector<std::optional<std::string>> groups;  // one without a value when there are none
};

class funnel_scan {
 public:
  // Both must outlive the scan; so must `known`, which is for the identity "person".
  funnel_scan(const reader& from, const query::funnel_question& q, const identities& known)
      : from_(from), q_(q), known_(known) {}

  [[nodiscard]] std::vector<chunk_place> need() const;
  // The selected rows of the visitors whose hash leaves `pass` when divided by `passes`, without
  // those that cannot matter. False when the segment is damaged.
  [[nodiscard]] bool read(const selection& rows, std::uint32_t pass, std::uint32_t passes,
                          funnel_rows& out) const;

 private:
  // Each gives one number per row of the selection.
  [[nodiscard]] bool read_fits(const selection& rows, std::vector<std::uint16_t>& fits) const;
  // A number of `hashes`, or one beyond for nobody.
  [[nodiscard]] bool read_visitors(row_range rows, std::vector<std::uint32_t>& numbers,
                                   std::vector<std::uint64_t>& hashes) const;
  [[nodiscard]] bool read_persons(row_range rows, std::vector<std::uint32_t>& numbers,
                                  std::vector<std::uint64_t>& hashes) const;
  [[nodiscard]] bool read_groups(row_range rows, std::vector<std::uint16_t>& numbers,
                                 funnel_rows& out) const;

  const reader& from_;
  const query::funnel_question& q_;
  const identities& known_;
};

// A $identify with a user, for finding out who is who.
struct identification {
  std::uint64_t visitor = 0;
  std::uint64_t person = 0;
  millis at = 0;
  std::int64_t arrival = 0;
};
[[nodiscard]] std::vector<chunk_place> identifications_need(const reader& from);
// False when the segment is damaged. The rows are those of the event $identify.
[[nodiscard]] bool read_identifications(const reader& from, const selection& rows,
                                        std::vector<identification>& out);

}  // namespace millimetric::segment
