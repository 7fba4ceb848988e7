#pragma once
// Ends the process if what it guards takes too long: for calls into libraries that may never return.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace skep::detail {

class ExitDeadline {
 public:
  /// Calls `on_late` once, on a thread of its own, if this still lives after `time_max`.
  ExitDeadline(std::chrono::milliseconds time_max, std::function<void()> on_late)
      : thread_([this, time_max, late = std::move(on_late)] {
          std::unique_lock lock(mutex_);
          if (!ended_.wait_for(lock, time_max, [this] { return done_; })) late();
        }) {}
  ~ExitDeadline() {
    {
      const std::scoped_lock lock(mutex_);
      done_ = true;
    }
    ended_.notify_one();
    thread_.join();
  }
  ExitDeadline(const ExitDeadline&) = delete;
  ExitDeadline& operator=(const ExitDeadline&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool done_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace skep::detail
