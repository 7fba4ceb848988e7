#include "bench/arrival_schedule.hpp"

#include <cmath>

namespace skep::bench {

std::optional<Arrivals> arrivals_from(std::string_view name) noexcept {
  for (const auto arrivals : {Arrivals::constant, Arrivals::poisson}) {
    if (name == to_string(arrivals)) return arrivals;
  }
  return std::nullopt;
}

std::string_view to_string(Arrivals arrivals) noexcept {
  return arrivals == Arrivals::constant ? "constant" : "poisson";
}

ArrivalSchedule::ArrivalSchedule(Arrivals arrivals, double rate, std::uint64_t seed)
    : arrivals_(arrivals), interval_ns_(1e9 / rate), random_(seed) {
  if (arrivals == Arrivals::poisson) pop();
}

/// The time between two arrivals of a Poisson process is distributed exponentially. Even ones are counted, not added
/// up: no rounding moves them in the long run.
void ArrivalSchedule::pop() {
  ++number_;
  due_ns_ = arrivals_ == Arrivals::constant ? static_cast<double>(number_) * interval_ns_
                                            : due_ns_ - std::log1p(-random_.fraction()) * interval_ns_;
  next_ = std::chrono::nanoseconds(std::llround(due_ns_));
}

}  // namespace skep::bench
