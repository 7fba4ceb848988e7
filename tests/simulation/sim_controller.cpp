#include "sim_controller.hpp"

namespace skep::simulation {

SimController::SimController(World& world, std::vector<SimNode>& nodes)
    : world_(world), nodes_(nodes), members_(nodes.size()), unplaced_(world.scenario.actors()) {
  table_.places.resize(world.scenario.actors());
}

void SimController::start() {
  for (std::uint32_t i = 0; i < table_.places.size(); ++i) {
    const auto actor = static_cast<ActorId>(i);
    const auto node = world_.scenario.is_gateway(actor)  ? i
                      : world_.scenario.is_pinned(actor) ? i % nodes_.size()
                                                         : world_.random.below(nodes_.size());
    place(actor, static_cast<NodeId>(node));
  }
  ++table_.version;
  for (auto& node : nodes_) node.handle(TableUpdate{node.life(), table_});
}

void SimController::place(ActorId actor, NodeId node) {
  table_.places[index(actor)] = {{++decisions_, 0}, node, false};
  unplaced_[index(actor)] = false;
}

void SimController::lost(NodeId node) {
  if (!members_[index(node)].there) return;
  world_.note(Trace::Mark::node_lost, index(node));
  members_[index(node)].there = false;
  for (std::uint32_t i = 0; i < table_.places.size(); ++i) {
    const auto actor = static_cast<ActorId>(i);
    const auto& place = table_.of(actor);
    if (!world_.scenario.is_pinned(actor) && place.node == node && !place.gone) unplaced_[i] = true;
  }
  place_unplaced();
  publish();
}

void SimController::joined(NodeId node) {
  auto& member = members_[index(node)];
  const auto life = nodes_[index(node)].life();
  if (!nodes_[index(node)].up() || (member.there && member.life == life)) return;
  if (member.there) lost(node);  // its end and its new life are noticed together
  world_.note(Trace::Mark::node_joined, index(node));
  if (member.life != life) {
    for (const auto actor : pinned_to(node)) place(actor, node);
  }
  member = {true, life};
  place_unplaced();
  publish();
}

void SimController::left(NodeId node) {
  for (const auto actor : pinned_to(node)) end(actor);
  lost(node);
  publish();  // it may have been lost before
}

std::vector<ActorId> SimController::pinned_to(NodeId node) const {
  std::vector<ActorId> actors;
  for (std::uint32_t i = 0; i < table_.places.size(); ++i) {
    const auto actor = static_cast<ActorId>(i);
    if (table_.of(actor).node == node && world_.scenario.is_pinned(actor)) actors.push_back(actor);
  }
  return actors;
}

void SimController::end(ActorId actor) {
  table_.places[index(actor)].gone = true;
  world_.invariants.gone(actor);
}

/// Whoever still runs it is told by the higher epoch that it has ended.
void SimController::retired(ActorId actor) {
  if (table_.of(actor).gone) return;
  place(actor, table_.of(actor).node);
  end(actor);
  publish();
}

void SimController::restarted(ActorId actor, Epoch epoch) {
  auto& known = table_.places[index(actor)].epoch;
  if (epoch.counter != known.counter || epoch <= known) return;
  known = epoch;
  publish();
}

void SimController::place_unplaced() {
  std::vector<NodeId> there;
  for (std::uint32_t i = 0; i < members_.size(); ++i) {
    if (members_[i].there) there.push_back(static_cast<NodeId>(i));
  }
  if (there.empty()) return;
  for (std::uint32_t i = 0; i < unplaced_.size(); ++i) {
    if (unplaced_[i]) place(static_cast<ActorId>(i), there[world_.random.below(there.size())]);
  }
}

void SimController::publish() {
  ++table_.version;
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    const auto after = world_.random.between(Duration(1000), world_.scenario.notice_max);
    world_.events.at(world_.now() + after, {static_cast<NodeId>(i), TableUpdate{members_[i].life, table_}});
  }
}

}  // namespace skep::simulation
