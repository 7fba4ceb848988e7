#include "seen_values.hpp"

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
  values_.erase(*by_age_.front().value);
  by_age_.pop_front();
}

}  // namespace skep
