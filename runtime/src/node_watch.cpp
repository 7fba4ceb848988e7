#include "node_watch.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "skep/actors/option.hpp"
#include "skep/runtime/limits.hpp"

namespace skep::detail {
namespace {

using Clock = std::chrono::steady_clock;

/// To tenths of a second: more is not known.
std::string rounded(std::chrono::nanoseconds duration) {
  constexpr std::chrono::milliseconds step{100};
  return to_string(std::chrono::nanoseconds(std::max<std::chrono::nanoseconds>(step, duration / step * step)));
}

}  // namespace

NodeWatch::NodeWatch(Settings settings, BeeCalls& calls, IoThreads& io, Log& log)
    : settings_(std::move(settings)),
      calls_(calls),
      io_(io),
      log_(log),
      watched_time_(limits::bee_look_time),
      watchdog_(settings_.callback_time_max),
      memory_(settings_.memory_max),
      thread_([this] { run(); }) {}

NodeWatch::~NodeWatch() {
  {
    const std::scoped_lock lock(mutex_);
    end_ = true;
  }
  ended_.notify_one();
  thread_.join();
}

void NodeWatch::run() {
  pthread_setname_np(pthread_self(), "skep-watch");
  auto bees_at = Clock::now(), memory_at = bees_at;
  std::unique_lock lock(mutex_);
  while (!ended_.wait_until(lock, std::min(bees_at, memory_at), [this] { return end_; })) {
    const auto now = Clock::now();
    if (now >= bees_at) {
      look_at_bees(now);
      bees_at = now + limits::bee_look_time;
    }
    if (now >= memory_at) {
      look_at_memory(now);
      memory_at = now + memory_.next_look();
    }
  }
}

// Bees.

void NodeWatch::look_at_bees(Time now) {
  const auto watched = watched_time_.at(now);
  for (const auto& finding : watchdog_.look(calls_.look(watched), watched)) {
    if (finding.kind == Watchdog::Finding::Kind::stuck) {
      name_stuck(finding);
    } else {
      name_returned(finding);
    }
  }
}

void NodeWatch::name_stuck(const Watchdog::Finding& finding) {
  const auto name = calls_.name(finding.bee);
  if (name.empty()) return;
  const auto what = "has not returned from a call for " + rounded(finding.duration) + " (callback_time_max)";
  named_[finding.bee] = name;
  log_.write(LogLevel::error, settings_.node, name + " " + what);
  if (finding.may_be_abandoned) calls_.abandon(finding.bee, what);
}

void NodeWatch::name_returned(const Watchdog::Finding& finding) {
  const auto named = named_.find(finding.bee);
  if (named == named_.end()) return;
  log_.write(LogLevel::warning, settings_.node,
             named->second + " has returned from a call that took more than " + rounded(finding.duration));
  named_.erase(named);
}

// Memory.

/// Without what was freed and the allocator keeps: a crowd that has gone would be counted for as long as the process
/// lives.
std::optional<std::size_t> NodeWatch::memory_in_use(Time now) {
  const auto used = settings_.memory_max == 0 ? std::nullopt : resident_.read();
  if (!used || !memory_.should_trim(*used, now)) return used;
  give_back_freed_memory();
  return resident_.read();
}

void NodeWatch::look_at_memory(Time time) {
  const auto used = memory_in_use(time);
  if (!used) return;
  const auto before = memory_.decision();
  const auto now = memory_.look(*used);
  if (now == MemoryGuard::Decision::exit) exit_for_memory();
  if (now == before) return;
  if (now == MemoryGuard::Decision::shed) {
    io_.shed(memory_.reason());
    log_.write(LogLevel::error, settings_.node, memory_.reason() + ": gateways take no more requests");
  } else {
    io_.take_again();
    log_.write(LogLevel::info, settings_.node, memory_.reason() + ": gateways take requests again");
  }
}

/// Without a drain: that would allocate.
void NodeWatch::exit_for_memory() {
  log_.last_words(LogLevel::error, settings_.node, memory_.reason() + ": exits before it is killed (memory_max)");
  std::_Exit(EXIT_FAILURE);
}

}  // namespace skep::detail
