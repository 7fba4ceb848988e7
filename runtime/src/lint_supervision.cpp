// What lint has to say about restarts.

#include <algorithm>

#include "linter.hpp"
#include "skep/actors/limits.hpp"

namespace skep {
namespace {

/// How often a bee that never starts is restarted within `period`, up to `most`.
std::uint32_t restarts_within(std::chrono::nanoseconds period, std::uint32_t most) {
  std::chrono::nanoseconds time{0}, delay = limits::restart_delay_min;
  std::uint32_t count = 1;
  for (; count < most && time + delay <= period; ++count) {
    time += delay;
    delay = std::min<std::chrono::nanoseconds>(2 * delay, limits::restart_delay_max);
  }
  return count;
}

}  // namespace

void Linter::check_supervision() {
  const auto& settings = spec_.supervision;
  const auto most = restarts_within(settings.period, settings.intensity + 1);
  if (most > settings.intensity) return;
  problems_.warning(spec_.supervision_position,
                    "a bee that never starts would be tried for ever: with the delay between restarts no more than " +
                        std::to_string(most) + " fall into " + to_string(settings.period) +
                        ", and the intensity bears " + std::to_string(settings.intensity),
                    "a smaller intensity or a longer period");
}

}  // namespace skep
