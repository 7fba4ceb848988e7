#pragma once
// Which of two threads owns a loop.
//
// The owner may be away for a while: it runs a bee, which may not return. The other one stands by; when the owner is
// away for longer than `away_max` it owns the loop, and the former owner, should it come back, stands by. Go's
// scheduler does so with threads in system calls (`sysmon`, `handoffp`). Threads: two, each in the part that it has;
// `stop` from any.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace skep {

class Handover {
 public:
  explicit Handover(std::chrono::nanoseconds away_max) noexcept : away_max_(away_max) {}

  using Absence = std::uint64_t;
  using Call = std::function<void()>;
  static constexpr Absence none = 0;

  /// The owner goes. `none`: it must stay, nobody stands by.
  [[nodiscard]] Absence leave();
  /// From an absence. False: who was the owner is it no longer.
  [[nodiscard]] bool come_back(Absence from) noexcept;
  /// Waits until the owner is away for too long: true, the caller is the owner now. False: stopped. Calls `begins`
  /// first, and `takes_over` when it has become the owner: before the former one stands by, and calls its `begins`.
  /// Neither may call this.
  [[nodiscard]] bool stand_by(const Call& begins, const Call& takes_over);
  /// Whoever stands by, or will, need not any more.
  void stop();

 private:
  [[nodiscard]] bool look();
  void sleep(std::unique_lock<std::mutex>& lock);

  const std::chrono::nanoseconds away_max_;
  Absence absences_ = 0;             ///< so far; the owner's
  std::atomic<Absence> away_{none};  ///< the one that goes on
  std::atomic<bool> stands_by_{false};
  std::atomic<bool> asleep_{false};  ///< who stands by, until it is told of an absence
  Absence seen_ = none;              // at the last look
  int quiet_looks_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
};

}  // namespace skep
