#pragma once
// How a target is loaded, as a value, and how people write it. Pure.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "bench/arrival_schedule.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/serialization/result.hpp"

namespace skep::bench {

struct LoadPlan {
  using Duration = std::chrono::nanoseconds;

  std::uint32_t clients = 1;    ///< connections
  std::uint32_t in_flight = 1;  ///< of each: requests sent, and not answered
  /// So many requests a second, whatever becomes of those before (an open loop); nothing: each client sends when it has
  /// room (a closed loop).
  std::optional<double> rate{};
  Arrivals arrivals = Arrivals::poisson;
  std::uint64_t seed = 0;
  Duration warm_up = limits::bench_warm_up;
  Duration duration = limits::bench_duration;
  Duration request_time = limits::bench_request_time;  ///< from when one is due; then it is given up
  /// A search for the highest rate whose p99 is at most this; `rate` is the first one.
  std::optional<Duration> ramp_p99{};
};

/// As on the command line; empty: the default.
struct LoadPlanText {
  std::string clients{}, in_flight{}, rate{}, arrivals{}, seed{}, warm_up{}, duration{}, timeout{}, p99{};
  bool ramp = false;
};

/// `seed`: where none is given. Errors: `errc::invalid_argument` with the option and what it may be.
[[nodiscard]] Result<LoadPlan> read_load_plan(const LoadPlanText& text, std::uint64_t seed);

}  // namespace skep::bench
