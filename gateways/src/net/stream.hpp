#pragma once
// A connection as its session sees it: a socket, or a socket with TLS on it, which shakes hands before all else.
//
// Without TLS each call is the socket's own, behind one branch. Threads: the I/O thread.

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "net/socket.hpp"
#include "net/tls_layer.hpp"

namespace skep {

/// Whether this is how a client of TLS begins: the header of a record with its hello.
[[nodiscard]] inline bool begins_tls(std::string_view bytes) noexcept {
  return bytes.size() >= 3 && bytes[0] == 0x16 && bytes[1] == 0x03 && bytes[2] >= 0 && bytes[2] <= 4;
}

/// Whether this is how a server of TLS ends what is no handshake: a record with an alert, whose two bytes are how grave
/// and what it is (RFC 8446, 6).
[[nodiscard]] inline bool is_tls_alert(std::string_view bytes) noexcept {
  return bytes.size() >= 7 && bytes[0] == 0x15 && bytes[1] == 0x03 && bytes[2] >= 0 && bytes[2] <= 4 && bytes[3] == 0 &&
         bytes[4] == 2 && (bytes[5] == 1 || bytes[5] == 2);
}

class Stream {
 public:
  using Failed = boost::system::error_code;

  explicit Stream(Socket socket) : socket_(std::move(socket)) {}
  /// With TLS, and its hands are still to be shaken.
  Stream(Socket socket, SslPtr ssl)
      : socket_(std::move(socket)), tls_(std::make_unique<TlsLayer>(std::move(ssl), socket_.native_handle())) {}

  /// As TlsLayer. Only with TLS, and before all else.
  [[nodiscard]] TlsLayer::Shake shake() { return tls_->shake(); }
  /// `handler(Failed)` once there is what `shake` wants.
  template <class Handler>
  void await_shake(TlsLayer::Shake wanted, Handler handler) {
    const auto what = wanted == TlsLayer::Shake::wants_room ? Socket::wait_write : Socket::wait_read;
    socket_.async_wait(what, std::move(handler));
  }

  /// `handler(Failed)` once: there is something to read, or the end. After a read that has brought something, or
  /// would have blocked.
  template <class Handler>
  void await_input(Handler handler) {
    if (!tls_ || !tls_->has_input()) return socket_.async_wait(Socket::wait_read, std::move(handler));
    boost::asio::post(socket_.get_executor(), [handler = std::move(handler)]() mutable { handler(Failed()); });
  }
  /// The same, for room to write.
  template <class Handler>
  void await_room(Handler handler) {
    socket_.async_wait(Socket::wait_write, std::move(handler));
  }
  /// The same, for the loss of the connection.
  template <class Handler>
  void await_error(Handler handler) {
    socket_.async_wait(Socket::wait_error, std::move(handler));
  }

  /// `eof` where the client has ended its side; with TLS only where it has said so.
  [[nodiscard]] std::size_t read_some(std::span<char> room, Failed& failed) {
    if (tls_ && !tls_->finished()) return tls_->read(room, failed);
    return socket_.read_some(boost::asio::buffer(room.data(), room.size()), failed);
  }

  /// How much was taken. With TLS that may be here still, and not with the system: see `holds`.
  std::size_t write_some(std::string_view bytes, Failed& failed) {
    if (!tls_) return socket_.write_some(boost::asio::buffer(bytes), failed);
    const boost::asio::const_buffer piece(bytes.data(), bytes.size());
    return tls_->write(std::span(&piece, bytes.empty() ? 0 : 1), failed);
  }
  std::size_t write_some(std::span<const boost::asio::const_buffer> pieces, Failed& failed) {
    return tls_ ? tls_->write(pieces, failed) : socket_.write_some(Pieces(pieces), failed);
  }
  /// Something was taken that the system has not taken yet: write again, if with nothing, when there is room.
  [[nodiscard]] bool holds() const noexcept { return tls_ && tls_->holds(); }

  /// Ends this side, once it holds nothing; what still comes is read as it is, for it is only thrown away.
  /// `would_block`: again when there is room.
  void shutdown_send(Failed& failed) {
    if (tls_) tls_->finish(failed);
    if (!tls_ || !failed) socket_.shutdown(Socket::shutdown_send, failed);
  }
  /// With TLS, before a `close` in good order: says that nothing follows, if that can be said at once.
  void say_end() noexcept {
    Failed ignored;
    if (tls_) tls_->finish(ignored);
  }
  /// What has come, at once: see skep::acknowledge_now.
  void acknowledge_now() noexcept { skep::acknowledge_now(socket_); }
  void reset_on_close() noexcept { skep::reset_on_close(socket_); }
  void close() noexcept {
    Failed ignored;
    socket_.close(ignored);
  }

  [[nodiscard]] bool has_tls() const noexcept { return tls_ != nullptr; }
  [[nodiscard]] std::string peer() const { return peer_of(socket_); }
  /// As TlsLayer; "" without TLS.
  [[nodiscard]] std::string client_subject() const { return tls_ ? tls_->client_subject() : std::string(); }
  /// The peer has ended it by an alert of TLS.
  [[nodiscard]] bool refused() const noexcept { return tls_ && tls_->refused(); }
  /// Why a call has failed, in words.
  [[nodiscard]] std::string why(const Failed& failed) const {
    return tls_ && !tls_->why().empty() ? tls_->why() : failed.message();
  }

 private:
  /// For Asio: the first of an array.
  class Pieces {
   public:
    using value_type = boost::asio::const_buffer;
    using const_iterator = const value_type*;

    explicit Pieces(std::span<const value_type> pieces) : pieces_(pieces) {}
    [[nodiscard]] const_iterator begin() const noexcept { return pieces_.data(); }
    [[nodiscard]] const_iterator end() const noexcept { return pieces_.data() + pieces_.size(); }

   private:
    std::span<const value_type> pieces_;
  };

  Socket socket_;
  std::unique_ptr<TlsLayer> tls_;
};

}  // namespace skep
