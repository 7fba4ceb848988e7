#pragma once
// Listens, and hands over each connection.
//
// It stops accepting while the process is short of descriptors (90 % of its limit in use) and goes on later; clients
// wait in the kernel's queue meanwhile. An error of accept never spins. Lives as long as its owner or a pending accept:
// `close` before the owner goes. Threads: the I/O thread.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "net/socket.hpp"
#include "net/wakeup.hpp"
#include "skep/gateways/host_port.hpp"
#include "skep/serialization/result.hpp"

namespace skep {

class Acceptor : public boost::intrusive_ref_counter<Acceptor, boost::thread_unsafe_counter> {
 public:
  struct Handlers {
    std::function<void(Socket)> accepted;
    std::function<void(const std::string& why)> paused;  ///< out of descriptors: for the log
    std::function<void()> scarce{};                      ///< each time: whatever can be closed would help
  };

  Acceptor(boost::asio::io_context& context, Handlers handlers);

  /// Errors: `errc::io`: "cannot listen on 127.0.0.1:9000: Address already in use".
  [[nodiscard]] Result<void> open(const HostPort& address);
  [[nodiscard]] std::string address() const;  ///< with the port the system gave; "" before `open`
  void close() noexcept;

 private:
  [[nodiscard]] boost::system::error_code bind(const Tcp::endpoint& endpoint);
  void accept();
  void on_accept(boost::system::error_code failed, Socket socket);
  void pause(const std::string& why);
  void resume();

  boost::asio::io_context& context_;
  ListenSocket socket_;
  WakeupPtr retry_;
  Handlers handlers_;
  std::string address_;
  std::optional<std::chrono::steady_clock::time_point> paused_said_;
  bool open_ = false;
};

using AcceptorPtr = boost::intrusive_ptr<Acceptor>;

}  // namespace skep
