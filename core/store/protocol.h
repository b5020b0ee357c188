#pragma once
// What gateway and store say to each other: an operation byte and its record; back, a status byte
// and the answer's record or an error.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/archive.h"
#include "base/result.h"
#include "event/record.h"
#include "query/funnel.h"
#include "query/partial.h"
#include "query/question.h"
#include "segment/event_columns.h"
#include "store/layout.h"

namespace millimetric::store {

enum class operation : std::uint8_t {
  append_rows,  // of gateways of versions before; not taken any more
  aggregate,
  funnel,
  page,
  schema,
  values,
  explain,
  summary,
  expire,
  forget,
  maintain,
  storage,
  funnel_rows,
  shard,
  copy_out,
  copy_in,
  append,
  append_all,
};

// Which token bucket an append draws one token from. Contract, section 3, limits.
enum class bucket : std::uint8_t { none, track, batch };

struct append_request {
  bucket draws_from = bucket::none;
  segment::event_columns events;
};
// The request with its operation.
[[nodiscard]] std::string encode_append_request(const append_request& request);
// Shows what the request behind its operation holds, which must outlive it; nothing where it cannot
// be read.
[[nodiscard]] std::optional<append_request> read_append_request(std::string_view body);

struct append_answer {
  std::uint32_t stored = 0;
  std::uint32_t duplicates = 0;
  millis retry_after = 0;  // above zero: nothing was stored, the bucket was empty
  template <class A>
  void fields(A& a) {
    a(stored, duplicates, retry_after);
  }
};

// Appends that came together, each a request with its operation, and what is answered to each.
struct append_all_request {
  std::vector<std::string_view> requests;
  template <class A>
  void fields(A& a) {
    a(requests);
  }
};
struct append_all_answer {
  std::vector<std::string> answers;
  template <class A>
  void fields(A& a) {
    a(answers);
  }
};

// The event names and shapes seen since an instant.
struct schema_request {
  millis since = 0;
  template <class A>
  void fields(A& a) {
    a(since);
  }
};

// The most frequent values of a column.
struct values_request {
  query::column col{};
  std::uint32_t limit = 0;
  template <class A>
  void fields(A& a) {
    a(col, limit);
  }
};

struct explain_request {
  query::scope in;
  std::vector<std::string> events;  // names that were asked for
  template <class A>
  void fields(A& a) {
    a(in, events);
  }
};

struct summary_request {
  millis since = 0;
  std::optional<millis> month = {};  // whose usage is asked for; empty: this one
  template <class A>
  void fields(A& a) {
    a(since, month);
  }
};

// Deletes events before an instant, at most `limit` in one call.
struct expire_request {
  millis before = 0;
  std::uint32_t limit = 0;
  template <class A>
  void fields(A& a) {
    a(before, limit);
  }
};
struct expire_answer {
  std::uint32_t deleted = 0;
  bool more = false;
  bool moved = false;  // the events are in another layout's stores
  template <class A>
  void fields(A& a) {
    a(deleted, more, moved);
  }
};

// Deletes a visitor: by user id also what the anonymous ids that were identified as this user did
// while nobody else was signed in; by anonymous id everything of that id. One call does a bounded
// part of it: the visitor is gone when an answer says that there is no more.
struct forget_request {
  std::optional<std::string> user_id;
  std::optional<std::string> anonymous_id;  // exactly one of the two
  std::uint64_t deleted_before = 0;         // events, by the calls before for the same visitor
  template <class A>
  void fields(A& a) {
    a(user_id, anonymous_id, deleted_before);
  }
};
struct forget_answer {
  std::uint64_t deleted = 0;  // events, with those that were deleted before
  bool more = false;
  template <class A>
  void fields(A& a) {
    a(deleted, more);
  }
};

// One bounded step of what a store does by itself: merging, and dropping what is out of date.
struct maintain_request {
  template <class A>
  void fields(A&) {}
};
struct maintain_answer {
  bool more = false;  // there is more to do
  template <class A>
  void fields(A& a) {
    a(more);
  }
};

// What the store's segments are and weigh.
struct storage_request {
  template <class A>
  void fields(A&) {}
};
struct column_weight {
  std::string column;
  std::uint64_t bytes = 0;
  template <class A>
  void fields(A& a) {
    a(column, bytes);
  }
};
struct storage_answer {
  std::uint64_t events = 0;
  std::uint64_t small_segments = 0;  // of a row each
  std::uint64_t large_segments = 0;
  std::uint64_t damaged_segments = 0;
  std::uint64_t merge_debt = 0;  // segments that wait to be merged
  std::uint64_t bytes = 0;       // of headers and chunks
  std::optional<millis> first;
  std::optional<millis> last;
  std::vector<column_weight> columns;  // heaviest first
  template <class A>
  void fields(A& a) {
    a(events, small_segments, large_segments, damaged_segments, merge_debt, bytes, first, last,
      columns);
  }
};

// The rows that may be steps of a funnel, of the subjects the upper 32 bits of whose key leave
// `pass` when divided by `passes`: for subjects whose events are in several shards.
struct funnel_rows_request {
  query::funnel_question question;
  std::uint32_t pass = 0;
  std::uint32_t passes = 1;
  std::uint32_t most = 0;  // rows
  template <class A>
  void fields(A& a) {
    a(question, pass, passes, most);
  }
};
struct funnel_rows_answer {
  bool too_many = false;  // and there are none here
  std::vector<std::optional<std::string>> groups;
  std::vector<query::funnel_event> rows;  // by time, then arrival
  template <class A>
  void fields(A& a) {
    a(too_many, groups, rows);
  }
};

// Resharding. A store is `serving` by itself; the stores of a new layout are `filling` until it
// serves. `moved` and `abandoned` are for ever.
enum class standing : std::uint8_t { serving, filling, abandoned, moved };
struct shard_state {
  standing is = standing::serving;
  bool known = false;           // some step was taken: it is not a store that nobody has told yet
  layout to;                    // of moved: where the events are
  std::int64_t sealed_for = 0;  // the generation that the seal is for
  millis sealed_until = 0;      // takes no events before; end_of_time: for good
  std::vector<std::int64_t> copied;  // of filling, per source: the last arrival that was copied
  template <class A>
  void fields(A& a) {
    a(is, known, to, sealed_for, sealed_until, copied);
  }
};

struct month_usage {
  std::string month;
  std::uint64_t events = 0;
  template <class A>
  void fields(A& a) {
    a(month, events);
  }
};

enum class shard_step : std::uint8_t {
  look,     // changes nothing
  prepare,  // filling from `sources`, unless it is something already
  abandon,  // filling, or not known yet, becomes abandoned
  seal,  // no events are taken for `seal_ms`; a seal for good stays unless of an older generation
  activate,  // filling becomes serving, with this usage
  move,      // serving and sealed for good becomes moved
  empty,     // moved or abandoned: deletes some segments
};
struct shard_request {
  shard_step step = shard_step::look;
  layout to;                       // the one that is being made
  std::uint32_t sources = 0;       // of prepare
  millis seal_ms = 0;              // of seal; end_of_time: for good
  std::vector<month_usage> usage;  // of activate
  template <class A>
  void fields(A& a) {
    a(step, to, sources, seal_ms, usage);
  }
};
// What it is after the step. A step that does not fit what it is changes nothing.
struct shard_answer {
  shard_state state;
  std::int64_t last_arrival = 0;
  std::uint64_t events = 0;
  std::vector<month_usage> usage;
  template <class A>
  void fields(A& a) {
    a(state, last_arrival, events, usage);
  }
};

// Whole events in the order of their arrival.
struct copy_out_request {
  std::int64_t after = 0;  // an arrival
  template <class A>
  void fields(A& a) {
    a(after);
  }
};
template <class Record>
struct basic_copied_event {
  std::int64_t arrival = 0;
  millis received = 0;
  Record what;
  template <class A>
  void fields(A& a) {
    a(arrival, received, what);
  }
};
template <class Record>
struct basic_copied_events {
  std::uint32_t source = 0;  // a shard of the old layout
  std::int64_t after = 0;    // all events of the source that arrived behind this one,
  std::int64_t up_to = 0;    // and not behind this one,
  std::vector<basic_copied_event<Record>> events;  // of them those of one target
  template <class A>
  void fields(A& a) {
    a(source, after, up_to, events);
  }
};
using copied_events = basic_copied_events<event::record>;
using copied_event_views = basic_copied_events<event::record_view>;

template <class Request>
[[nodiscard]] std::string encode_request(operation op, Request request) {
  std::string out(1, static_cast<char>(op));
  out += to_record(std::move(request));
  return out;
}

template <class Answer>
[[nodiscard]] std::string encode_answer(result<Answer> answer) {
  if (answer) return std::string(1, '\0') + to_record(std::move(*answer));
  std::string out(1, '\1');
  byte_writer w(out);
  w.u8(static_cast<std::uint8_t>(answer.error().code));
  w.text(answer.error().message);
  return out;
}

// @return the error that the store gave, or internal_error for bytes of another form.
template <class Answer>
[[nodiscard]] result<Answer> decode_answer(std::string_view bytes) {
  byte_reader in(bytes);
  const bool failed = in.u8() != 0;
  if (in.ok() && !failed)
    if (auto answer = from_record<Answer>(bytes.substr(1))) return std::move(*answer);
  const auto code = in.u8();
  std::string message(in.text());
  if (!failed || !in.finished() || code >= static_cast<std::uint8_t>(error_code::count_))
    return fail(error_code::internal_error, "");  // callers make storage that failed of it
  return fail(static_cast<error_code>(code), std::move(message));
}

}  // namespace millimetric::store
