#include "end_to_end/client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace bench {
namespace {

constexpr std::size_t digits = 8;

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int connect_to(std::uint16_t port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const int on = 1;
  if (::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("setsockopt");
  if (::fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0) fail("fcntl");
  return descriptor;
}

void write_hex(std::uint32_t value, char* end) {
  for (std::size_t i = 0; i < digits; ++i, value >>= 4) *--end = "0123456789abcdef"[value & 15];
}

}  // namespace

Client::Client(Protocol protocol, std::uint32_t number, std::uint16_t port, Load& load)
    : load_(load),
      wire_(protocol, number * 2654435761u),
      number_(number),
      descriptor_(connect_to(port)),
      payload_(load.payload) {
  wire_.open(out_);
  flush();
}

Client::~Client() {
  ::close(descriptor_);
}

void Client::start() {
  const auto now = Clock::now();
  for (std::uint32_t i = 0; i < load_.in_flight; ++i) request(now);
  flush();
}

void Client::read() {
  static thread_local std::array<char, 65536> buffer;
  const auto size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) fail("recv");
  if (size == 0) throw WireError("connection closed by the server");
  wire_.feed({buffer.data(), static_cast<std::size_t>(size)});
  if (!wire_.opened()) return;
  const auto now = Clock::now();
  while (const auto answer = wire_.next(out_)) take(*answer, now);
  flush();
}

void Client::flush() {
  while (!out_.empty()) {
    const auto size = ::send(descriptor_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EAGAIN) return;
    if (size < 0 && errno != EINTR) fail("send");
    if (size > 0) out_.erase(0, static_cast<std::size_t>(size));
  }
}

void Client::request(Clock::time_point now) {
  wire_.send(payload_of(requests_++), out_);
  sent_at_.push_back(now);
  ++load_.sent;
}

void Client::take(std::string_view answer, Clock::time_point now) {
  if (answers_ == requests_) throw WireError("an answer to nothing: " + std::string(answer));
  if (answer != payload_of(answers_)) {
    throw WireError("expected " + payload_ + ", got " + std::string(answer.substr(0, 500)));
  }
  ++answers_;
  ++load_.answered;
  if (now >= load_.measure_from && now < load_.measure_until) {
    ++load_.measured;
    load_.latencies.add(now - sent_at_.front());
  }
  sent_at_.pop_front();
  if (load_.sending) request(now);
}

std::string_view Client::payload_of(std::uint32_t request) {
  const auto end = payload_.data() + payload_.size() - 2;  // before `"}`
  write_hex(request, end);
  write_hex(number_, end - digits);
  return payload_;
}

}  // namespace bench
