#pragma once
// What happens to a node at some time: a packet, an acknowledgement, a table or a timer of its own.

#include <cstdint>
#include <variant>

#include "ids.hpp"
#include "skep/actors/edge_session.hpp"

namespace skep::simulation {

struct EdgeForth {
  ActorId from{}, to{};
  NodeId answer_to{};
  EdgePacket packet;
};

struct EdgeBack {
  ActorId from{}, to{};
  EdgeAck ack;
};

/// From the controller, on a connection that loses nothing while the node lives.
struct TableUpdate {
  std::uint32_t life = 0;  ///< of the node it was sent to
  Table table;
};

struct Timer {
  enum class Kind : std::uint8_t { resend, work, hold, deadline, supervise, end };
  ActorId actor{};
  Epoch epoch{};
  Kind kind{};
};

/// Of the simulation itself: an operation begins or ends, the controller notices something.
struct Step {
  enum class Kind : std::uint8_t { operation, end_of_operation, lost, joined, restarted, retired };
  Kind kind{};
  std::uint32_t subject = 0;
  std::uint64_t life = 0;  ///< of a node; Epoch::counter of an actor
  std::uint32_t restarts = 0;
};

using Body = std::variant<EdgeForth, EdgeBack, TableUpdate, Timer, Step>;

struct Event {
  NodeId to{};
  Body body;
};

}  // namespace skep::simulation
