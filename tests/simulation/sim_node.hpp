#pragma once
// One node: hosts what the controller's table places on it.
//
// A crash takes all it has; it comes back as a new life that knows nothing. While paused it does nothing: messages and
// timers wait. Then it goes on as if no time had passed, though it may have been replaced; until a table tells it, what
// was placed anew elsewhere acts here too.

#include <deque>
#include <memory>
#include <vector>

#include "sim_actor.hpp"

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
  /// One actor ends by itself.
  void end(ActorId actor);

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
  void start(ActorId actor, const Table& table);

  World& world_;
  NodeId self_;
  bool up_ = true, paused_ = false;
  std::uint32_t life_ = 1;
  std::uint64_t table_version_ = 0;
  std::vector<std::unique_ptr<SimActor>> actors_;  ///< by ActorId
  std::vector<Epoch> ended_;                       ///< latest placement that has ended here, by ActorId
  std::deque<Body> waiting_;
};

}  // namespace skep::simulation
