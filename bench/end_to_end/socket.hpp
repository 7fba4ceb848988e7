#pragma once
// A connection of the load generator to a port of this machine, plain or with TLS.

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bench {

struct Freed {
  void operator()(SSL_CTX* context) const;
  void operator()(SSL* tls) const;
};
using TlsContext = std::unique_ptr<SSL_CTX, Freed>;

/// Of a client that trusts the authorities in a PEM file, speaks TLS 1.3, and shows no certificate.
[[nodiscard]] TlsContext tls_context(const std::string& authorities);

class Socket {
 public:
  /// Connects, and with `tls` shakes hands, which it waits for; reads and writes wait for nothing. Throws
  /// std::runtime_error, as all of it does.
  Socket(std::uint16_t port, SSL_CTX* tls);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }
  /// How many bytes; 0 if there are none for now. Throws if the server has closed.
  [[nodiscard]] std::size_t read(std::span<char> to);
  /// How many it took; 0 if none for now.
  [[nodiscard]] std::size_t write(std::string_view bytes);
  /// Something is decrypted and not read yet: no event will tell.
  [[nodiscard]] bool holds_more() const;

 private:
  void connect(std::uint16_t port);
  void shake_hands(SSL_CTX* context);

  int descriptor_;
  std::unique_ptr<SSL, Freed> tls_;
};

}  // namespace bench
