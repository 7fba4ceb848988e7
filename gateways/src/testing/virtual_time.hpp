#pragma once
// An actor system in one thread, with a clock that moves when told to: CAF's test coordinator.
//
// Jobs run one by one in the order in which they were queued, so the same start gives the same run.

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <chrono>
#include <cstdint>
#include <functional>

namespace caf::scheduler {
class test_coordinator;
}

namespace skep::testing {

class VirtualTime {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `steps_max`: one call runs no more messages than that.
  explicit VirtualTime(std::uint64_t steps_max);
  VirtualTime(const VirtualTime&) = delete;
  VirtualTime& operator=(const VirtualTime&) = delete;

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  [[nodiscard]] Time now();
  /// Runs what can run now. Throws std::runtime_error after `steps_max` messages: it would never end.
  void settle();
  /// Runs, and moves the clock from one due time to the next, until `done` or `limit`: it stops at the very message.
  void run_until(const std::function<bool()>& done, Time limit);
  /// Runs until `until`, where the clock stands then.
  void advance_to(Time until);
  /// Moves the clock while a message is handled: what comes due meanwhile lies in mailboxes before what it sends.
  void spend(std::chrono::nanoseconds duration);

 private:
  struct Config : caf::actor_system_config {
    Config();
  };

  [[nodiscard]] caf::scheduler::test_coordinator& scheduler();
  /// Moves the clock; what is due is put into mailboxes.
  void move_to(Time time);
  /// Runs one message, if there is one.
  bool step(std::uint64_t& steps);

  std::uint64_t steps_max_;
  Config config_;
  caf::actor_system system_;
};

}  // namespace skep::testing
