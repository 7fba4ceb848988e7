#pragma once
// Where a bee's answers go: one session with each gateway, without credit.
//
// Their room was reserved at admission, so nothing here waits for anybody: in a ring of gateway and bees nobody could.
// A gateway that is placed anew has a new session. Under at_least_once it gets what its predecessor had not taken, and
// drops it as orphans: their clients have gone with the predecessor.

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <vector>

#include "skep/actors/edge_messages.hpp"
#include "skep/actors/edge_session.hpp"

namespace skep {

class ReplyOutputs {
 public:
  /// Sends in the name of `self`, which outlives this and has placement `epoch`.
  ReplyOutputs(caf::event_based_actor& self, Epoch epoch, Delivery delivery)
      : self_(self), epoch_(epoch), delivery_(delivery) {}

  /// Takes `table.gateways`.
  void adopt(RoutingTable& table);
  /// To the gateway that its origin names. Returns false, and does nothing, if there is none.
  [[nodiscard]] bool push(Record&& record, Cause cause);
  void flush(const Stamp& stamp);
  void on_ack(const BatchAck& message);
  /// Causes of what is done with, since the last call.
  [[nodiscard]] std::vector<Cause> take_done() { return std::exchange(done_, {}); }
  /// Forgets all gateways; nothing is sent any more.
  void close() { lanes_.clear(); }

  [[nodiscard]] bool sendable() const noexcept;

 private:
  struct Lane {
    GatewayRoute route;
    EdgeSender sender;
  };

  [[nodiscard]] Lane* find(std::uint32_t node, std::uint32_t gateway) noexcept;

  caf::event_based_actor& self_;
  Epoch epoch_;
  Delivery delivery_;
  SenderKey key_{};
  std::vector<Lane> lanes_;
  std::vector<Cause> done_;
};

}  // namespace skep
