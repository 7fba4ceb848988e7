#pragma once
// A client of a tcp gateway with line framing, on plain sockets: shares nothing with what it tests.
//
// Every wait has a deadline and fails the test when it passes.

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

class LineClient {
 public:
  /// `address` is "127.0.0.1:8080".
  explicit LineClient(const std::string& address) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto colon = address.rfind(':');
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
    ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~LineClient() { ::close(socket_); }
  LineClient(const LineClient&) = delete;
  LineClient& operator=(const LineClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0) << "the gateway closed the connection";
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  /// The next line without its end, or nothing once the gateway has closed.
  std::optional<std::string> line() {
    while (buffer_.find('\n') == std::string::npos) {
      if (!read_more()) return std::nullopt;
    }
    auto line = buffer_.substr(0, buffer_.find('\n'));
    buffer_.erase(0, line.size() + 1);
    return line;
  }

 private:
  bool read_more() {
    pollfd event{socket_, POLLIN, 0};
    constexpr int deadline_ms = 10'000;
    if (::poll(&event, 1, deadline_ms) <= 0) {
      ADD_FAILURE() << "nothing to read in " << deadline_ms << " ms";
      return false;
    }
    char bytes[4096];
    const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string buffer_;
};

}  // namespace skep::testing
