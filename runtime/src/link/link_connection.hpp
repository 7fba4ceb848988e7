#pragma once
// One connection of a link: messages out and in, over TLS.
//
// Messages wait here as the frames that their senders made, and are encrypted when the socket takes them. Whatever is
// no message ends the connection, with the reason told to its owner.
// Lifetime: `close` or `finish` before its owner goes. Threads: the links'.

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "link/link_frame.hpp"
#include "link/link_message.hpp"
#include "link/link_meter.hpp"
#include "net/tls_socket.hpp"

namespace skep {

class LinkConnection;

class LinkConnectionOwner {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// A connection that was dialled is there; the peer may still refuse it.
  virtual void opened(LinkConnection& connection) = 0;
  virtual void came(LinkConnection& connection, LinkMessage message, Time now) = 0;
  /// No more comes in this turn of the thread.
  virtual void turn_ends() = 0;
  /// It is over; the last call. `why` is "" where the peer has ended it in good order.
  virtual void ended(LinkConnection& connection, const std::string& why) = 0;

 protected:
  ~LinkConnectionOwner() = default;
};

class LinkConnection final : public boost::intrusive_ref_counter<LinkConnection, boost::thread_unsafe_counter>,
                             private TlsSocketOwner {
 public:
  /// `meter` outlives it.
  LinkConnection(LinkConnectionOwner& owner, LinkMeter& meter) : owner_(owner), meter_(meter) {}
  ~LinkConnection();

  /// One that was accepted: established.
  void take(TlsSocketPtr socket);
  /// One that was dialled.
  void open(Socket socket, TlsSocket::Settings settings);

  /// Frames of whole messages, as the encoder makes them; `flush` sends what waits.
  void queue(Buffer frames);
  void flush();
  void send(Buffer frames) {
    queue(std::move(frames));
    flush();
  }
  /// The other node has said hello: from here on it may say more than that.
  void take_all() noexcept { reader_.take(LinkFrameReader::Take::all); }
  enum class Sent : std::uint8_t {
    no,
    all,
    in_part,  ///< the rest goes with the next `flush`
  };
  /// Any thread, as long as this is open: a message of one frame goes out at once, if nothing waits, nobody else is at
  /// it, and something has come from the other node since this was done last. So whoever asks and waits, or answers,
  /// does not wait for the links' thread, too, and streams still share records of TLS: as Nagle's algorithm has it (RFC
  /// 896).
  [[nodiscard]] Sent try_send(const Buffer& frame);
  /// Nobody else sends meanwhile.
  [[nodiscard]] TlsSocket::Hold hold() const { return socket_->hold(); }
  /// Ends when what waits has gone, also where this has gone before; the owner hears no more.
  void finish();
  /// The same, and `then` after it.
  void finish(LinkConnection& then);
  /// The same, and tells the peer why.
  void refuse(const std::string& why);
  /// Ends at once, but for what was finished, which ends by itself; the owner hears no more.
  void close() noexcept;

  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }
  /// When the socket took some of it, or it began to wait.
  [[nodiscard]] std::chrono::steady_clock::time_point moved_at() const noexcept { return moved_at_; }
  [[nodiscard]] const Certificate& peer() const noexcept { return socket_->peer(); }        ///< once opened
  [[nodiscard]] const std::string& address() const noexcept { return socket_->address(); }  ///< the peer's

 private:
  void established(TlsSocket& socket) override;
  std::span<std::byte> room(TlsSocket& socket) override;
  void received(TlsSocket& socket, std::size_t bytes) override;
  void turn_ends(TlsSocket& socket) override;
  std::span<const std::byte> next_output(TlsSocket& socket) override;
  void closed(TlsSocket& socket, const std::string& why) override;
  void break_off(const std::string& why);

  LinkConnectionOwner& owner_;
  LinkMeter& meter_;
  TlsSocketPtr socket_;  // once there are several threads, held over all that is below
  LinkFrameReader reader_{LinkFrameReader::Take::hello};
  std::deque<Buffer> waiting_;  ///< the first one is being sent, as far as `pieces_` is not empty
  std::size_t waiting_bytes_ = 0;
  std::chrono::steady_clock::time_point moved_at_{};
  std::vector<std::span<const std::byte>> pieces_;  ///< of the first one
  std::size_t next_piece_ = 0;
  bool open_ = false;  ///< the owner is to hear of it
  bool heard_ = true;  ///< something has come since the last `try_send`
};

using LinkConnectionPtr = boost::intrusive_ptr<LinkConnection>;

}  // namespace skep
