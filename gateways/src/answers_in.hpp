#pragma once
// Answers on their way in, from all bees that answer: the receiving ends of their sessions.
//
// They have no credit, as their room was reserved at admission, so each is accepted and done as soon as it is here,
// whether a client still waits for it or not. Senders hear of it at once under at_least_once, else now and then.
// Lifetime: owned by the gateway's actor. Threads: that actor's.

#include <caf/actor_control_block.hpp>

#include <vector>

#include "skep/actors/edge_inputs.hpp"

namespace skep {

class AnswersIn {
 public:
  AnswersIn(Epoch self, Delivery delivery) : inputs_({.self = self, .delivery = delivery, .credit = boundless()}) {}

  /// Those that are new.
  [[nodiscard]] std::vector<Record> receive(ReplyBatch&& message, const caf::strong_actor_ptr& sender);
  /// What senders are to be told now.
  [[nodiscard]] std::vector<EdgeInputs::Ack> take_acks() { return inputs_.take_acks(); }
  /// Forgets all senders.
  void close() { inputs_.close(); }

 private:
  [[nodiscard]] static CreditPool::Settings boundless() noexcept;

  EdgeInputs inputs_;
};

}  // namespace skep
