#include "sim_node.hpp"

#include <utility>

#include "sim_bee.hpp"
#include "sim_gateway.hpp"

namespace skep::simulation {

using namespace std::chrono_literals;

SimNode::SimNode(World& world, NodeId self)
    : world_(world), self_(self), actors_(world.scenario.actors()), ended_(world.scenario.actors()) {}

SimNode::~SimNode() = default;

SimBee* SimNode::bee(ActorId actor) noexcept {
  return world_.scenario.is_gateway(actor) ? nullptr : static_cast<SimBee*>(find(actor));
}

SimGateway* SimNode::gateway(ActorId actor) noexcept {
  return world_.scenario.is_gateway(actor) ? static_cast<SimGateway*>(find(actor)) : nullptr;
}

void SimNode::handle(Body body) {
  if (!up_) return;
  if (paused_) {
    waiting_.push_back(std::move(body));
  } else {
    dispatch(body);
  }
}

void SimNode::dispatch(Body& body) {
  if (auto* update = std::get_if<TableUpdate>(&body)) return apply(*update);
  SimActor* actor = nullptr;
  if (const auto* forth = std::get_if<EdgeForth>(&body)) {
    actor = find(forth->to);
  } else if (const auto* back = std::get_if<EdgeBack>(&body)) {
    world_.note(Trace::Mark::ack, index(back->from), index(back->to), back->ack.done, back->ack.expected);
    actor = find(back->to);
  } else if (const auto* timer = std::get_if<Timer>(&body)) {
    world_.note(Trace::Mark::timer, index(timer->actor), static_cast<std::uint64_t>(timer->kind));
    actor = find(timer->actor);
    if (actor != nullptr && actor->self().epoch != timer->epoch) return;
  }
  if (actor != nullptr) actor->handle(std::move(body));
}

void SimNode::crash() {
  for (std::uint32_t i = 0; i < actors_.size(); ++i) end(static_cast<ActorId>(i));
  for (auto& epoch : ended_) epoch = {};
  waiting_.clear();
  table_version_ = 0;
  up_ = paused_ = false;
  ++life_;
}

/// Its connection to the controller takes a while to come alive again: what was replaced goes on until then.
void SimNode::resume() {
  paused_ = false;
  for (auto& body : std::exchange(waiting_, {})) {
    if (std::holds_alternative<TableUpdate>(body)) {
      world_.events.at(world_.now() + world_.random.between(Duration(0), 2s), {self_, std::move(body)});
    } else {
      dispatch(body);
    }
  }
}

void SimNode::end(ActorId actor) {
  auto& slot = actors_[index(actor)];
  if (!slot) return;
  world_.note(Trace::Mark::stopped, index(actor), index(self_), slot->self().epoch.counter);
  slot->give_up();
  ended_[index(actor)] = slot->self().epoch;
  slot.reset();
}

void SimNode::apply(TableUpdate& update) {
  if (update.life != life_ || update.table.version <= table_version_) return;
  table_version_ = update.table.version;
  world_.note(Trace::Mark::table, index(self_), table_version_);
  const auto& table = update.table;
  for (std::uint32_t i = 0; i < actors_.size(); ++i) {
    const auto actor = static_cast<ActorId>(i);
    const auto& placement = table.places[i];
    if (actors_[i] && placement.epoch > actors_[i]->self().epoch) end(actor);
    if (!actors_[i]) {
      if (placement.node == self_ && placement.epoch > ended_[i] && !placement.gone) start(actor, table);
    } else {
      actors_[i]->handle(update);
    }
  }
}

void SimNode::start(ActorId actor, const Table& table) {
  const Place place{actor, self_, table.of(actor).epoch};
  world_.note(Trace::Mark::placed, index(actor), index(self_), place.epoch.counter);
  if (world_.scenario.is_gateway(actor)) {
    actors_[index(actor)] = std::make_unique<SimGateway>(world_, place, table);
  } else {
    actors_[index(actor)] = std::make_unique<SimBee>(world_, place, table);
  }
}

void SimNode::expect_rest() {
  for (auto& actor : actors_) {
    if (actor) actor->expect_rest();
  }
}

}  // namespace skep::simulation
