#pragma once
// One end of a TLS connection between members of a cluster, without its socket: bytes in, bytes out. Pure but for
// chance.
//
//   handshaking   each side shows its certificate and judges the other's
//   established   data goes both ways
//   closed        `why` says for what reason; empty: the peer has finished in good order
//
// A peer's certificate must be signed by a trusted authority, valid, for this side of a connection, and of a node of
// the same cluster, with the name that is expected where one is; its serial must not be denied. A client is established
// before the server has judged its certificate (RFC 8446, 4.6.2): a link is up only once the peer has sent something.
//
// Input is used where it lies: what is fed must stay there until `read` has returned 0. Output gathers until it is
// taken. Not movable: OpenSSL points to it. Threads: one at a time; errors of OpenSSL do not leave a call.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/tls_context.hpp"
#include "net/tls_io.hpp"

namespace skep {

class TlsChannel {
 public:
  enum class End : std::uint8_t { client, server };
  enum class State : std::uint8_t { handshaking, established, closed };

  /// A client has its first bytes to send at once. `expected`: the peer's name; "": any.
  TlsChannel(TlsContextPtr context, End end, std::string expected = "");
  TlsChannel(const TlsChannel&) = delete;
  TlsChannel& operator=(const TlsChannel&) = delete;

  /// Bytes from the peer. All that was fed before has been read (asserted).
  void feed(std::span<const std::byte> bytes);
  /// Data from the peer, as much as there is room for; 0: no more until something is fed.
  [[nodiscard]] std::size_t read(std::span<std::byte> room);
  /// Data for the peer. Only while established (asserted).
  void write(std::span<const std::byte> data);
  /// Tells the peer that nothing follows. What it has sent can still be read.
  void finish();
  /// The connection below has ended: after `finish` of the peer that is in order.
  void end();

  /// What is to be sent: append-only; whoever sends it swaps it for an empty one.
  [[nodiscard]] std::string& output() noexcept { return output_; }
  [[nodiscard]] State state() const noexcept { return state_; }
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  /// The peer's, once established.
  [[nodiscard]] const Certificate& peer() const noexcept { return peer_; }

 private:
  friend class TlsIo<TlsChannel>;

  [[nodiscard]] std::size_t take(std::span<char> room) noexcept;
  void give(std::string_view bytes) noexcept { output_.append(bytes); }
  [[nodiscard]] bool over() const noexcept { return ended_; }
  void shake();
  void conclude(int result);
  void close(const std::string& why);
  [[nodiscard]] std::string reason() const;
  [[nodiscard]] bool judge(bool good, X509_STORE_CTX& chain);
  [[nodiscard]] std::string judge_identity() const;

  TlsContextPtr context_;
  std::string expected_;
  SslPtr ssl_;
  State state_ = State::handshaking;
  std::string why_;
  std::string refused_;  ///< what was wrong with the peer's certificate
  Certificate peer_;
  std::span<const std::byte> input_;
  std::string output_;
  bool ended_ = false;  ///< the connection below
  std::size_t handshake_bytes_ = 0;
  std::uint32_t messages_ = 0;  ///< of the protocol, since the last byte of data
};

}  // namespace skep
