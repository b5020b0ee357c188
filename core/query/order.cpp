#include <algorithm>

#include "query/partial.h"

namespace millimetric::query {

void sort(std::vector<event_shape>& events) {
  std::sort(events.begin(), events.end(), [](const event_shape& a, const event_shape& b) {
    return a.count != b.count ? a.count > b.count : a.event_name < b.event_name;
  });
}

void sort(std::vector<frequent_value>& values) {
  std::sort(values.begin(), values.end(), [](const frequent_value& a, const frequent_value& b) {
    return a.count != b.count ? a.count > b.count : a.value < b.value;
  });
}

}  // namespace millimetric::query
