#pragma once
// Connects to one peer, again and again until it is there, with a growing delay.
//
// Lives as long as its owner or a pending attempt: `close` before the owner goes. Threads: the I/O thread.

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "net/socket.hpp"
#include "net/wakeup.hpp"
#include "skep/gateways/host_port.hpp"

namespace skep {

/// The delay before each attempt: doubles from `min` to `max`, starts again after a success. Pure.
class BackOff {
 public:
  using Duration = std::chrono::nanoseconds;
  BackOff(Duration min, Duration max) : min_(min), max_(max), next_(min) {}

  [[nodiscard]] Duration next() noexcept {
    const auto delay = next_;
    next_ = std::min(max_, next_ * 2);
    return delay;
  }
  void reset() noexcept { next_ = min_; }

 private:
  Duration min_, max_, next_;
};

class Connector : public boost::intrusive_ref_counter<Connector, boost::thread_unsafe_counter> {
 public:
  struct Settings {
    HostPort peer;
    std::chrono::nanoseconds delay_min, delay_max;
    std::chrono::nanoseconds attempt_time_max;
  };
  struct Handlers {
    std::function<void(Socket)> connected;
    std::function<void(const std::string& why)> failed;  ///< for the log; an attempt follows
  };

  Connector(boost::asio::io_context& context, Settings settings, Handlers handlers);

  void connect();        ///< at once
  void connect_later();  ///< after the back-off's delay: a connection has ended
  void close() noexcept;

 private:
  using Resolver = boost::asio::ip::basic_resolver<Tcp, boost::asio::io_context::executor_type>;
  using Endpoints = boost::asio::ip::basic_resolver_results<Tcp>;

  void attempt(const Endpoints& endpoints);
  void on_connect(boost::system::error_code failed);
  void fail(const std::string& why);

  Settings settings_;
  Handlers handlers_;
  BackOff back_off_;
  Resolver resolver_;
  Socket socket_;
  WakeupPtr retry_;
  WakeupPtr timeout_;
  bool open_ = true;
};

using ConnectorPtr = boost::intrusive_ptr<Connector>;

}  // namespace skep
