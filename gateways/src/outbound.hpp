#pragma once
// Records on their way out of the swarm, until a peer takes them.
//
// A record is accepted and done, and its sender's credit given back, when a peer has taken it: without a peer, or with
// one that does not read, the swarm waits. Bounded by the credit that the senders have.

#include <caf/actor_control_block.hpp>

#include <deque>
#include <vector>

#include "skep/actors/edge_inputs.hpp"

namespace skep {

class Outbound {
 public:
  explicit Outbound(InEdges::Settings edges) : inputs_(edges) {}

  void add(RecordBatch&& batch, const caf::strong_actor_ptr& sender);
  [[nodiscard]] bool empty() const noexcept { return arrivals_.empty(); }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  /// The next record to go out; asserted to exist.
  [[nodiscard]] const Record& front() const;
  void pop();
  /// What senders are to be told now.
  [[nodiscard]] std::vector<EdgeInputs::Ack> take_acks() { return inputs_.take_acks(); }

 private:
  struct Waiting {
    EdgeInputs::Arrival arrival;
    std::size_t taken = 0;
  };

  EdgeInputs inputs_;
  std::deque<Waiting> arrivals_;
  std::size_t waiting_ = 0;
};

}  // namespace skep
