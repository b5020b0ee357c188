#include "ingest/append_record.h"

#include <vector>

namespace millimetric::ingest {
namespace {

// As store::append_request: an event that was received is written as its record.
struct append_of_views {
  store::bucket draws_from;
  std::vector<event::received>& events;
  template <class A>
  void fields(A& a) {
    a(draws_from, events);
  }
};

}  // namespace

std::string append_record(event::batch& batch, store::bucket draws_from) {
  std::string out(1, static_cast<char>(store::operation::append));
  append_of_views request{draws_from, batch.events};
  {
    encoder archive(out);
    archive(request);
  }
  return out;
}

}  // namespace millimetric::ingest
