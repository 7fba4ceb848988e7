#pragma once
// A client on plain sockets: shares nothing with what it tests. Every wait has a deadline and fails the test past it.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace skep::testing {

inline sockaddr_in loopback(const std::string& address) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return to;
}

class SocketClient {
 public:
  /// Connects to "127.0.0.1:8080".
  explicit SocketClient(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto to = loopback(address);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0) << address;
  }
  explicit SocketClient(int connected) : socket_(connected) {}
  /// Begins to connect and does not wait.
  static SocketClient connecting(const std::string& address) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const auto to = loopback(address);
    (void)::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    return SocketClient(socket);
  }
  SocketClient(SocketClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}
  ~SocketClient() { close(); }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0) << "the gateway closed the connection";
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// As much as the kernel takes without waiting; returns how much that was.
  std::size_t send_some(std::string_view bytes) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
  }
  /// Waits for a reset by the peer: one that closes with bytes of ours unread. Nothing is read.
  [[nodiscard]] bool was_reset(std::chrono::milliseconds limit) const {
    pollfd event{socket_, 0, 0};
    return ::poll(&event, 1, static_cast<int>(limit.count())) == 1;
  }
  void end_stream() { ::shutdown(socket_, SHUT_WR); }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  /// Closes with a reset instead of an end of stream.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

  /// What comes next, as much as there is; "" once the gateway has closed.
  std::string some() {
    if (buffer_.empty()) (void)read_more();
    return take(buffer_.size(), 0);
  }
  /// The next line without its end; nothing once the gateway has closed.
  std::optional<std::string> line() {
    while (buffer_.find('\n') == std::string::npos) {
      if (!read_more()) return std::nullopt;
    }
    return take(buffer_.find('\n'), 1);
  }
  /// So many bytes; fewer once the gateway has closed.
  std::string bytes(std::size_t count) {
    while (buffer_.size() < count && read_more()) {
    }
    return take(std::min(count, buffer_.size()), 0);
  }
  /// Everything until the gateway closes.
  std::string rest() {
    while (read_more()) {
    }
    return take(buffer_.size(), 0);
  }

 private:
  std::string take(std::size_t count, std::size_t skip) {
    auto taken = buffer_.substr(0, count);
    buffer_.erase(0, count + skip);
    return taken;
  }

  bool read_more() {
    pollfd event{socket_, POLLIN, 0};
    constexpr int deadline_ms = 20'000;
    if (::poll(&event, 1, deadline_ms) <= 0) {
      ADD_FAILURE() << "nothing to read in " << deadline_ms << " ms";
      return false;
    }
    char room[65536];
    const auto count = ::recv(socket_, room, sizeof room, 0);
    if (count <= 0) return false;
    buffer_.append(room, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string buffer_;
};

/// A peer that a connecting gateway connects to.
class SocketServer {
 public:
  /// Port 0: any.
  explicit SocketServer(std::uint16_t port = 0, int backlog = 16)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int yes = 1;
    ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    auto at = loopback("127.0.0.1:" + std::to_string(port));
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(::listen(socket_, backlog), 0);
    socklen_t size = sizeof at;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
  }
  ~SocketServer() { ::close(socket_); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  SocketClient accept() {
    pollfd event{socket_, POLLIN, 0};
    const bool comes = ::poll(&event, 1, 20'000) == 1;
    EXPECT_TRUE(comes) << "nobody connects";
    return SocketClient(comes ? ::accept(socket_, nullptr, nullptr) : -1);
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace skep::testing
