// Two processes with one TLS 1.3 connection and nothing else: OpenSSL, blocking sockets, certificates on both sides.
//
// bulk: SSL_write of 16 KiB here, SSL_read of 16 KiB there, as fast as the socket takes them; what was written counts
// once the receiver confirms that it has all. round-trip: one record of 100 bytes there and back.
//
// Usage: raw_tls --work bulk|round-trip --certificates DIR [--milliseconds N] [--warm-up-milliseconds N]
// Prints {"megabytes_per_s"} or {"p50_us", "p99_us"}.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "support/two_nodes.hpp"

namespace {

constexpr std::size_t piece_bytes = 16384;

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

void check(bool holds, const char* what) {
  if (holds) return;
  ERR_print_errors_fp(stderr);
  bench::Arguments::fail(std::string("raw_tls: ") + what);
}

/// One end of the connection; the other must have a certificate of the same authority.
class Stream {
 public:
  Stream(const bench::TwoNodes& settings, const std::string& name, int socket)
      : context_(SSL_CTX_new(TLS_method())), ssl_(prepare(settings, name)) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    check(SSL_set_fd(ssl_.get(), socket) == 1, "socket");
  }

  void connect() { check(SSL_connect(ssl_.get()) == 1, "connect"); }
  void accept() { check(SSL_accept(ssl_.get()) == 1, "accept"); }

  void write(const char* bytes, std::size_t size) {
    check(SSL_write(ssl_.get(), bytes, static_cast<int>(size)) == static_cast<int>(size), "write");
  }

  /// What has come, at most `size`; 0 once the peer has closed.
  [[nodiscard]] std::size_t read(char* bytes, std::size_t size) {
    const int got = SSL_read(ssl_.get(), bytes, static_cast<int>(size));
    check(got > 0 || SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN, "read");
    return got > 0 ? static_cast<std::size_t>(got) : 0;
  }

  void close() { check(SSL_shutdown(ssl_.get()) >= 0, "close"); }

 private:
  [[nodiscard]] SSL* prepare(const bench::TwoNodes& settings, const std::string& name) {
    auto* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    check(SSL_CTX_load_verify_locations(context, settings.file("ca.pem").c_str(), nullptr) == 1, "ca.pem");
    check(SSL_CTX_use_certificate_chain_file(context, settings.file(name + ".pem").c_str()) == 1, "certificate");
    check(SSL_CTX_use_PrivateKey_file(context, settings.file(name + ".key").c_str(), SSL_FILETYPE_PEM) == 1, "key");
    return SSL_new(context);
  }

  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int accept_one(const bench::Announce& announce) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  check(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(listener, 1) == 0 &&
            ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0,
        "listen");
  announce(ntohs(address.sin_port));
  return ::accept(listener, nullptr, nullptr);
}

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  check(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "connect");
  return socket;
}

void receive(const bench::TwoNodes& settings, const bench::Announce& announce) {
  Stream stream(settings, "receiver", accept_one(announce));
  stream.accept();
  std::array<char, piece_bytes> bytes;
  while (const auto size = stream.read(bytes.data(), bytes.size())) {
    if (settings.work == bench::Work::round_trip) stream.write(bytes.data(), size);
  }
  if (settings.work == bench::Work::bulk) stream.write("k", 1);
}

void send_bulk(Stream& stream, const bench::TwoNodes& settings) {
  const std::string piece(piece_bytes, 'x');
  bench::Meter meter(settings);
  do {
    stream.write(piece.data(), piece.size());
  } while (meter.add(1));
  stream.close();
  char confirmation = 0;
  check(stream.read(&confirmation, 1) == 1, "confirmation");
  bench::print_rate(settings.work, meter.per_second_until_now() * piece_bytes / bench::bulk_bytes);
}

void ping(Stream& stream, const bench::TwoNodes& settings) {
  std::array<char, bench::record_bytes> record;
  record.fill('x');
  bench::Samples round_trips;
  bench::Meter meter(settings);
  do {
    const auto sent = bench::Clock::now();
    stream.write(record.data(), record.size());
    check(stream.read(record.data(), record.size()) == record.size(), "answer");
    if (meter.measuring()) round_trips.add(bench::Clock::now() - sent);
  } while (meter.add(1));
  bench::print_round_trips(round_trips);
}

void send(const bench::TwoNodes& settings, std::uint16_t port) {
  Stream stream(settings, "sender", connect_to(port));
  stream.connect();
  if (settings.work == bench::Work::bulk) return send_bulk(stream, settings);
  check(settings.work == bench::Work::round_trip, "the work is bulk or round-trip");
  ping(stream, settings);
}

}  // namespace

int main(int argc, char** argv) {
  bench::play<bench::TwoNodes>(argc, argv, receive, send);
}
