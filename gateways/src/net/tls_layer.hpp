#pragma once
// TLS between a session and the socket of its peer: either end.
//
// It reads from the socket and writes to it by itself, and never waits: its user waits for the socket, unless
// `has_input` says that a read may bring something though the socket is silent. What the socket does not take is kept
// here, encrypted, one record and what TLS itself has to say at the most; nothing more is encrypted before that is out.
// Lifetime: not longer than the socket. Threads: one at a time.

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "net/tls_io.hpp"

namespace skep {

class TlsLayer {
 public:
  enum class Shake : std::uint8_t {
    wants_input,
    wants_room,
    done,
    failed,  ///< `why` has the reason
  };

  /// `ssl` has nothing but its settings yet.
  TlsLayer(SslPtr ssl, int socket);
  TlsLayer(const TlsLayer&) = delete;
  TlsLayer& operator=(const TlsLayer&) = delete;

  /// Goes on with the handshake as far as it gets. Before all else, until it is done.
  [[nodiscard]] Shake shake();

  /// As a socket's: `would_block`, and `eof` for a peer that has said that nothing follows. One that has gone without
  /// saying so has failed: what it sent may have been cut by somebody else.
  [[nodiscard]] std::size_t read(std::span<char> room, boost::system::error_code& failed);
  [[nodiscard]] bool has_input() const noexcept { return ready_ && !finished_; }

  /// Takes some of the pieces, as one record; without any it sends what it holds. `would_block`: it still holds some.
  std::size_t write(std::span<const boost::asio::const_buffer> pieces, boost::system::error_code& failed);
  [[nodiscard]] bool holds() const noexcept { return !out_.empty(); }

  /// Says that nothing follows. `would_block`: call again when there is room.
  void finish(boost::system::error_code& failed);
  [[nodiscard]] bool finished() const noexcept { return finished_; }

  /// Whose certificate the client has shown, cut at limits::subject_bytes_max; "" where none was asked for.
  [[nodiscard]] std::string client_subject() const;
  /// The failure was an alert of the peer's.
  [[nodiscard]] bool refused() const noexcept { return peer_refuses_; }
  /// Of the last failure.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

 private:
  friend class TlsIo<TlsLayer>;

  [[nodiscard]] std::size_t take(std::span<char> room) noexcept;
  void give(std::string_view bytes) noexcept;
  [[nodiscard]] bool over() const noexcept { return ended_ || failed_; }
  void begin_turn() noexcept;
  [[nodiscard]] bool conclude(int result);
  void tell_peer_without_tls() const noexcept;
  void fail(const std::string& why);
  void fail_with(int number);
  [[nodiscard]] bool flush(boost::system::error_code& failed);
  [[nodiscard]] bool judge(bool good, X509_STORE_CTX& chain);
  [[nodiscard]] std::string reason() const;

  SslPtr ssl_;
  int socket_;
  std::string out_;  ///< encrypted, and not taken by the socket yet
  std::size_t sent_ = 0;
  std::string why_;
  std::string refused_;               ///< what was wrong with the peer's certificate
  boost::system::error_code failed_;  ///< nothing goes any more
  std::size_t received_ = 0;          ///< in all
  std::size_t turn_bytes_ = 0;        ///< that this call may still read
  std::uint32_t messages_ = 0;        ///< of TLS itself since the last data
  bool established_ = false;
  bool peer_refuses_ = false;
  bool input_ended_ = false;  ///< the peer has said that nothing follows
  bool ended_ = false;        ///< the socket's end was read
  bool drained_ = false;      ///< the socket had no more
  bool ready_ = false;
  bool finished_ = false;
};

}  // namespace skep
