#pragma once
// Connects to one peer, again and again until it is there, with a growing delay.
//
// Lives as long as its owner or a pending attempt: `close` before the owner goes. Threads: the I/O thread.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "net/name_lookup.hpp"
#include "net/socket.hpp"
#include "net/wakeup.hpp"
#include "skep/gateways/host_port.hpp"

namespace skep {

/// The delay before each attempt: doubles from `min` to `max`, until a connection has lasted. Pure.
class BackOff {
 public:
  using Duration = std::chrono::nanoseconds;
  /// `lasted`: how long it has to be there for that.
  BackOff(Duration min, Duration max, Duration lasted) : min_(min), max_(max), lasted_(lasted), next_(min) {}

  [[nodiscard]] Duration next() noexcept {
    const auto delay = next_;
    next_ = std::min(max_, next_ * 2);
    return delay;
  }
  /// A connection that was there for so long has ended. One that is gone at once is no better than none.
  void ended(Duration after) noexcept {
    if (after >= lasted_) next_ = min_;
  }

 private:
  Duration min_, max_, lasted_, next_;
};

class Connector : public boost::intrusive_ref_counter<Connector, boost::thread_unsafe_counter> {
 public:
  struct Settings {
    HostPort peer;
    std::chrono::nanoseconds delay_min, delay_max;
    std::chrono::nanoseconds attempt_time_max;
    std::chrono::nanoseconds lasted;  ///< a connection that was there for so long lets the delays begin anew
  };
  struct Handlers {
    std::function<void(Socket)> connected;
    std::function<void(const std::string& why)> failed;  ///< for the log; an attempt follows
  };

  Connector(boost::asio::io_context& context, Settings settings, Handlers handlers);

  /// At once, and not later as well; does nothing while an attempt is under way.
  void connect();
  /// After the back-off's delay: a connection has ended. Does
  /// nothing while an attempt is under way.
  void connect_later();
  /// The attempt has failed, as that of a connection which turns out to be of no use: an attempt follows.
  void fail(const std::string& why);
  void close() noexcept;

 private:
  void give_up();
  void attempt(const NameLookup::Endpoints& endpoints);
  void on_connect(boost::system::error_code failed);

  Settings settings_;
  Handlers handlers_;
  BackOff back_off_;
  NameLookup lookup_;
  Socket socket_;
  std::optional<std::chrono::steady_clock::time_point> connected_at_;
  WakeupPtr retry_;
  WakeupPtr timeout_;
  bool attempting_ = false;
  bool open_ = true;
};

using ConnectorPtr = boost::intrusive_ptr<Connector>;

}  // namespace skep
