#pragma once
// Waits for members of a cluster, and hands over each one's connection once it is known whose it is.
//
// Whoever is not known yet costs one of limits::unknown_peers_max places, for the time of a handshake; where all are
// taken the oldest goes, so a crowd of silent peers keeps nobody out for long.
// Lifetime: `close` before its owner goes. Threads: its io_context's.

#include <functional>
#include <string>
#include <vector>

#include "net/acceptor.hpp"
#include "net/tls_socket.hpp"

namespace skep {

class TlsListener final : private TlsSocketOwner {
 public:
  struct Settings {
    TlsContextPtr context;
    std::span<std::byte> scratch;  ///< as TlsSocket::Settings
    std::size_t unknown_max = limits::unknown_peers_max;
    std::chrono::nanoseconds handshake_time_max = limits::tls_handshake_time_max;
  };
  struct Handlers {
    /// Established: to be handed over or closed at once.
    std::function<void(TlsSocketPtr)> accepted;
    std::function<void(const std::string& address, const std::string& why)> refused;  ///< for the log
    std::function<void(const std::string& why)> paused;                               ///< as Acceptor
  };

  TlsListener(boost::asio::io_context& context, Settings settings, Handlers handlers);
  ~TlsListener() { close(); }
  TlsListener(const TlsListener&) = delete;
  TlsListener& operator=(const TlsListener&) = delete;

  /// Errors: `errc::io`, as Acceptor.
  [[nodiscard]] Result<void> open(const HostPort& address);
  [[nodiscard]] std::string address() const { return acceptor_->address(); }  ///< with the port the system gave
  /// For those who come from now on.
  void use(TlsContextPtr context) { settings_.context = std::move(context); }
  void close() noexcept;

  [[nodiscard]] std::size_t unknown() const noexcept { return unknown_.size(); }

 private:
  void accept(Socket socket);
  [[nodiscard]] TlsSocketPtr take(TlsSocket& socket);

  void established(TlsSocket& socket) override;
  std::span<std::byte> room(TlsSocket&) override { return {}; }               // handed over before
  void received(TlsSocket&, std::size_t) override {}                          // the same
  std::span<const std::byte> next_output(TlsSocket&) override { return {}; }  // the same
  void closed(TlsSocket& socket, const std::string& why) override;

  Settings settings_;
  Handlers handlers_;
  AcceptorPtr acceptor_;
  std::vector<TlsSocketPtr> unknown_;  ///< the oldest first
};

}  // namespace skep
