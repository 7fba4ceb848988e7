#include "test_deadline.hpp"

#include <algorithm>
#include <utility>

#include "skep/actors/option.hpp"

namespace skep::cli {
namespace {

constexpr std::chrono::milliseconds between_looks{50};

std::string rounded(std::chrono::nanoseconds duration) {
  return to_string(std::chrono::nanoseconds(duration / between_looks * between_looks));
}

}  // namespace

TestDeadline::TestDeadline(std::chrono::nanoseconds time_max, BeeCalls& calls,
                           std::function<void(const std::string&)> on_late)
    : time_max_(time_max), calls_(calls), on_late_(std::move(on_late)), thread_([this] { watch(); }) {}

TestDeadline::~TestDeadline() {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void TestDeadline::begin() {
  {
    const std::scoped_lock lock(mutex_);
    until_ = Clock::now() + time_max_;
  }
  changed_.notify_one();
}

void TestDeadline::end() {
  const std::scoped_lock lock(mutex_);
  until_.reset();
}

/// Calls count from the first look that saw them, so it looks often.
void TestDeadline::watch() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (!until_) {
      changed_.wait(lock, [this] { return ended_ || until_; });
      continue;
    }
    const auto now = Clock::now();
    const auto calls = calls_.look(now);
    if (now >= *until_) on_late_(why(calls, now));  // the lock is held: `end` waits for the end of the process
    changed_.wait_until(lock, std::min(*until_, now + between_looks));
  }
}

std::string TestDeadline::why(const std::vector<CallInProgress>& calls, Clock::time_point now) const {
  const auto late = "has not ended within " + to_string(time_max_) + " (--time-max)";
  const auto longest = std::ranges::min_element(calls, {}, &CallInProgress::since);
  if (longest == calls.end() || now - longest->since < between_looks) {
    return late + ": the swarm has not come to rest, or does not come to its end";
  }
  return late + ": " + calls_.name(longest->bee) + " has not returned from a call for " + rounded(now - longest->since);
}

}  // namespace skep::cli
