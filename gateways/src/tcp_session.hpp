#pragma once
// One TCP connection: frames in, answers out.
//
// Reads into the loop's shared buffer when there is something to read; writes directly and waits only when the kernel
// takes no more, so that one batch of answers is one system call. Input and output go through these states:
//
//   Where tokens are asked for, the first frame is one, and nothing else happens before it is here and right.
//   input:  reading -> waiting (GatewayCore says so) -> reading; either -> ended (end of stream, framing lost);
//           reading -> starved (a frame for whose rest the node has no room, where the gateway blocks) -> reading.
//           Where it rejects, such a frame is refused in its place, and its rest passed over.
//           A drain: any but ended -> stopped (nothing is read, records still go out) -> ended (`finish`).
//   output: once input has ended and every answer is written, the write side is shut down, and what the client still
//           sends is thrown away until it closes or `close_time_max` is over: closing at once would make the
//           kernel take back what the client has not read yet.

#include <string>

#include "answer_text.hpp"
#include "client.hpp"
#include "gateway_core.hpp"
#include "session.hpp"
#include "skep/serialization/framing.hpp"

namespace skep {

class TcpSession final : public Session {
 public:
  struct Settings {
    Framing framing = Framing::line;
    WireContent content = WireContent::json;
    std::size_t frame_bytes_max = 0;
    std::chrono::nanoseconds idle_max{};
    std::chrono::nanoseconds frame_time_max{};
    std::chrono::nanoseconds token_time_max{};
    std::size_t sessions_max = 0;  ///< for what clients are told
    bool receives = false;         ///< records go out to it
    /// It is told what is refused: not a source that this gateway has connected to, and that would take it for input.
    bool hears_refusals = true;
  };

  TcpSession(GatewayCore& gateway, Client client, const Settings& settings);

  void start() override;
  Outgoing write(const Answer& answer, Outgoing what) override;
  void flush() override;
  [[nodiscard]] std::size_t unwritten() const override { return out_.unwritten().size(); }
  [[nodiscard]] FrameCounts undelivered() const override { return out_.left(); }
  [[nodiscard]] std::size_t input_memory() const override { return parser_.memory(); }
  [[nodiscard]] std::size_t output_memory() const override { return out_.memory(); }
  void go_on() override;
  void end_input() override;
  void finish() override;
  void abort() noexcept override;
  void turn_out(const std::string& why) override;
  bool judge_again() override;
  [[nodiscard]] std::string from() const override { return " from " + peer_; }
  [[nodiscard]] bool takes_records() const override;
  void refused(const Failure& failure) override;
  [[nodiscard]] std::optional<std::string> unfit(const Record& record) const override {
    return why_unfit(record, settings_.content, settings_.framing);
  }
  [[nodiscard]] bool hears_refusals() const override { return settings_.hears_refusals; }
  [[nodiscard]] std::optional<Time> check(Time now) override;

  /// Ends it with an error in place of an answer: too many sessions.
  void turn_away();

 private:
  enum class Input : std::uint8_t { reading, waiting, starved, stopped, ended };

  void await_input();
  void await_error();
  void on_readable();
  [[nodiscard]] bool is_tls(std::string_view bytes) const;
  void refuse_tls();
  void refused_by_server(const std::string& why);
  [[nodiscard]] bool hear_server(std::string_view bytes);
  void feed(std::string_view bytes);
  void end_of_token();
  [[nodiscard]] bool show_token(std::optional<std::string_view> frame);
  void end_with(Failure failure);
  [[nodiscard]] std::size_t read_size() const;
  void take_frames();
  void keep_rest();
  void starve();
  void tell_complaint(std::string_view frame);
  [[nodiscard]] bool refuse_unasked_token(std::string_view frame);
  void on_frame(std::string_view frame);
  void await_rest_of_frame(bool of_new_frame);
  [[nodiscard]] std::optional<Time> frame_due() const;
  void refuse_late_frame();
  void end_of_input();
  void on_end_of_stream();
  void lose_at_write(const std::string& why);
  void await_room();
  void close_when_done();
  void discard();
  void lose(std::string_view why, GatewayCore::Left how = GatewayCore::Left::by_peer);
  void say(LogLevel level, std::string_view why);
  void close(GatewayCore::Left how = GatewayCore::Left::by_peer);

  Settings settings_;
  Stream stream_;
  Visit visit_;
  std::unique_ptr<ServerVerdict> verdict_;  ///< until it has heard something
  std::optional<FrameParser> token_;        ///< for its first frame, until that was a token that is right
  std::string peer_;                        ///< for the log, with what it came with
  FrameParser parser_;
  OutBuffer out_;
  std::string scratch_;
  Input input_ = Input::reading;
  Time token_due_{};
  Time idle_since_{};                ///< at the latest: its last input, or its last answer
  std::optional<Time> frame_since_;  ///< a part of a frame is here
  std::optional<Time> stalled_since_;
  std::optional<Time> shut_since_;
  bool refusal_logged_ = false;
  bool heard_ = false;     ///< it has sent something
  bool framed_ = false;    ///< a frame with something in it
  bool told_ = false;      ///< its end is in the log already, or what brings it about
  bool end_seen_ = false;  ///< the client has ended its stream
  bool reading_ = false;   ///< a wait for input is pending
  bool watching_ = false;  ///< a wait for an error is pending
  bool writing_ = false;   ///< a wait for room is pending
};

}  // namespace skep
