#pragma once
// Where connections of a gateway with TLS shake hands, before there is a session: those of its clients, or the one to
// the server that it connects to.
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
#include "net/openssl.hpp"
#include "net/wakeup.hpp"

namespace skep {

class TlsReception {
 public:
  struct Settings {
    std::size_t newcomers_max = 0;
    std::chrono::nanoseconds handshake_time_max{};
  };
  struct Handlers {
    std::function<SslPtr()> make_ssl;  ///< of a new connection
    std::function<void(Client client)> accepted;
    std::function<void(Visit& visit, const std::string& why)> refused;  ///< `why` as in "it ..."
  };

  TlsReception(boost::asio::io_context& context, Settings settings, Handlers handlers);
  ~TlsReception();
  TlsReception(const TlsReception&) = delete;
  TlsReception& operator=(const TlsReception&) = delete;

  /// `socket` is connected and non-blocking (`prepare`).
  void receive(Socket socket, Visit visit);
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
  void wait(Newcomer& newcomer, TlsLayer::Shake wanted);
  void refuse(Newcomer& newcomer, const std::string& why);
  NewcomerPtr take(Newcomer& newcomer);
  void overdue();

  Settings settings_;
  Handlers handlers_;
  std::map<std::uint64_t, NewcomerPtr> newcomers_;  ///< the oldest first
  std::uint64_t last_ = 0;
  WakeupPtr deadline_;
};

}  // namespace skep
