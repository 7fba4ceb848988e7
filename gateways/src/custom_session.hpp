#pragma once
// The sessions of a custom gateway: one for each client it opened, one for each request without a client, one for all
// that nobody answers, and one that takes records out.
//
// They turn submissions into requests, and hand answers to the transport, which calls the user's object.
// Threads: the gateway's.

#include <cstdint>
#include <deque>
#include <vector>

#include "session.hpp"
#include "submissions.hpp"

namespace skep {

class CustomTransport;

class CustomSession final : public Session {
 public:
  enum class Kind : std::uint8_t {
    client,   ///< opened by the gateway; answers in the order of requests
    request,  ///< one submission without a client; ends with its answer
    stream,   ///< all submissions without a client, where nobody is answered
  };

  CustomSession(GatewayCore& gateway, CustomTransport& transport, Kind kind)
      : Session(gateway), transport_(&transport), kind_(kind) {}

  void take(Submissions::Item item);
  /// Its client is gone.
  void leave();
  [[nodiscard]] bool open() const noexcept { return gateway_ != nullptr; }
  /// What a `client` was opened as, or a `request` was submitted as.
  GatewaySession opened_as{};
  SubmissionId submitted_as{};

  void start() override {}
  Outgoing write(const Answer& answer, Outgoing what) override;
  void flush() override;
  [[nodiscard]] std::size_t unwritten() const override { return 0; }  // the object takes answers as they come
  [[nodiscard]] FrameCounts undelivered() const override { return undelivered_; }
  void go_on() override;
  void end_input() override;
  void finish() override;
  void abort() noexcept override;
  [[nodiscard]] bool takes_records() const override { return false; }
  [[nodiscard]] std::optional<Time> check(Time) override { return std::nullopt; }

 private:
  enum class Input : std::uint8_t { reading, waiting, ended };
  /// A submission that GatewayCore has, and whose answer has not come.
  struct Asked {
    SubmissionId id{};
    std::uint64_t tag = 0;
  };
  struct Pending {
    Answered answered;
    Outgoing what{};
  };

  void submit_waiting();
  void submit(const Submissions::Item& item);
  void close();
  void forget_waiting();

  CustomTransport* transport_;
  Kind kind_;
  Input input_ = Input::reading;
  std::deque<Submissions::Item> waiting_;
  std::deque<Asked> asked_;       ///< in the order of the session's replies
  std::vector<Pending> pending_;  ///< answers, for the object
  FrameCounts undelivered_;       ///< of `pending_`
  bool finishing_ = false;
};

using CustomSessionPtr = boost::intrusive_ptr<CustomSession>;

/// Records on their way out, and the gateway's timers.
class CustomPeer final : public Session {
 public:
  CustomPeer(GatewayCore& gateway, CustomTransport& transport) : Session(gateway), transport_(&transport) {}

  void start() override {}
  Outgoing write(const Answer& answer, Outgoing what) override;
  void flush() override;
  [[nodiscard]] std::size_t unwritten() const override;
  [[nodiscard]] std::size_t output_memory() const override { return bytes_; }
  [[nodiscard]] FrameCounts undelivered() const override { return {0, pending_.size()}; }
  void go_on() override {}
  void end_input() override {}
  void finish() override;
  void abort() noexcept override { gateway_ = nullptr; }
  [[nodiscard]] bool takes_records() const override;
  [[nodiscard]] std::optional<Time> check(Time now) override;

 private:
  CustomTransport* transport_;
  std::deque<Record> pending_;
  std::size_t bytes_ = 0;  ///< of them
  bool finishing_ = false;
};

}  // namespace skep
