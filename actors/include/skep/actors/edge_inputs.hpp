#pragma once
// Receives an actor's records over its edges, and acknowledges them: what a bee and a gateway have in common.
//
// The sessions and their credit are InEdges'; this knows the senders' addresses besides.
// Lifetime: owned by the actor that receives. Threads: that actor's.

#include <caf/actor_control_block.hpp>

#include <cstdint>
#include <vector>

#include "skep/actors/edge_messages.hpp"
#include "skep/actors/in_edges.hpp"
#include "skep/actors/ledger.hpp"

namespace skep {

class EdgeInputs {
 public:
  /// Records that have come, all of one session.
  struct Arrival {
    std::vector<Record> records;
    InEdges::Session session{};
    std::uint64_t first = 0;    ///< sequence of the first one
    std::uint64_t bytes = 0;    ///< of all of them
    bool acknowledged = false;  ///< there is a session
    bool alone = false;         ///< EdgePacket::alone
    Stamp stamp{};
  };
  struct Ack {
    caf::strong_actor_ptr to;
    BatchAck message;
  };

  explicit EdgeInputs(InEdges::Settings settings) : edges_(settings) {}

  /// What is new of it; no records if nothing is.
  [[nodiscard]] Arrival receive(RecordBatch&& batch, const caf::strong_actor_ptr& sender);
  /// So many records of it, from `first` on, were accepted.
  void accepted(const Arrival& arrival, std::size_t first, std::size_t count);
  /// They are done with, their outputs too. Matters under at_least_once only.
  void done(const Ledger::Inputs& inputs) { edges_.done(inputs.session, inputs.first, inputs.count); }
  /// What senders are to be told now, with this BatchAck::pace.
  [[nodiscard]] std::vector<Ack> take_acks(std::uint32_t pace = 0);

  /// Forgets all senders.
  void close() { peers_.clear(); }

 private:
  struct Peer {
    caf::strong_actor_ptr actor;
    std::uint32_t edge = 0;
    std::uint32_t receiver = 0;
  };

  InEdges edges_;
  std::vector<Peer> peers_;  ///< by the place of their session
};

}  // namespace skep
