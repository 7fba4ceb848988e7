#pragma once
// One node: hosts what the controller's table places on it, under a supervisor.
//
// An actor that ends by itself is started again by the supervisor, without asking the controller: the second number of
// an epoch counts such restarts, so that whatever the controller decides later is above all of them.//
// A crash takes all it has; it comes back as a new life that knows nothing. While paused it does nothing: messages and
// timers wait. Then it goes on as if no time had passed, though it may have been replaced; until a table tells it, what
// was placed anew elsewhere acts here too.

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "sim_actor.hpp"
#include "skep/actors/supervisor.hpp"

namespace skep::simulation {

class SimBee;
class SimGateway;

class SimNode {
 public:
  SimNode(World& world, NodeId self);
  ~SimNode();
  SimNode(SimNode&&) = default;

  void handle(Body body);
  void crash();
  void restart() { up_ = true; }
  void pause() { paused_ = true; }
  void resume();
  /// One actor ends by itself. The supervisor decides what follows.
  void fail(ActorId actor);
  /// One actor ends by itself, for good.
  void retire(ActorId actor);

  [[nodiscard]] bool up() const noexcept { return up_; }
  [[nodiscard]] bool paused() const noexcept { return paused_; }
  [[nodiscard]] std::uint32_t life() const noexcept { return life_; }
  [[nodiscard]] SimActor* find(ActorId actor) noexcept { return actors_[index(actor)].get(); }
  [[nodiscard]] SimBee* bee(ActorId actor) noexcept;
  [[nodiscard]] SimGateway* gateway(ActorId actor) noexcept;
  void expect_rest();

 private:
  void dispatch(Body& body);
  void apply(TableUpdate& update);
  void end(ActorId actor);
  void supervise_anew();
  void add(ActorId actor);
  void remove(ActorId actor);
  void launch(ActorId actor);
  /// Does what the supervisor wants.
  void act();
  void on_supervisor_timer(Epoch epoch);

  World& world_;
  NodeId self_;
  bool up_ = true, paused_ = false;
  std::uint32_t life_ = 1;
  Table table_;                                    ///< the latest one
  std::vector<std::unique_ptr<SimActor>> actors_;  ///< by ActorId
  std::vector<Epoch> placed_, launched_;           ///< latest placement here, by ActorId
  std::unique_ptr<Supervisor> supervisor_;
  std::vector<std::optional<ChildId>> children_;  ///< by ActorId
  std::vector<ActorId> actor_of_;                 ///< by ChildId
  std::optional<Time> armed_;
  std::deque<Body> waiting_;
};

}  // namespace skep::simulation
