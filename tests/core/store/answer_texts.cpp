#include "answer_texts.h"

namespace millimetric::store {

std::string text_of(const query::schema_partial& p) {
  std::string out;
  for (const query::event_shape& e : p.events) {
    out += e.event_name + " " + std::to_string(e.count) + " " + std::to_string(e.first) + " " +
           std::to_string(e.last);
    for (const query::property_shape& property : e.properties) {
      out += " " + property.key + ":";
      for (const std::string& type : property.types) out += type + ",";
    }
    out += "\n";
  }
  return out;
}

std::string text_of(const query::values_partial& p) {
  std::string out;
  for (const query::frequent_value& v : p.values)
    out += "'" + v.value + "' " + std::to_string(v.count) + "\n";
  return out;
}

std::string text_of(const query::summary_partial& p) {
  return "events " + std::to_string(p.events) + " last " +
         (p.last_event ? std::to_string(*p.last_event) : "none") + " this month " +
         std::to_string(p.events_of_month);
}

}  // namespace millimetric::store
