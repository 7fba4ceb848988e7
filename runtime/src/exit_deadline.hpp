#pragma once
// Ends the process if something takes too long: for calls into libraries that may never return.
//
// Its thread is there from the beginning: when it is needed, there may be none to be had.

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace skep::detail {

class ExitDeadline {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Calls `on_late`, which does not return, on a thread of its own once a time that is set has come.
  explicit ExitDeadline(std::function<void()> on_late)
      : thread_([this, late = std::move(on_late)] {
          pthread_setname_np(pthread_self(), "skep-deadline");
          if (passes()) late();
        }) {}
  ~ExitDeadline() {
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
  }
  ExitDeadline(const ExitDeadline&) = delete;
  ExitDeadline& operator=(const ExitDeadline&) = delete;

  void set(Time at) {
    {
      const std::scoped_lock lock(mutex_);
      at_ = at;
    }
    changed_.notify_one();
  }
  void clear() { set(never); }

 private:
  static constexpr Time never = Time::max();

  bool passes() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= at_) return true;
      changed_.wait_for(lock, std::min<Time::duration>(at_ - now, std::chrono::hours(24)));
    }
    return false;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Time at_ = never;
  bool ended_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace skep::detail
