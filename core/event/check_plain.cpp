#include "base/text.h"
#include "event/checked.h"
#include "event/country.h"

namespace millimetric::event {
namespace {

using text = plain_event::text;

// An absent id is right, too: the server makes one, or does without.
bool is_id(const text& id, std::size_t most) noexcept {
  return !id || (!id->empty() && fits(*id, most));
}

bool check_ids(const plain_event& sent, checked_event& e) noexcept {
  if (!sent.event) return false;
  e.event_name = *sent.event;
  e.event_id = sent.event_id;
  e.anonymous_id = sent.anonymous_id;
  e.user_id = sent.user_id;
  e.session_id = sent.session_id;
  return is_id(sent.event, max_event_name) && is_id(e.event_id, max_event_id) &&
         is_id(e.anonymous_id, max_anonymous_id) && is_id(e.user_id, max_user_id) &&
         is_id(e.session_id, max_session_id);
}

// Gives an address its place; an empty one counts as absent.
bool check_location(const text& sent, text& into) noexcept {
  if (sent && !sent->empty()) into = sent;
  return !into || fits(*into, max_url);
}

bool check_places(const plain_event& sent, checked_places& p) noexcept {
  if (!check_location(sent.url, p.url) || !check_location(sent.referrer, p.referrer)) return false;
  if (p.url) p.page = parse_http_url(*p.url);
  return p.url.has_value() == p.page.has_value();
}

bool check_timestamp(const plain_event& sent, const circumstances& about, millis& timestamp) {
  timestamp = about.now;
  if (!sent.timestamp) return true;
  const auto t = parse_iso8601(*sent.timestamp);
  if (!t || *t < 0 || about.is_too_late(*t) || about.is_too_old(*t)) return false;
  timestamp = *t;
  return true;
}

bool check_properties(const plain_event& sent, text_arena& texts, std::string& space,
                      checked_event& e) {
  if (!sent.properties) return true;
  space.clear();
  json::append_text(*sent.properties, space);
  e.properties = texts.keep(space);
  return space.size() <= max_properties_bytes;
}

bool check_country(std::string_view said, described_visitor& v) {
  v.country = country_code(said);
  return v.country || is_unknown_country(said);
}

bool check_context(const json::object& context, described_visitor& v) {
  for (const auto member : context) {
    const bool is_country = member.key == "country";
    std::string_view* const field = member.key == "user_agent" ? &v.user_agent
                                    : member.key == "ip"       ? &v.ip
                                                               : nullptr;
    if (field == nullptr && !is_country) continue;
    // Whatever a member of the same name before it was.
    if (is_country) v.country.reset();
    if (field != nullptr) *field = {};
    if (member.value.is_null()) continue;
    std::string_view said;
    if (member.value.get(said)) return false;
    if (field != nullptr) *field = said;
    if (is_country && !check_country(said, v)) return false;
  }
  return true;
}

}  // namespace

std::optional<checked_event> check_plain(const plain_event& sent, const circumstances& about,
                                         const checked_places* known, text_arena& texts,
                                         std::string& space) {
  std::optional<checked_event> out(std::in_place);
  checked_event& e = *out;
  if (known != nullptr) e.places = *known;
  const bool right =
      check_ids(sent, e) && check_timestamp(sent, about, e.timestamp) &&
      (known != nullptr || check_places(sent, e.places)) && check_location(sent.path, e.path) &&
      check_properties(sent, texts, space, e) &&
      (!about.context_counts || !sent.context || check_context(*sent.context, e.visitor.emplace()));
  if (!right) out.reset();
  return out;
}

}  // namespace millimetric::event
