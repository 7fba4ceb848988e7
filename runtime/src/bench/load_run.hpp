#pragma once
// Loads a target over real connections, in real time: what LoadDriver decides, carried out.

#include <chrono>
#include <cstdint>
#include <functional>

#include "bench/load_figures.hpp"
#include "bench/load_plan.hpp"
#include "bench/load_target.hpp"
#include "bench/payloads.hpp"
#include "skep/serialization/result.hpp"

namespace skep::bench {

struct LoadProgress {
  std::chrono::nanoseconds time{};  ///< since it began
  bool warming_up = false;
  std::uint64_t answered = 0;  ///< since it was told last
  std::uint64_t failed = 0;    ///< of those that count, so far
};

/// All are called in the thread of `run_load`.
struct LoadWatch {
  std::function<void()> measures{};  ///< the warm-up is over
  std::function<void(const LoadProgress&)> each_second{};
  std::function<bool()> stopped{};  ///< whether it is to end early; asked 20 times a second
};

/// All outlive the run.
struct Load {
  const LoadTarget& target;
  const LoadPlan& plan;
  Payloads& payloads;
};

/// Makes all connections first, then begins. Blocks until everything has come to its end.
/// Errors: `errc::unavailable` if a connection cannot be made, or all are lost before the first answer;
/// `errc::invalid_argument` for a payload that the framing cannot hold; as read_tls.
[[nodiscard]] Result<LoadFigures> run_load(const Load& load, const LoadWatch& watch);

}  // namespace skep::bench
