#pragma once
// The sessions of a custom gateway: one for each client it opened, one for all submissions without a client, and one
// that takes records out.
//
// They turn submissions into requests, and hand answers to the transport, which calls the user's object.
// Threads: the gateway's.

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include "session.hpp"
#include "submissions.hpp"

namespace skep {

class CustomTransport;

class CustomSession final : public Session {
 public:
  /// Of the client that was opened as that, answered in order; of `none`: of submissions without one, answered as
  /// answers come.
  CustomSession(GatewayCore& gateway, CustomTransport& transport, GatewaySession opened_as);

  void take(Submissions::Item item);
  /// One of `none` is wanted no more.
  void cancel(SubmissionId submission);
  /// Its client is gone.
  void leave();
  [[nodiscard]] bool open() const noexcept { return gateway_ != nullptr; }
  [[nodiscard]] GatewaySession opened_as() const noexcept { return opened_as_; }

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
  GatewaySession opened_as_;
  Input input_ = Input::reading;
  std::deque<Submissions::Item> waiting_;
  std::unordered_map<std::uint64_t, Asked> asked_;              ///< by request
  std::unordered_map<SubmissionId, std::uint64_t> request_of_;  ///< of those, where they can be cancelled
  std::vector<Pending> pending_;                                ///< answers, for the object
  FrameCounts undelivered_;                                     ///< of `pending_`
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
