#pragma once
// Names bees that do not return from a call. Pure: who is inside a call since when, and the time, in; names out.
//
// A thread inside a call cannot be ended. A shared bee that does not return holds one of the node's few threads: all
// that helps is to say so. A dedicated one holds only its own and may be abandoned: its actor is given up and another
// takes its place. Each call is named once, and once more when it does return after all. Time in which the watcher
// itself did not run is no bee's fault (WatchedTime). Lifetime and threads: owned by whoever looks, once a second or
// so; what it looks at is a copy.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/limits.hpp"

namespace skep {

/// The time that a watcher was there to see. A process that is stopped, or whose machine sleeps, finds a long gap
/// between two looks in which no bee could have returned: of each gap `gap_max` counts at most.
class WatchedTime {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit WatchedTime(std::chrono::nanoseconds gap_max) : gap_max_(gap_max) {}
  /// To be asked at each look, with a `now` that does not go back.
  [[nodiscard]] Time at(Time now);

 private:
  std::chrono::nanoseconds gap_max_;
  std::chrono::nanoseconds missed_{};
  std::optional<Time> last_;
};

/// A bee that is inside a call.
struct CallInProgress {
  std::uint64_t bee = 0;  ///< whatever number the caller knows it by
  std::chrono::steady_clock::time_point since;
  Execution execution = Execution::shared;
  std::optional<std::chrono::nanoseconds> time_max = std::nullopt;  ///< of this bee; else the Watchdog's
};

class Watchdog {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Finding {
    enum class Kind : std::uint8_t {
      stuck,     ///< over the limit, named for the first time
      returned,  ///< was named, and has returned since
    };
    Kind kind = Kind::stuck;
    std::uint64_t bee = 0;
    std::chrono::nanoseconds duration{};  ///< so far; of `returned`, at the last look
    bool may_be_abandoned = false;        ///< stuck on a thread of its own
    friend bool operator==(const Finding&, const Finding&) = default;
  };

  /// Zero: no limit.
  explicit Watchdog(std::chrono::nanoseconds call_time_max = limits::callback_time_max)
      : call_time_max_(call_time_max) {}

  /// `calls` are all that go on now, one a bee.
  [[nodiscard]] std::vector<Finding> look(std::span<const CallInProgress> calls, Time now);

 private:
  struct Named {
    Time since;
    std::chrono::nanoseconds duration;
  };

  std::chrono::nanoseconds call_time_max_;
  std::map<std::uint64_t, Named> named_;  ///< by bee
};

}  // namespace skep
