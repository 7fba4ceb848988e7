#include "net/socket.hpp"

#include <netinet/tcp.h>

#include "skep/gateways/host_port.hpp"

namespace skep {

std::string to_string(const Tcp::endpoint& endpoint) {
  return to_string(HostPort{endpoint.address().to_string(), endpoint.port()});
}

std::string peer_of(const Socket& socket) {
  boost::system::error_code failed;
  const auto endpoint = socket.remote_endpoint(failed);
  return failed ? "closed" : to_string(endpoint);
}

void prepare(Socket& socket) noexcept {
  boost::system::error_code ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  socket.set_option(boost::asio::socket_base::keep_alive(true), ignored);
  socket.non_blocking(true, ignored);
}

void acknowledge_now(Socket& socket) noexcept {
  using QuickAck = boost::asio::detail::socket_option::boolean<IPPROTO_TCP, TCP_QUICKACK>;
  boost::system::error_code ignored;
  socket.set_option(QuickAck(true), ignored);
}

void reset_on_close(Socket& socket) noexcept {
  boost::system::error_code ignored;
  socket.set_option(boost::asio::socket_base::linger(true, 0), ignored);
}

}  // namespace skep
