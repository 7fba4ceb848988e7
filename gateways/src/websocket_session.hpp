#pragma once
// One WebSocket client: its upgrade, messages in, answers out. websocket_session.cpp has these;
// websocket_session_end.cpp its time limits and its end.
//
// Reads into the loop's shared buffer when there is something to read, and decodes all of it at once; writes directly,
// several answers in one call, and waits only when the kernel takes no more.
// Threads: the I/O thread.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "answer_text.hpp"
#include "client.hpp"
#include "gateway_core.hpp"
#include "session.hpp"
#include "websocket/websocket_control_rate.hpp"
#include "websocket/websocket_messages.hpp"
#include "websocket/websocket_output.hpp"
#include "websocket/websocket_reader.hpp"
#include "websocket_handshake.hpp"

namespace skep {

/// Goes through upgrading -> open -> closing; any of them ends in closed (`gateway_` null). A client that has sent its
/// Close is still open: what it is owed goes out before the answer to that, for close_time_max at most. Once both have
/// sent theirs, or the client has made a mistake and was told, this side ends its stream, and what the client still
/// sends is thrown away until it ends its own: closing at once would make the kernel take back what it has not read.
class WebSocketSession final : public Session {
 public:
  struct Settings {
    UpgradeRules rules;
    WireContent binary = WireContent::raw;  ///< what binary messages hold; text is JSON
    std::size_t message_bytes_max = 0;
    std::chrono::nanoseconds upgrade_time_max{};
    std::chrono::nanoseconds ping_interval{};
    std::chrono::nanoseconds idle_max{};
    std::chrono::nanoseconds frame_time_max{};
    std::size_t sessions_max = 0;  ///< for the message to a client over it
    bool receives = false;         ///< records go out to it
    std::uint32_t control_frames_rate = 0;
  };

  /// One that is not admitted is answered 503.
  WebSocketSession(GatewayCore& gateway, Client client, std::shared_ptr<const Settings> settings,
                   GatewayCore::Admit admit);

  void start() override;
  Outgoing write(const Answer& answer, Outgoing what) override;
  void flush() override;
  std::size_t unwritten() const override { return out_.memory(); }
  FrameCounts undelivered() const override { return out_.counts(); }
  std::size_t input_memory() const override { return in_.capacity() + rest_.capacity() + ahead_.memory(); }
  void go_on() override;
  void end_input() override;
  void finish() override;
  void abort() noexcept override;
  void turn_out(const std::string& why) override;
  bool judge_again() override;
  std::string from() const override { return " from " + peer_; }
  bool takes_records() const override { return state_ == State::open && settings_->receives && !close_seen_; }
  std::optional<Time> check(Time now) override;

 private:
  enum class State : std::uint8_t { upgrading, refused, open, closing, closed };
  /// Why this side closes.
  struct Close {
    WebSocketCloseCode code = WebSocketCloseCode::no_status;
    std::string reason{};
  };

  // In.
  [[nodiscard]] std::optional<UpgradeRefusal> judge(std::optional<std::string_view> token);
  void await_input();
  void await_error();
  void on_readable();
  [[nodiscard]] std::size_t read_size() const;
  void shake(std::string_view bytes);
  void decode(std::span<char> bytes);
  void take(const WebSocketEvent& event);
  void take_piece(const WebSocketEvent& piece);
  void refuse_control();
  void on_message(std::string_view bytes, bool is_text);
  void submit(std::string_view bytes, bool is_text);
  void take_ahead();
  void take_waiting();
  void keep_rest();
  void drop_input();
  void end_of_input();
  void starve();
  void time_part(bool ended);
  void excuse_wait(Time now);

  // Out.
  void send_out();
  void await_room();
  void ping();

  // The end.
  void on_close(const WebSocketEvent& close);
  void on_mistake(const WebSocketEvent& mistake);
  void report_mistake();
  void end_mistaken();
  void close_with(WebSocketCloseCode code, std::string reason);
  [[nodiscard]] bool held_back() const { return close_seen_ || mistake_; }
  [[nodiscard]] bool nothing_waits() const { return ahead_.empty() && rest_.empty(); }
  [[nodiscard]] bool put_close();
  void end_stream();
  void begin_close_time();
  [[nodiscard]] std::optional<Time> check_part(Time now);
  [[nodiscard]] std::optional<Time> check_held_back(Time now);
  [[nodiscard]] std::optional<Time> check_ending(Time now);
  [[nodiscard]] std::optional<Time> check_silence(Time now);
  /// A client that is there always has a ping to answer before it is taken for dead.
  [[nodiscard]] std::chrono::nanoseconds ping_interval() const {
    return std::min(settings_->ping_interval, settings_->idle_max / 2);
  }
  [[nodiscard]] GatewayCore::Left left() const {
    return owed_in_vain_ ? GatewayCore::Left::by_us : GatewayCore::Left::by_peer;
  }
  void lose(std::string_view why, GatewayCore::Left how = GatewayCore::Left::by_peer);
  void say(bool warn, std::string_view why) const;
  void close(GatewayCore::Left how = GatewayCore::Left::by_peer);

  std::shared_ptr<const Settings> settings_;  ///< of all sessions of the gateway
  Stream stream_;
  Visit visit_;
  std::string peer_;  ///< for the log, with what it came with
  std::unique_ptr<WebSocketHandshake> handshake_;
  WebSocketReader reader_;
  WebSocketControlRate control_;
  std::string in_;           ///< of the message that is not whole
  WebSocketMessages ahead_;  ///< read, and waiting to be taken
  std::string rest_;         ///< read behind these, and not decoded yet
  WebSocketOutput out_;
  std::string response_;  ///< to the request to upgrade, as far as it has not gone
  std::string scratch_;
  State state_ = State::upgrading;
  Time last_input_{};
  Time pinged_{};
  std::optional<Time> part_since_;                ///< a part of a message, or of a frame's header, is here
  std::optional<Time> stalled_since_;             ///< the kernel takes no more
  std::optional<WebSocketCloseCode> close_seen_;  ///< the client's Close is here, and says so
  std::optional<Time> close_seen_since_;
  std::optional<Close> mistake_;  ///< of the client, which is told of it once all before is taken
  std::optional<Close> ending_;   ///< it will be sent this Close once nothing is owed
  std::optional<Time> ending_since_;
  std::optional<Time> closing_since_;  ///< it was sent a Close, or a refusal
  bool full_ = false;                  ///< there is no place for it
  bool heard_ = false;                 ///< the client has sent something
  bool passing_over_ = false;          ///< the message that is coming was refused
  bool owed_in_vain_ = false;          ///< answers that did not come in time
  bool starved_ = false;               ///< it waits for room in the node's budget
  bool reading_ = false;               ///< a wait for input is pending
  std::size_t granted_ = 0;            ///< bytes that are read then
  bool held_up_ = false;               ///< not reading, for want of room or because the swarm is behind
  bool watching_ = false;              ///< a wait for an error is pending
  bool writing_ = false;               ///< a wait for room is pending
  bool answers_close_ = false;         ///< whatever is owed: its time is over
  bool close_sent_ = false;            ///< or put into `out_`, at least
  bool closed_by_peer_ = false;        ///< before this side did
  bool shut_ = false;                  ///< this side's stream has ended
};

}  // namespace skep
