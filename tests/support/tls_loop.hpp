#pragma once
// TLS sockets on real ones, all on the test's own thread.

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>

#include "net/tls_socket.hpp"
#include "support/test_certificates.hpp"

namespace skep::test {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// One end of a connection, as a test looks at it.
class TlsEnd final : public TlsSocketOwner {
 public:
  void established(TlsSocket& socket) override {
    is_established = true;
    if (on_established) on_established(socket);
  }
  std::span<std::byte> room(TlsSocket&) override { return room_; }
  void received(TlsSocket& socket, std::size_t bytes) override {
    data.append(reinterpret_cast<const char*>(room_.data()), bytes);
    if (on_received) on_received(socket);
  }
  std::span<const std::byte> next_output(TlsSocket&) override {
    if (next == pieces.size()) return {};
    asked += pieces[next].size();
    return bytes_of(pieces[next++]);
  }
  void closed(TlsSocket&, const std::string& reason) override {
    EXPECT_FALSE(is_closed) << "told twice";
    is_closed = true;
    why = reason;
  }

  bool is_established = false, is_closed = false;
  std::string why, data;
  std::vector<std::string> pieces;  ///< to send
  std::size_t next = 0, asked = 0;
  std::function<void(TlsSocket&)> on_established, on_received;

 private:
  std::array<std::byte, 3000> room_;
};

class TlsLoop {
 public:
  static constexpr auto patience = std::chrono::seconds(20);

  /// Until it holds.
  template <class Holds>
  [[nodiscard]] bool run_until(Holds holds) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
      context.restart();
      context.run_one_until(end);
      if (std::chrono::steady_clock::now() >= end) return holds();
    }
    return true;
  }
  /// Two ends of a TCP connection on loopback.
  [[nodiscard]] std::pair<Socket, Socket> connection() {
    ListenSocket listener(context, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
    Socket one(context);
    one.connect(listener.local_endpoint());
    auto other = listener.accept();
    prepare(one);
    prepare(other);
    return {std::move(one), std::move(other)};
  }
  /// Its serial is the code of its first letter.
  [[nodiscard]] TlsContextPtr tls(const std::string& name, std::set<std::string> denied = {}) const {
    const auto now = certificate_now();
    const auto made = authority.issue({.names = "URI:skep://demo/node/" + name, .serial = name.front()});
    return TlsContext::make({authority.pem(), made.certificate, made.key, std::move(denied)}, now).value();
  }
  [[nodiscard]] TlsSocketPtr make(Socket socket, TlsContextPtr tls_context, TlsChannel::End end, TlsSocketOwner& owner,
                                  std::string expected = "", std::chrono::nanoseconds time = patience) {
    return new TlsSocket(std::move(socket), {std::move(tls_context), end, std::move(expected), scratch_, time}, owner);
  }

  boost::asio::io_context context{1};
  Authority authority;

 private:
  std::array<std::byte, 64u << 10> scratch_;
};

}  // namespace skep::test
