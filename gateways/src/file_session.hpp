#pragma once
// A file as a session: lines in as requests, answers or records out as lines.
//
// As a source it reads no faster than the swarm takes. A line that is malformed or too long is logged with its number,
// counted and passed over. What goes out is written as soon as a turn has brought it. An error of reading ends the
// input, one of writing (a full disk) the output: the gateway has failed then (GatewayCounters::failure).
// Threads: the I/O thread.

#include <string>

#include "answer_text.hpp"
#include "net/descriptor.hpp"
#include "session.hpp"
#include "skep/serialization/framing.hpp"

namespace skep {

class FileSession final : public Session {
 public:
  struct Settings {
    std::string input;   ///< path, "-" or empty: none
    std::string output;  ///< path, "-" or empty: none
    WireContent content = WireContent::json;
    std::size_t line_bytes_max = 0;
    bool receives = false;  ///< records go out to it
  };

  FileSession(GatewayCore& gateway, Settings settings);

  [[nodiscard]] Result<void> open();
  /// All of the input was taken, answered and written.
  [[nodiscard]] bool finished() const;

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
  void refused(const Failure& failure) override;
  [[nodiscard]] std::optional<std::string> unfit(const Record& record) const override {
    return why_unfit(record, settings_.content, Framing::line);
  }
  [[nodiscard]] bool takes_records() const override { return gateway_ != nullptr && settings_.receives; }
  [[nodiscard]] std::optional<Time> check(Time) override { return std::nullopt; }

 private:
  enum class Input : std::uint8_t { reading, waiting, ended };

  void await_input();
  void on_readable();
  void take_lines();
  void keep_rest();
  void on_line(std::string_view line);
  void end(std::string_view why);
  void close_input();
  void await_room();
  void lose_output(std::string_view why);
  void close();

  Settings settings_;
  Descriptor in_;
  Descriptor out_file_;
  FrameParser parser_;
  const std::string input_name_, output_name_;  ///< as people read them
  OutBuffer out_{Framing::line};
  std::string scratch_;
  Input input_ = Input::ended;
  std::uint64_t lines_ = 0;
  bool end_seen_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool finishing_ = false;
  bool output_lost_ = false;
};

}  // namespace skep
