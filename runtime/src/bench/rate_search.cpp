#include "bench/rate_search.hpp"

#include <algorithm>
#include <cassert>

namespace skep::bench {

void RateSearch::tried(bool held) {
  assert(next_);
  (held ? held_ : failed_) = *next_;
  ++tried_;
  next_ = choose();
}

std::optional<double> RateSearch::choose() const {
  if (tried_ >= settings_.rates_max) return std::nullopt;
  if (!failed_) {
    if (*held_ >= settings_.max) return std::nullopt;
    return std::min(*held_ * 2, settings_.max);
  }
  if (!held_) {
    if (*failed_ <= settings_.min) return std::nullopt;
    return std::max(*failed_ / 2, settings_.min);
  }
  if (*failed_ - *held_ <= *held_ * settings_.precision) return std::nullopt;
  return (*held_ + *failed_) / 2;
}

}  // namespace skep::bench
