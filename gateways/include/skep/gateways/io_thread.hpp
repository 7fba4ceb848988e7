#pragma once
// The thread on which gateways live: sockets, timers, and the gateways' actors themselves.
//
// A gateway's actor runs here and not on CAF's scheduler, so that a request goes from the socket to the first bee, and
// an answer from the last bee to the socket, with one thread change each. Lifetime: outlives every gateway on it.

#include <caf/fwd.hpp>

#include <memory>

namespace skep {

class IoThread {
 public:
  explicit IoThread(caf::actor_system& system);
  ~IoThread();  ///< stops and joins
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  /// Ends the thread once what is queued has run. Call after every gateway has ended.
  void stop();

  class Loop;  ///< Asio's side of it; src/net
  [[nodiscard]] Loop& loop() noexcept { return *loop_; }

 private:
  std::unique_ptr<Loop> loop_;
};

}  // namespace skep
