#pragma once
// One WebSocket client. Its upgrade, messages and answers are in websocket_session.cpp, its time limits and its end in
// websocket_session_end.cpp.
// Threads: the I/O thread.

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <optional>
#include <string>

#include "gated_socket.hpp"
#include "gateway_core.hpp"
#include "websocket_message.hpp"
#include "websocket_session.hpp"

namespace skep {

/// Goes through upgrading -> open -> closing; any of them ends in closed (`gateway_` null). A client that has sent its
/// Close is still open: what it is owed goes out before the answer to that, for close_time_max at most.
class WebSocketSession final : public Session {
 public:
  WebSocketSession(GatewayCore& gateway, Socket socket, WebSocketSettings settings, GatewayCore::Admit admit)
      : Session(gateway),
        settings_(std::move(settings)),
        admit_(admit),
        peer_(peer_of(socket)),
        stream_(std::move(socket), settings_.message_bytes_max) {}

  void start() override;
  Outgoing write(const Answer& answer, Outgoing what) override;
  void flush() override;
  std::size_t unwritten() const override { return out_.memory(); }
  FrameCounts undelivered() const override { return out_.counts(); }
  std::size_t input_memory() const override { return in_.capacity() + ahead_.memory(); }
  void go_on() override;
  void end_input() override;
  void finish() override;
  void abort() noexcept override;
  bool takes_records() const override { return state_ == State::open && settings_.receives && !close_seen_since_; }
  std::optional<Time> check(Time now) override;

 private:
  enum class State : std::uint8_t { upgrading, open, closing, closed };
  using Failed = boost::system::error_code;

  /// A handler that keeps the session, and does nothing once it is closed.
  template <class Function>
  auto handler(Function function) {
    return [self = boost::intrusive_ptr(this), function](Failed failed, auto...) {
      if (self->gateway_ != nullptr) function(*self, failed);
    };
  }

  void on_header();
  void respond(const UpgradeRefusal& refusal);
  void accept();
  void read();
  [[nodiscard]] std::size_t read_size() const;
  void await_error();
  void excuse_wait(Time now);
  void on_read(Failed failed);
  void on_read_failed(Failed failed);
  void keep_rest();
  void starve();
  void drop_input();
  void on_message();
  void take(std::string_view bytes, bool is_text);
  void take_ahead();
  void send_next();
  void written();
  void ping();
  void close_with(boost::beast::websocket::close_code code, std::string_view reason);
  void stopped(FrameScan::Stop why);
  void answer_close();
  void end_broken();
  void being_closed();
  void begin_close_time();
  [[nodiscard]] std::optional<Time> check_message(Time now);
  [[nodiscard]] std::optional<Time> check_held_back(Time now);
  [[nodiscard]] std::optional<Time> check_ending(Time now);
  [[nodiscard]] bool held_back() const { return close_seen_since_ || broken_ != FrameScan::Stop::none; }
  /// A client that is there always has a ping to answer before it is taken for dead.
  [[nodiscard]] std::chrono::nanoseconds ping_interval() const {
    return std::min(settings_.ping_interval, settings_.idle_max / 2);
  }
  void close_when_written();
  void lose(std::string_view why, GatewayCore::Left how = GatewayCore::Left::by_peer);
  void say(bool warn, std::string_view why) const;
  void close(GatewayCore::Left how = GatewayCore::Left::by_peer);

  WebSocketSettings settings_;
  GatewayCore::Admit admit_;
  std::string peer_;  ///< for the log
  boost::beast::websocket::stream<GatedSocket> stream_;
  boost::beast::flat_buffer in_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::empty_body>> parser_;
  boost::beast::http::response<boost::beast::http::string_body> response_;
  WebSocketMessages ahead_;  ///< read, and waiting to be taken
  WebSocketMessages out_;    ///< the first is being written while `writing_since_`
  std::string scratch_;
  State state_ = State::upgrading;
  boost::beast::websocket::close_reason reason_;
  Time last_input_{};
  std::optional<Time> writing_since_;
  std::optional<Time> close_seen_since_;            ///< the client's Close is here, and not answered
  FrameScan::Stop broken_ = FrameScan::Stop::none;  ///< the limit that the client broke, while that is told later
  std::optional<Time> ending_since_;                ///< it will be sent a Close once nothing is owed
  std::optional<Time> closing_since_;               ///< it was
  bool passing_over_ = false;                       ///< the message that is coming was refused
  bool owed_in_vain_ = false;                       ///< answers that did not come in time
  bool starved_ = false;                            ///< it waits for room in the node's budget
  bool reading_ = false;
  bool held_up_ = false;  ///< not reading, for want of room or because the swarm is behind
  bool watching_ = false;
  bool pinging_ = false;
  bool close_sent_ = false;
  bool closed_by_peer_ = false;  ///< before this side did
};

}  // namespace skep
