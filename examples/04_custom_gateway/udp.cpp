#include "udp.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "skep/gateways/host_port.hpp"

namespace example {
namespace {

constexpr int reads_at_once = 64;  // then other gateways have their turn
constexpr std::chrono::seconds log_interval{10};

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

bool looks_like_an_answer(std::string_view datagram) {
  return datagram.starts_with("= ") || datagram.starts_with("! ");
}

}  // namespace

Address Address::of(const std::string& text) {
  const auto parsed = skep::parse_host_port(text);
  if (!parsed) throw std::invalid_argument(parsed.error().message);
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;  // a name server would be waited for
  hints.ai_socktype = SOCK_DGRAM;
  const auto host = parsed->host == "localhost" ? "127.0.0.1" : parsed->host;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(parsed->port).c_str(), &hints, &found) != 0) {
    throw std::invalid_argument("'" + text + "' is no address: it is to be of numbers");
  }
  Address address;
  address.size = found->ai_addrlen;
  std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
              reinterpret_cast<char*>(&address.bytes));
  ::freeaddrinfo(found);
  return address;
}

std::string Address::text() const {
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (::getnameinfo(get(), size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) return "";
  return bytes.ss_family == AF_INET6 ? "[" + std::string(host) + "]:" + port : std::string(host) + ":" + port;
}

Udp::~Udp() {
  if (socket_ >= 0) ::close(socket_);
}

void Udp::on_start(skep::GatewayContext& context) {
  context_ = &context;
  if (context.delivers() && options_.peer.empty())
    throw std::invalid_argument("'peer' says where records go: it is missing");
  if (!options_.peer.empty()) peer_ = Address::of(options_.peer);
  auto own = Address::of(options_.listen);
  socket_ = ::socket(own.bytes.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) fail("cannot open a socket");
  if (::bind(socket_, own.get(), own.size) != 0) fail("cannot listen on " + options_.listen);
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&own.bytes), &own.size) != 0) fail("getsockname");
  room_.resize(options_.datagram_bytes_max.bytes + 2);  // and a line end, which does not count
  context.set_address(own.text());
  context.watch(socket_);
}

void Udp::on_readable(int) {
  for (int i = 0; i < reads_at_once; ++i) {
    Address from;
    from.size = sizeof from.bytes;
    const auto size = ::recvfrom(socket_, room_.data(), room_.size(), MSG_TRUNC,
                                 reinterpret_cast<sockaddr*>(&from.bytes), &from.size);
    if (size > std::ssize(room_)) {  // the size that it had
      count(too_long);
    } else if (size >= 0) {
      take(from, {room_.data(), static_cast<std::size_t>(size)});
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return;
    }  // else the error of an earlier datagram, which nobody waits for
  }
}

void Udp::take(const Address& from, std::string_view datagram) {
  while (!datagram.empty() && (datagram.back() == '\n' || datagram.back() == '\r')) datagram.remove_suffix(1);
  if (datagram.empty()) return count(empty);
  if (datagram.size() > options_.datagram_bytes_max.bytes) return count(too_long);
  if (looks_like_an_answer(datagram)) return count(is_answer);
  skep::Submission submission{.payload = skep::Payload::raw(datagram), .key = from.text()};
  if (context_->answers()) {
    submission.session = session_of(from);
    if (submission.session == skep::GatewaySession::none) return count(refused);
  }
  if (!context_->submit(std::move(submission))) count(refused);
}

/// Opens one for a sender that is new; the one that was heard longest ago makes room for it.
skep::GatewaySession Udp::session_of(const Address& from) {
  auto text = from.text();
  if (const auto known = by_text_.find(text); known != by_text_.end()) {
    sources_.splice(sources_.end(), sources_, known->second);
    return known->second->session;
  }
  if (std::ssize(sources_) >= options_.sources_max) forget(sources_.begin());
  const auto opened = context_->open_session();
  if (!opened) return skep::GatewaySession::none;
  const auto source = sources_.insert(sources_.end(), Source{from, std::move(text), *opened});
  by_text_.emplace(source->text, source);
  by_session_.emplace(source->session, source);
  return *opened;
}

void Udp::forget(Sources::iterator source) {
  context_->close_session(source->session);  // what it asked for is cancelled
  by_text_.erase(source->text);
  by_session_.erase(source->session);
  sources_.erase(source);
  count(forgotten);
}

void Udp::on_answer(const skep::Answered& answer) {
  const auto source = by_session_.find(answer.session);
  if (source == by_session_.end()) return;  // nobody answers here: a refusal, which no sender hears of
  send(source->second->address,
       answer.ok() ? "= " + answer.text() : "! " + std::string(to_string(answer.failure->code)));
}

void Udp::deliver(const skep::Record& record) {
  send(peer_, record.text());
}

/// A datagram may be lost anywhere, so here too.
void Udp::send(const Address& to, std::string_view text) {
  if (::sendto(socket_, text.data(), text.size(), MSG_NOSIGNAL, to.get(), to.size) < 0) count(unsent);
}

void Udp::count(Odd what) {
  ++odd_[what];
  if (std::exchange(counting_, true)) return;
  static_cast<void>(context_->start_timer(log_interval));
}

void Udp::on_timer(skep::TimerId) {
  constexpr const char* names[odds] = {"empty",     "too long (datagram_bytes_max)",   "answers, passed over",
                                       "not taken", "senders forgotten (sources_max)", "could not be sent"};
  std::string text;
  for (int what = 0; what < odds; ++what) {
    const auto count = std::exchange(odd_[what], 0);
    if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + names[what];
  }
  counting_ = false;
  context_->log(skep::LogLevel::warning, "datagrams of the last 10s: " + text);
}

}  // namespace example
