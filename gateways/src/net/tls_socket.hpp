#pragma once
// A TLS connection between members of a cluster, on its socket.
//
//   handshaking  for so long at the most
//   established  data goes both ways
//   finishing    what waited has gone, the peer was told that nothing follows; its own end is waited for
//   closed
//
// What waits to be sent is its owner's: it is asked for the next piece when the socket takes more, so a peer that reads
// slowly costs no second copy of it. Small pieces share one record of TLS. What arrives goes where the owner says.
// Lifetime: as long as its owner or a pending wait: `close` or `finish` before the owner goes. Threads: its
// io_context's, which holds it in all it does; another one that gets hold of it may send while it is idle.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "net/socket.hpp"
#include "net/tls_channel.hpp"
#include "net/wakeup.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {

class TlsSocket;

class TlsSocketOwner {
 public:
  /// The peer's certificate is right: `TlsSocket::peer`. As a client, the peer may still refuse this one.
  virtual void established(TlsSocket& socket) = 0;
  /// Where what arrives next is put, not empty; then how much it was.
  [[nodiscard]] virtual std::span<std::byte> room(TlsSocket& socket) = 0;
  virtual void received(TlsSocket& socket, std::size_t bytes) = 0;
  /// No more is received in this turn of the thread.
  virtual void turn_ends(TlsSocket&) {}
  /// What is to be sent next; empty: nothing. It stays there until the next call.
  [[nodiscard]] virtual std::span<const std::byte> next_output(TlsSocket& socket) = 0;
  /// It is over; the last call. `why` is "" where the peer has ended it in good order.
  virtual void closed(TlsSocket& socket, const std::string& why) = 0;

 protected:
  ~TlsSocketOwner() = default;
};

class TlsSocket : public boost::intrusive_ref_counter<TlsSocket, boost::thread_unsafe_counter> {
 public:
  struct Settings {
    TlsContextPtr context;
    TlsChannel::End end = TlsChannel::End::server;
    std::string expected{};        ///< the peer's name; "": any
    std::span<std::byte> scratch;  ///< for one read at a time; shared by all sockets of the thread
    std::chrono::nanoseconds handshake_time_max = limits::tls_handshake_time_max;
  };

  /// `socket` is connected and non-blocking (`prepare`). `owner` outlives this, or closes it, or hands it over.
  TlsSocket(Socket socket, Settings settings, TlsSocketOwner& owner);

  /// Begins to shake hands.
  void start();
  /// There is something to send.
  void send();
  /// Whom the next calls go to.
  void hand_over(TlsSocketOwner& owner) noexcept { owner_ = &owner; }
  /// Ends in good order: takes what the owner still has, which then hears no more, and waits for limits::close_time_max
  /// until that has gone and the peer has ended it. What arrives is dropped. `then`, whose owner hears no more either,
  /// is finished when this one is over: so a peer that ends both for the end of one has read all of this one.
  void finish(boost::intrusive_ptr<TlsSocket> then = nullptr);
  /// Ends at once; the owner hears no more.
  void close() noexcept;

  using Hold = std::unique_lock<std::recursive_mutex>;
  [[nodiscard]] Hold hold() const { return Hold(turn_); }
  /// Any thread. Waits for nobody: it may be that nothing is held.
  [[nodiscard]] Hold try_hold() const { return Hold(turn_, std::try_to_lock); }
  /// Held: nothing waits in it for the socket, and it may send.
  [[nodiscard]] bool idle() const noexcept;
  /// Held and idle, any thread. Returns whether all has gone; the rest goes with the next `send`.
  [[nodiscard]] bool send_now(std::span<const std::byte> bytes);

  [[nodiscard]] const std::string& address() const noexcept { return address_; }      ///< the peer's
  [[nodiscard]] const Certificate& peer() const noexcept { return channel_.peer(); }  ///< once established
  [[nodiscard]] bool established() const noexcept { return established_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  void await_input();
  void await_room();
  void on_readable();
  void feed(std::span<const std::byte> bytes);
  void deliver();
  void end_of_input();
  [[nodiscard]] bool refill();
  void take_output(std::size_t mark);
  void gather(std::span<const std::byte> piece);
  void write_gathered();
  void leave();
  void overdue();
  void end(const std::string& why);

  mutable std::recursive_mutex turn_;  // over all that is below, once it has started
  Socket socket_;
  std::string address_;
  TlsChannel channel_;
  std::chrono::nanoseconds handshake_time_max_;
  std::span<std::byte> scratch_;
  TlsSocketOwner* owner_;  ///< null from its end on
  WakeupPtr deadline_;
  std::vector<std::byte> gathered_;  ///< small pieces that are to be one record
  std::string out_;                  ///< encrypted
  std::size_t sent_ = 0;             ///< of out_
  boost::intrusive_ptr<TlsSocket> then_;
  bool open_ = true;
  bool finishing_ = false;
  bool established_ = false;  ///< and the owner was told
  bool reading_ = false;
  bool writing_ = false;
};

using TlsSocketPtr = boost::intrusive_ptr<TlsSocket>;

}  // namespace skep
