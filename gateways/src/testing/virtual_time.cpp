#include "testing/virtual_time.hpp"

#include <caf/atom.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace skep::testing {

VirtualTime::Config::Config() {
  set("scheduler.policy", caf::atom("testing"));
}

VirtualTime::VirtualTime(std::uint64_t steps_max) : steps_max_(steps_max), system_(config_) {
  move_to(Time(std::chrono::hours(1)));  // as BeeHarness: times before the start are times, too
}

caf::scheduler::test_coordinator& VirtualTime::scheduler() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
}

VirtualTime::Time VirtualTime::now() {
  return scheduler().clock().now();
}

void VirtualTime::move_to(Time time) {
  scheduler().advance_time(std::max(time - now(), Time::duration::zero()));
}

void VirtualTime::spend(std::chrono::nanoseconds duration) {
  move_to(now() + duration);
}

bool VirtualTime::step(std::uint64_t& steps) {
  move_to(now());  // what has no delay is due by now
  if (!scheduler().try_run_once()) return false;
  if (++steps <= steps_max_) return true;
  throw std::runtime_error("the swarm does not come to rest: over " + std::to_string(steps_max_) +
                           " messages (steps_max)");
}

void VirtualTime::settle() {
  std::uint64_t steps = 0;
  while (step(steps)) continue;
}

void VirtualTime::run_until(const std::function<bool()>& done, Time limit) {
  for (std::uint64_t steps = 0; !done();) {
    if (step(steps)) continue;
    const auto& timeouts = scheduler().clock().schedule();
    if (timeouts.empty() || timeouts.begin()->first > limit) return;
    move_to(timeouts.begin()->first);
  }
}

void VirtualTime::advance_to(Time until) {
  run_until([] { return false; }, until);
  move_to(until);
  settle();
}

}  // namespace skep::testing
