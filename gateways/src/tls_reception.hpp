#pragma once
// Where clients of a gateway with TLS shake hands, before there is a session.
//
// Whoever is not known yet costs one of `newcomers_max` places, for the time of a handshake; where all are taken the
// oldest goes, so a crowd of silent clients keeps nobody out for long. Nothing here touches a session.
// Lifetime: `close` before its owner goes. Threads: the I/O thread.

#include <boost/asio/io_context.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "client.hpp"
#include "net/server_tls.hpp"
#include "net/wakeup.hpp"

namespace skep {

class TlsReception {
 public:
  struct Settings {
    ServerTlsPtr tls;
    std::size_t newcomers_max = 0;
    std::chrono::nanoseconds handshake_time_max{};
  };
  using Accepted = std::function<void(Client client)>;

  TlsReception(boost::asio::io_context& context, Settings settings, Accepted accepted);
  ~TlsReception();
  TlsReception(const TlsReception&) = delete;
  TlsReception& operator=(const TlsReception&) = delete;

  /// `socket` is connected and non-blocking (`prepare`).
  void receive(Socket socket, Visit visit);
  /// For those who come from now on.
  void use(ServerTlsPtr tls) { settings_.tls = std::move(tls); }
  [[nodiscard]] const ServerTls& tls() const noexcept { return *settings_.tls; }
  [[nodiscard]] std::size_t newcomers() const noexcept { return newcomers_.size(); }
  /// Ends those that came first, because of `why`.
  void end_oldest(std::size_t count, const std::string& why);
  /// Ends them all, and tells nobody.
  void close() noexcept;

 private:
  struct Newcomer;
  using NewcomerPtr = boost::intrusive_ptr<Newcomer>;
  using Time = std::chrono::steady_clock::time_point;

  void go_on(Newcomer& newcomer);
  void wait(Newcomer& newcomer, Socket::wait_type what);
  void refuse(Newcomer& newcomer, const std::string& why);
  NewcomerPtr take(Newcomer& newcomer);
  void overdue();

  Settings settings_;
  Accepted accepted_;
  std::map<std::uint64_t, NewcomerPtr> newcomers_;  ///< the oldest first
  std::uint64_t last_ = 0;
  WakeupPtr deadline_;
};

}  // namespace skep
