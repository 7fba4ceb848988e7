#include "end_to_end/socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace bench {
namespace {

constexpr const char* closed = "connection closed by the server";

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

[[noreturn]] void fail_tls(const char* what) {
  const auto code = ERR_get_error();
  throw std::runtime_error(std::string(what) + ": " + (code == 0 ? closed : ERR_error_string(code, nullptr)));
}

}  // namespace

void Freed::operator()(SSL_CTX* context) const {
  SSL_CTX_free(context);
}

void Freed::operator()(SSL* tls) const {
  SSL_free(tls);
}

TlsContext tls_context(const std::string& authorities) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_load_verify_file(context.get(), authorities.c_str()) != 1) fail_tls("authorities");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(context.get()), "127.0.0.1");
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);  // records that came together are read with one call
  return context;
}

Socket::Socket(std::uint16_t port, SSL_CTX* tls) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0) fail("socket");
  connect(port);
  if (tls != nullptr) shake_hands(tls);
  if (::fcntl(descriptor_, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
}

Socket::~Socket() {
  ::close(descriptor_);
}

void Socket::connect(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int on = 1;
  if (::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt");
}

void Socket::shake_hands(SSL_CTX* context) {
  tls_.reset(SSL_new(context));
  if (!tls_ || SSL_set_fd(tls_.get(), descriptor_) != 1 || SSL_connect(tls_.get()) != 1) fail_tls("TLS");
}

std::size_t Socket::read(std::span<char> to) {
  if (tls_) {
    std::size_t size = 0;
    if (SSL_read_ex(tls_.get(), to.data(), to.size(), &size) == 1) return size;
    if (SSL_get_error(tls_.get(), 0) != SSL_ERROR_WANT_READ) fail_tls("read");
    return 0;
  }
  const auto size = ::recv(descriptor_, to.data(), to.size(), 0);
  if (size > 0) return static_cast<std::size_t>(size);
  if (size == 0) throw std::runtime_error(closed);
  if (errno != EAGAIN && errno != EINTR) fail("recv");
  return 0;
}

std::size_t Socket::write(std::string_view bytes) {
  if (tls_) {
    std::size_t size = 0;
    if (SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &size) == 1) return size;
    if (SSL_get_error(tls_.get(), 0) != SSL_ERROR_WANT_WRITE) fail_tls("write");
    return 0;
  }
  const auto size = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (size >= 0) return static_cast<std::size_t>(size);
  if (errno != EAGAIN && errno != EINTR) fail("send");
  return 0;
}

bool Socket::holds_more() const {
  return tls_ && SSL_has_pending(tls_.get()) == 1;
}

}  // namespace bench
