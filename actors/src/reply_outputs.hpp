#pragma once
// Where a bee's answers go: one session with each gateway, without credit.
//
// Their room was reserved at admission, so nothing here waits for anybody: in a ring of gateway and bees nobody could.
// What is for one that is out of reach, or of which this node has not heard yet, is kept here, up to
// limits::kept_answers_bytes_max, and is done with as far as the bee's input goes: else the clients of the other
// gateways would wait behind those of a node that may never come back. It is lost if the bee's actor ends first. A
// gateway that is placed anew has a new session. Under at_least_once it gets what its predecessor had not taken, and
// drops it as orphans: their clients have gone with the predecessor.

#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <memory>
#include <vector>

#include "skep/actors/edge_messages.hpp"
#include "skep/actors/edge_session.hpp"

namespace skep {

class ReplyOutputs {
 public:
  enum class Pushed : std::uint8_t {
    no,    ///< there is no such gateway, or it is out of reach and has no room here
    sent,  ///< `take_done` will have its cause
    kept   ///< until the gateway is in reach again; nobody waits for that
  };

  /// Sends in the name of `self`, which outlives this and has placement `epoch`.
  ReplyOutputs(caf::event_based_actor& self, Epoch epoch, Delivery delivery)
      : self_(self), epoch_(epoch), delivery_(delivery) {}

  /// Takes `table.gateways`.
  void adopt(RoutingTable& table);
  /// To the gateway that its origin names.
  [[nodiscard]] Pushed push(Record&& record, Cause cause);
  void flush(const Stamp& stamp);
  void on_ack(const BatchAck& message);
  /// Causes of what is done with, since the last call.
  [[nodiscard]] std::vector<Cause> take_done() { return std::exchange(done_, {}); }
  /// Answers not sent that nobody will take any more, since the last call: their gateway has ended for good.
  [[nodiscard]] std::uint64_t take_abandoned() { return std::exchange(abandoned_, 0); }
  /// Forgets all gateways; nothing is sent any more.
  void close() { lanes_.clear(); }

  [[nodiscard]] bool sendable() const noexcept;

 private:
  struct Lane {
    GatewayRoute route;
    std::unique_ptr<EdgeSender> sender{};  ///< from the first answer on
    bool named = true;                     ///< by the table in force
  };

  void abandon(Lane& lane);
  [[nodiscard]] EdgeSender& sender_of(Lane& lane);
  [[nodiscard]] Pushed keep(Lane& lane, Record&& record);
  [[nodiscard]] Lane* find(std::uint32_t node, std::uint32_t gateway) noexcept;

  caf::event_based_actor& self_;
  Epoch epoch_;
  Delivery delivery_;
  SenderKey key_{};
  std::vector<Lane> lanes_;
  std::vector<Cause> done_;
  std::uint64_t abandoned_ = 0;
};

}  // namespace skep
