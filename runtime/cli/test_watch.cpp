#include "test_watch.hpp"

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

TestWatch::TestWatch(Settings settings, BeeCalls& calls, const StopSignals& stop,
                     std::function<void(const End&)> on_end)
    : settings_(settings),
      calls_(calls),
      stop_(stop),
      on_end_(std::move(on_end)),
      memory_(settings.memory_max),
      thread_([this] { watch(); }) {}

TestWatch::~TestWatch() {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

/// Looks by itself: short tests may all be over before the other thread wakes up.
void TestWatch::begin() {
  {
    const std::scoped_lock lock(mutex_);
    const auto now = Clock::now();
    until_ = now + settings_.time_max;
    look(now);
  }
  changed_.notify_one();
}

void TestWatch::end() {
  const std::scoped_lock lock(mutex_);
  until_.reset();
}

/// Calls count from the first look that saw them, so it looks often.
void TestWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (!until_) {
      changed_.wait(lock, [this] { return ended_ || until_; });
      continue;
    }
    const auto now = Clock::now();
    look(now);
    changed_.wait_until(lock, std::min({*until_, now + between_looks, memory_at_}));
  }
}

/// With the lock held: where the tests have to end, `begin` and `end` wait for the end of the process.
void TestWatch::look(Clock::time_point now) {
  const auto calls = calls_.look(now);
  if (stop_.wait(std::chrono::milliseconds{0})) {
    on_end_({End::Kind::stopped, "stopped by " + stop_.name() + held_by(calls, now)});
  }
  if (now >= memory_at_) look_at_memory(now);
  if (now < *until_) return;
  const auto held = held_by(calls, now);
  on_end_(
      {End::Kind::failed, "has not ended within " + to_string(settings_.time_max) + " (--time-max)" +
                              (held.empty() ? ": the swarm has not come to rest, or does not come to its end" : held)});
}

void TestWatch::look_at_memory(Clock::time_point now) {
  const auto used = settings_.memory_max == 0 ? std::nullopt : resident_.read();
  const auto decision = used ? memory_.look(*used) : MemoryGuard::Decision::run;
  if (decision == MemoryGuard::Decision::exit) {
    on_end_({End::Kind::failed, memory_.reason() + ": ends before it is killed (--memory-max)"});
  }
  memory_at_ = now + memory_.next_look();
}

/// ": bee 'a' ... has not returned from a call for 150ms"; empty if none is long inside one.
std::string TestWatch::held_by(const std::vector<CallInProgress>& calls, Clock::time_point now) const {
  const auto longest = std::ranges::min_element(calls, {}, &CallInProgress::since);
  if (longest == calls.end() || now - longest->since < between_looks) return {};
  return ": " + calls_.name(longest->bee) + " has not returned from a call for " + rounded(now - longest->since);
}

}  // namespace skep::cli
