#pragma once
// The messages between a supervisor and the bees and gateways it looks after.

#include <caf/actor_addr.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "skep/actors/supervisor.hpp"

namespace skep {

/// Bee to supervisor: a failure that is no single record's: the object did not come up again, a timer threw, or too
/// many records in a row did. The bee's object is gone and its queue is kept; it does nothing until it is told.
struct BeeFailed {
  ChildRun run;
  std::string reason;
};

/// To a supervisor: a bee on a thread of its own does not return from a call. Its actor is given up, thread and all,
/// and another takes its place: what waits in it is lost.
struct BeeStuck {
  caf::actor_addr bee;
  std::string reason;
};

/// Request to a bee: a new object takes the place of the one that is there, if any, and works on from the queue. The
/// answer (nothing, or an error) follows its `on_start`. A bee that has drained, or ceased, stays so: nothing is wrong
/// with that.
struct RestartBee {
  std::uint32_t life = 0;  ///< that begins with it
};

/// Request to a bee: its object goes, without `on_stop`. Answered with nothing.
struct HaltBee {
  enum class Queue : std::uint8_t {
    keep,    ///< it will be restarted
    refuse,  ///< it will not: what waits, and what comes, is answered with `unavailable`
  };
  Queue queue = Queue::keep;
};

/// Request to a gateway: what is open and what comes is answered with `unavailable` and this reason; one that has no
/// clients to answer takes no more. Answered with nothing.
struct BecomeUnavailable {
  std::string reason;
};

/// Request to a supervisor: start all children in order. Answered with nothing once all are up, or with the error of
/// the one that did not start, once all the others are down again.
struct StartChildren {};

/// To a supervisor of a swarm on several nodes: the child runs here from now on, or does not any more: what there is of
/// it ends, with its queue.
struct PlaceChild {
  ChildId child{};
  bool here = false;
};

/// To the same: actors of other nodes have come or gone; `SupervisedActors::take_outdated` says whose tables name them.
struct RenewTables {};

/// Request to a supervisor: a Supervision.
struct ReadSupervision {};

/// How a swarm is.
struct Supervision {
  Supervisor::Phase phase = Supervisor::Phase::created;
  std::string failure;  ///< why it gave up; empty while it has not
  std::uint64_t restarts = 0;
  std::vector<Supervisor::Reason> reasons;  ///< the last ones, oldest first
};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BeeFailed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BeeStuck)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RestartBee)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::HaltBee)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::BecomeUnavailable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::StartChildren)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::PlaceChild)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::RenewTables)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::ReadSupervision)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::Supervision)
