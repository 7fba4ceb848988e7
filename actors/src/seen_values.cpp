#include "seen_values.hpp"

#include <cassert>

namespace skep {

bool SeenValues::is_new(std::string_view value, Time now) {
  while (!by_age_.empty() && now - by_age_.front().at >= within_) forget_oldest();
  const auto place = values_.lower_bound(value);
  if (place != values_.end() && *place == value) return false;
  by_age_.push_back({&*values_.emplace_hint(place, value), now});
  if (values_.size() > values_max_) forget_oldest();
  return true;
}

void SeenValues::forget_oldest() {
  assert(values_.size() == by_age_.size() && !by_age_.empty());
  values_.erase(*by_age_.front().value);
  by_age_.pop_front();
}

}  // namespace skep
