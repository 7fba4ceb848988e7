#pragma once
// Asio's sockets with a concrete executor: measurably cheaper than the type-erased default.

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace skep {

using Tcp = boost::asio::ip::tcp;
using Socket = boost::asio::basic_stream_socket<Tcp, boost::asio::io_context::executor_type>;
using ListenSocket = boost::asio::basic_socket_acceptor<Tcp, boost::asio::io_context::executor_type>;

/// "127.0.0.1:51234", or "closed".
[[nodiscard]] std::string peer_of(const Socket& socket);
[[nodiscard]] std::string to_string(const Tcp::endpoint& endpoint);
/// No delay, keep-alive, non-blocking: what every connection here has. A failure shows at the first read.
void prepare(Socket& socket) noexcept;
/// Acknowledges at once what has come. Else a client that sends its next bytes only after that (Nagle's algorithm, RFC
/// 896) waits for as long as the kernel waits for an answer to send it with, 40 ms.
void acknowledge_now(Socket& socket) noexcept;
/// When the socket closes, what the kernel has not sent yet goes, and the peer sees a reset: for one that reads
/// nothing, or the kernel would keep megabytes for it long after.
void reset_on_close(Socket& socket) noexcept;

}  // namespace skep
