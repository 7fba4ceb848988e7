#pragma once
// The gateway's side of a client in memory, and where such sessions come from.

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "gateway_plan.hpp"
#include "session.hpp"
#include "testing/memory_gateway.hpp"

namespace skep::testing {

/// Reads at once what the client says, and waits as a socket's session does where it may not take more.
class MemorySession final : public Session {
 public:
  /// `client` outlives it.
  MemorySession(GatewayCore& gateway, MemoryClient& client, const WireForm& wire);

  /// Takes what the client said, together.
  void take(std::vector<MemoryGateway::Said> all);
  /// The client closes its side.
  void close();

  void start() override {}
  Outgoing write(const Answer& answer, Outgoing what) override;
  void flush() override;
  [[nodiscard]] std::size_t unwritten() const override { return 0; }  // its client reads at once
  void go_on() override;
  void end_input() override;
  void finish() override;
  void abort() noexcept override;
  [[nodiscard]] bool takes_records() const override { return false; }
  [[nodiscard]] std::optional<Time> check(Time) override { return std::nullopt; }

 private:
  enum class Input : std::uint8_t { reading, waiting, ended };

  void submit_waiting();
  [[nodiscard]] ContentKind kind_on_the_wire(ContentKind kind) const;

  MemoryClient& client_;
  WireForm wire_;
  std::deque<MemoryGateway::Said> waiting_;
  Input input_ = Input::reading;
  bool finishing_ = false;
  std::string scratch_;
};

/// The peer of a gateway that sends records out: takes all of them.
class MemoryPeer final : public Session {
 public:
  MemoryPeer(GatewayCore& gateway, std::vector<Record>& sent) : Session(gateway), sent_(sent) {}

  void start() override {}
  Outgoing write(const Answer& answer, Outgoing what) override;
  void flush() override;
  [[nodiscard]] std::size_t unwritten() const override { return 0; }
  void go_on() override {}
  void end_input() override {}
  void finish() override;
  void abort() noexcept override { gateway_ = nullptr; }
  [[nodiscard]] bool takes_records() const override { return gateway_ != nullptr; }
  [[nodiscard]] std::optional<Time> check(Time) override { return std::nullopt; }

 private:
  std::vector<Record>& sent_;
  bool finishing_ = false;
};

/// Has the peer, where the gateway has one; clients come by message.
class MemoryTransport final : public Transport {
 public:
  MemoryTransport(GatewayCore& gateway, std::vector<Record>& sent) : gateway_(gateway), sent_(sent) {}

  [[nodiscard]] Result<void> open() override;
  void close() noexcept override {}

 private:
  GatewayCore& gateway_;
  std::vector<Record>& sent_;
};

}  // namespace skep::testing
