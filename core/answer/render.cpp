#include "answer/render.h"

namespace millimetric::answer {
namespace {

void write_meta(json::writer& w, const outcome& o, const subject& about) {
  w.begin_object();
  w.key("from").string(format_iso8601(o.range.from));
  w.key("to").string(format_iso8601(o.range.to));
  w.key("projects").begin_array();
  for (const control::project& p : about.projects)
    w.begin_object().key("project_id").string(p.id).key("slug").string(p.slug).end_object();
  w.end_array();
  w.key("exact").boolean(o.exact);
  w.key("truncated").boolean(o.truncated);
  if (o.total) w.key("total").unsigned_integer(*o.total);
  w.end_object();
}

}  // namespace

void write_beside_rows(json::writer& out, const outcome& o, const subject& about) {
  if (o.next_cursor) out.key("next_cursor").string(*o.next_cursor);
  if (o.notice) out.key("notice").string(*o.notice);
  out.key("meta");
  write_meta(out, o, about);
}

}  // namespace millimetric::answer
