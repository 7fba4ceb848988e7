#pragma once
// How often a client may send control frames of its own accord: pings, and pongs that answer none. (A Close is its last
// frame anyway.) Times in, verdicts out; pure.
//
// A bucket: so many a second, and at once what that makes in limits::websocket_control_period, because a connection
// that stood still brings all of them together.

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "skep/gateways/limits.hpp"

namespace skep {

class WebSocketControlRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `rate`: a second; 0: no limit.
  explicit WebSocketControlRate(std::uint32_t rate) : rate_(rate) {}

  /// This side has sent a ping, so one pong is welcome.
  void pinged() noexcept { ++awaited_; }
  /// One has come. Whether it may.
  [[nodiscard]] bool ping(Time now) { return take(now); }
  [[nodiscard]] bool pong(Time now) {
    if (awaited_ == 0) return take(now);
    --awaited_;
    return true;
  }
  /// Nobody reads from now on ...
  void hold(Time now) { refill(now); }
  /// ... and until now: what the client sent meanwhile comes at once.
  void excuse(Time now) {
    left_ += std::max(now - last_, Duration(0));
    last_ = now;
  }

 private:
  using Duration = std::chrono::nanoseconds;

  [[nodiscard]] bool take(Time now) {
    if (rate_ == 0) return true;
    const Duration each = Duration(std::chrono::seconds(1)) / rate_;
    refill(now);
    if (left_ < each) return false;
    left_ -= each;
    return true;
  }
  void refill(Time now) {
    left_ = std::max(left_, std::min<Duration>(left_ + (now - last_), limits::websocket_control_period));
    last_ = now;
  }

  std::uint32_t rate_;
  std::uint32_t awaited_ = 0;                         ///< pongs
  Duration left_ = limits::websocket_control_period;  ///< in which what comes now might have come
  Time last_{};                                       ///< when that was so
};

}  // namespace skep
