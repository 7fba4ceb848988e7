#pragma once
// Records on their way out of the swarm, until a peer takes them. Pure.
//
// Credit goes back to a sender only for what was taken: without a peer, or with one that does not read, the swarm
// waits. Bounded by the senders' windows.

#include <caf/actor_control_block.hpp>

#include <deque>
#include <vector>

#include "skep/actors/edge_messages.hpp"

namespace skep {

class Outbound {
 public:
  struct Grant {
    caf::strong_actor_ptr sender;
    CreditGrant credit;
  };

  void add(caf::strong_actor_ptr sender, RecordBatch batch);
  [[nodiscard]] bool empty() const noexcept { return batches_.empty(); }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  /// The next record to go out; asserted to exist.
  [[nodiscard]] const Record& front() const;
  void pop();
  /// What was popped since the last call, by sender.
  [[nodiscard]] std::vector<Grant> take_grants();

 private:
  struct Waiting {
    caf::strong_actor_ptr sender;
    RecordBatch batch;
    std::size_t taken = 0;
    std::size_t granted = 0;
  };

  void grant_front();

  std::deque<Waiting> batches_;
  std::vector<Grant> grants_;
  std::size_t waiting_ = 0;
};

}  // namespace skep
