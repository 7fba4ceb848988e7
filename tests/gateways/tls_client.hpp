#pragma once
// The peer of a gateway with TLS, on OpenSSL alone: what it encrypts can be sent piece by piece, or not at all. A
// client, or the server of a gateway that connects.

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>
#include <string_view>
#include <utility>

#include "gateways/socket_client.hpp"
#include "gateways/tls_record.hpp"
#include "net/openssl.hpp"
#include "support/test_certificates.hpp"

namespace skep::testing {

struct TlsClientSetup {
  bool is_server = false;
  std::string authority{};  ///< whom it trusts; "": anybody, and a server asks for no certificate
  test::Credential own{};   ///< what it shows, if that is asked for
  std::string chain{};      ///< behind that
  int oldest = TLS1_2_VERSION;
  int newest = TLS1_3_VERSION;
  std::string ciphers{};  ///< of TLS 1.2
  int security_level = 0;
  std::string* secret = nullptr;  ///< it is told what it encrypts its data with: tell_secret
};

class TlsClient {
 public:
  TlsClient(const std::string& address, const TlsClientSetup& setup) : TlsClient(SocketClient(address), setup) {}
  TlsClient(SocketClient connected, const TlsClientSetup& setup)
      : socket_(std::move(connected)), context_(make_context(setup)) {
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    setup.is_server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
  }

  /// Whether it has gone well, as far as the client knows.
  bool shake() {
    for (;;) {
      clear_errors();
      const int result = SSL_do_handshake(ssl_.get());
      flush();
      if (result == 1) return true;
      if (SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ || !read_more()) return false;
    }
  }
  /// The hello alone.
  std::string hello() {
    SSL_do_handshake(ssl_.get());
    return take_output();
  }
  [[nodiscard]] std::string encrypt(std::string_view bytes) {
    std::string all;
    for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 16384))) {
      const auto piece = bytes.substr(0, 16384);
      EXPECT_EQ(SSL_write(ssl_.get(), piece.data(), static_cast<int>(piece.size())), static_cast<int>(piece.size()));
      all += take_output();
    }
    return all;
  }
  void send(std::string_view bytes) { socket_.send(encrypt(bytes)); }
  /// Says that nothing follows.
  void end_stream() {
    SSL_shutdown(ssl_.get());
    flush();
  }
  [[nodiscard]] SSL& ssl() { return *ssl_; }
  [[nodiscard]] SocketClient& socket() { return socket_; }
  [[nodiscard]] std::string take_output() {
    char* bytes = nullptr;
    auto* out = SSL_get_wbio(ssl_.get());
    const auto size = BIO_get_mem_data(out, &bytes);
    std::string taken(bytes, static_cast<std::size_t>(size));
    (void)BIO_reset(out);
    return taken;
  }
  void flush() {
    const auto bytes = take_output();
    if (!bytes.empty()) socket_.send_some(bytes);
  }

  /// The next line without its end; nothing once the gateway has closed.
  std::optional<std::string> line() {
    while (buffer_.find('\n') == std::string::npos) {
      if (!decrypt_more()) return std::nullopt;
    }
    return take(buffer_.find('\n'), 1);
  }
  std::string bytes(std::size_t count) {
    while (buffer_.size() < count && decrypt_more()) {
    }
    return take(std::min(count, buffer_.size()), 0);
  }
  std::string rest() {
    while (decrypt_more()) {
    }
    return take(buffer_.size(), 0);
  }
  /// The gateway has said that nothing follows, before the connection ended.
  [[nodiscard]] bool ended_in_order() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

 private:
  static SslContextPtr make_context(const TlsClientSetup& setup) {
    SslContextPtr context(SSL_CTX_new(TLS_method()));
    SSL_CTX_set_security_level(context.get(), setup.security_level);
    SSL_CTX_set_min_proto_version(context.get(), setup.oldest);
    SSL_CTX_set_max_proto_version(context.get(), setup.newest);
    if (!setup.ciphers.empty() && SSL_CTX_set_cipher_list(context.get(), setup.ciphers.c_str()) != 1) ADD_FAILURE();
    if (setup.secret != nullptr) tell_secret(*context, *setup.secret);
    if (!setup.authority.empty()) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), certificate_from_pem(setup.authority).get());
      SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    if (setup.own.certificate.empty()) return context;
    EXPECT_EQ(SSL_CTX_use_certificate(context.get(), certificate_from_pem(setup.own.certificate).get()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key_from_pem(setup.own.key).get()), 1);
    if (setup.chain.empty()) return context;
    const auto chain = certificates_from_pem(setup.chain).value();
    for (const auto& each : chain) SSL_CTX_add1_chain_cert(context.get(), each.get());
    return context;
  }
  std::string take(std::size_t count, std::size_t skip) {
    auto taken = buffer_.substr(0, count);
    buffer_.erase(0, count + skip);
    return taken;
  }
  bool read_more() {
    const auto bytes = socket_.some();
    if (bytes.empty()) return false;
    BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
    return true;
  }
  bool decrypt_more() {
    for (;;) {
      char room[16384];
      clear_errors();
      const int count = SSL_read(ssl_.get(), room, sizeof room);
      if (count > 0) {
        buffer_.append(room, static_cast<std::size_t>(count));
        return true;
      }
      if (SSL_get_error(ssl_.get(), count) != SSL_ERROR_WANT_READ || !read_more()) return false;
    }
  }

  SocketClient socket_;
  SslContextPtr context_;
  SslPtr ssl_;
  std::string buffer_;
};

}  // namespace skep::testing
