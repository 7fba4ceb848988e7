#pragma once
// What the two bare echo servers share: a listening socket on loopback and one thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>

namespace bench {

namespace asio = boost::asio;
// Concrete executors: the type-erased default costs an allocation or two per operation.
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, asio::io_context::executor_type>;

template <class Session>
void accept(Acceptor& acceptor) {
  acceptor.async_accept([&acceptor](boost::system::error_code error, Socket socket) {
    if (!error) {
      socket.set_option(asio::ip::tcp::no_delay(true));
      Session::start(std::make_unique<Session>(std::move(socket)));
    }
    accept<Session>(acceptor);
  });
}

/// Runs until the process is killed.
template <class Session>
void serve(std::uint16_t port) {
  asio::io_context io(1);
  Acceptor acceptor(io, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), port));
  acceptor.listen(4096);
  accept<Session>(acceptor);
  io.run();
}

}  // namespace bench
