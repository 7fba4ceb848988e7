#pragma once
// The actor that carries out what a Supervisor decides, for the bees and gateways of one swarm.
//
// It monitors them, hears of their failures (BeeFailed, BeeStuck, or the end of their actor) and does what the pure
// core says: start (a routing table to a new actor, RestartBee to one that is there, another actor where it has ended),
// stop (HaltBee, BecomeUnavailable), kill (the actor is given up). Takes StartChildren (request), BeeFailed, BeeStuck,
// ReadSupervision (request); of a swarm on several nodes PlaceChild and RenewTables. Once it has failed, its bees
// refuse what they have, its gateways answer `unavailable`, and all actors stay until whoever owns them ends them.
//
// Lifetime: until an exit message; end it before its children, or it takes their end for a failure. Threads: one of its
// own in production (two looping bees must not freeze it), the scheduler's in tests.

#include <caf/actor.hpp>
#include <caf/fwd.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "skep/actors/bee_actor.hpp"
#include "skep/actors/edge_messages.hpp"
#include "skep/actors/supervision_messages.hpp"
#include "skep/actors/supervisor.hpp"

namespace skep {

/// The actors of a supervisor's children, as whoever spawned them knows them. Called by the supervisor's thread.
class SupervisedActors {
 public:
  enum class Receives : std::uint8_t {
    no,
    yes,
    never,  ///< its actor was given up, and none follows: it may be inside a call, and does not answer
  };

  virtual ~SupervisedActors();

  [[nodiscard]] virtual caf::actor actor(ChildId child) = 0;
  [[nodiscard]] virtual bool is_gateway(ChildId child) const = 0;
  /// Of the actors as they are now, with a generation of its own.
  [[nodiscard]] virtual RoutingTable table(ChildId child) = 0;
  /// Spawns an actor in place of the child's, which has ended. Returns the children whose tables name it.
  [[nodiscard]] virtual std::vector<ChildId> respawn(ChildRun run) = 0;
  /// Whether tables name it: not once it is down for good. Returns the children whose tables do.
  [[nodiscard]] virtual std::vector<ChildId> set_receives(ChildId child, Receives receives) = 0;
  /// The child is being restarted, in its actor or in another one.
  virtual void restarted(ChildId) {}
  /// It is up.
  virtual void up(ChildId) {}
  /// A child that ran here was placed elsewhere: its actor was ended. Returns the children whose tables name it.
  [[nodiscard]] virtual std::vector<ChildId> placed_elsewhere(ChildId) { return {}; }
  /// The children whose tables name actors of other nodes that have come or gone since the last call: at a RenewTables.
  [[nodiscard]] virtual std::set<ChildId> take_outdated() { return {}; }
  /// The supervisor has given up. Called once.
  virtual void failed(const std::string& why) = 0;
};

struct SupervisorActorSettings {
  std::string swarm;  ///< for the log
  SupervisorSettings supervision;
  std::vector<ChildSpec> children;  ///< named as people should read them: "bee 'normalize'"
  std::shared_ptr<SupervisedActors> actors;
  Execution execution = Execution::dedicated;
  LogSink log;  ///< may be empty
};

/// Spawns the actor; it starts nothing until it is asked to (StartChildren). The children's actors may be spawned after
/// it, but before that; those of children that do not start with the others, when they are placed.
[[nodiscard]] caf::actor spawn_supervisor(caf::actor_system& system, SupervisorActorSettings settings);

}  // namespace skep
