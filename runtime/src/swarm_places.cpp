#include "swarm_places.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace skep::detail {
namespace {

bool drains(PresenceState state) {
  return state == PresenceState::draining || state == PresenceState::drained;
}

}  // namespace

SwarmPlaces::SwarmPlaces(NodeNumber node, const std::vector<Part>& parts) : node_(node) {
  for (const auto& part : parts) {
    const auto replicas = part.gateway ? static_cast<std::uint32_t>(part.homes.size()) * part.threads : part.replicas;
    const auto first = static_cast<std::uint32_t>(children_.size());
    parts_.push_back({first, replicas, part.gateway, part.sink, part.homes, part.threads});
    for (std::uint32_t number = 0; number < replicas; ++number) {
      children_.emplace_back().replica = {parts_.size() - 1, number};
    }
  }
  children_.shrink_to_fit();  // for good: their number stays
}

void SwarmPlaces::place_all_here() {
  open_ = true;
  for (auto& child : children_) child.place = {node_, child.decision = {1, node_}};
}

std::optional<ChildId> SwarmPlaces::find(std::uint32_t part, std::uint32_t number) const {
  if (part >= parts_.size() || number >= parts_[part].replicas) return std::nullopt;
  return child(part, number);
}

std::uint32_t SwarmPlaces::count_here(PartIndex part) const {
  const auto first = children_.begin() + parts_[part].first;
  return static_cast<std::uint32_t>(
      std::count_if(first, first + parts_[part].replicas, [this](const Child& child) { return is_here(child); }));
}

NodeNumber SwarmPlaces::home(ChildId gateway) const {
  const auto [part, number] = replica(gateway);
  return parts_[part].homes[number / parts_[part].threads];
}

std::uint32_t SwarmPlaces::thread(ChildId gateway) const {
  const auto [part, number] = replica(gateway);
  return number % parts_[part].threads;
}

SwarmPlaces::Reach SwarmPlaces::reach(ChildId id) const {
  const auto& child = at(id);
  if (is_here(child)) return child.closed ? Reach::gone : Reach::here;
  if (child.elsewhere == Elsewhere::ended) return Reach::gone;
  if (child.elsewhere == Elsewhere::draining) return Reach::draining;
  return child.elsewhere == Elsewhere::up ? Reach::elsewhere : Reach::away;
}

std::optional<ActorPresence> SwarmPlaces::presence(ChildId id) const {
  const auto& child = at(id);
  if (!is_here(child) || !(child.is_up || child.closed)) return std::nullopt;
  return ActorPresence{static_cast<std::uint32_t>(child.replica.part), child.replica.number, child.birth, state(child)};
}

PresenceState SwarmPlaces::state(const Child& child) const {
  const auto& part = parts_[child.replica.part];
  if (part.gateway && phase_ == Phase::drained) return PresenceState::drained;
  const bool draining = part.sink ? phase_ >= Phase::sinks_drain : !part.gateway && phase_ >= Phase::bees_drain;
  if (draining) return PresenceState::draining;
  return child.closed ? PresenceState::ended : PresenceState::up;
}

std::vector<ActorPresence> SwarmPlaces::presence() const {
  std::vector<ActorPresence> all;
  for (std::size_t child = 0; child < children_.size(); ++child) {
    if (const auto said = presence(ChildId(child))) all.push_back(*said);
  }
  return all;
}

// What happens here.

Epoch SwarmPlaces::spawn(ChildRun run) {
  auto& child = at(run.child);
  child.birth = birth_of(child.decision, run.life);
  child.closed = child.is_up = false;
  return child.birth;
}

SwarmPlaces::Changes SwarmPlaces::up(ChildId id) {
  Changes changes;
  at(id).is_up = true;
  say(id, changes);
  open_gateways(changes);
  return changes;
}

SwarmPlaces::Changes SwarmPlaces::close(ChildId id, bool closed) {
  Changes changes;
  at(id).closed = closed;
  say(id, changes);
  return changes;
}

SwarmPlaces::Changes SwarmPlaces::begin_end() {
  Changes changes;
  ending_ = true;
  for (auto& child : children_) {
    const auto* said = said_in_force(child);
    const bool draining = said != nullptr && drains(said->state);
    if (draining) take_up(child);
    if (child.left) child.elsewhere = Elsewhere::ended;
    if (draining || child.left) changes.moved.insert(child.replica.part);
  }
  return changes;
}

SwarmPlaces::Changes SwarmPlaces::drain(Phase phase) {
  Changes changes;
  phase_ = phase;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    if (drains(state(children_[i]))) say(ChildId(i), changes);
  }
  return changes;
}

SwarmPlaces::Changes SwarmPlaces::fail() {
  Changes changes;
  failed_ = true;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& child = children_[i];
    if (!is_here(child) || is_gateway(child.replica.part)) continue;
    child.closed = true;
    say(ChildId(i), changes);
  }
  return changes;
}

void SwarmPlaces::say(ChildId id, Changes& changes) const {
  if (const auto said = presence(id)) changes.news.push_back(*said);
}

void SwarmPlaces::open_gateways(Changes& changes) {
  if (open_ || !all_bees_up()) return;
  open_ = true;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    const auto& child = children_[i];
    if (is_gateway(child.replica.part) && is_here(child)) changes.orders.push_back({ChildId(i), true});
  }
}

/// Looks at each child again only when that which was missing is up.
bool SwarmPlaces::all_bees_up() {
  const auto missing = [this](const Child& child) {
    if (is_gateway(child.replica.part) || child.place.node == 0) return false;
    return is_here(child) ? !child.is_up : child.elsewhere == Elsewhere::away;
  };
  const auto last = children_.begin() + static_cast<std::ptrdiff_t>(first_missing_);
  if (last != children_.end() && missing(*last)) return false;
  const auto found = std::ranges::find_if(children_, missing);
  first_missing_ = static_cast<std::size_t>(found - children_.begin());
  return found == children_.end();
}

// What other nodes say.

/// Of gateways the placement has those that are there, and not one for each child.
Place SwarmPlaces::placed(const Placement& placement, ChildId id) const {
  const auto [part, number] = replica(id);
  const auto& places = placement.parts[part];
  if (!is_gateway(part)) return number < places.size() ? places[number] : Place{};
  const auto found = std::ranges::find(places, home(id), &Place::node);
  return found != places.end() ? *found : Place{};
}

SwarmPlaces::Changes SwarmPlaces::place(const Placement& placement) {
  assert(placement.parts.size() == parts_.size());
  Changes changes;
  for (std::size_t i = 0; i < children_.size(); ++i) reset(ChildId(i), placed(placement, ChildId(i)), changes);
  open_gateways(changes);
  return changes;
}

/// The child is to be where it was, or somewhere else.
void SwarmPlaces::reset(ChildId id, const Place& place, Changes& changes) {
  auto& child = at(id);
  if (child.place == place) return;
  changes.moved.insert(child.replica.part);
  if (is_here(child)) changes.orders.push_back({id, false});
  child.place = place;
  child.elsewhere = ending_ && child.left ? Elsewhere::ended : Elsewhere::away;
  child.closed = child.is_up = false;
  child.left &= ending_;
  if (!is_here(child)) {
    take_up(child);
    return;
  }
  const bool gateway = is_gateway(child.replica.part);
  child.decision = place.epoch;
  if (failed_ && !gateway) {
    child.birth = birth_of(place.epoch, 1);
    child.closed = true;
    return say(id, changes);
  }
  if (!gateway || open_) changes.orders.push_back({id, true});
}

const SwarmPlaces::Said* SwarmPlaces::said_by(const Child& child, NodeNumber node) {
  const auto found = std::ranges::find(child.said, node, &Said::by);
  return found != child.said.end() ? &*found : nullptr;
}

/// By the node that the decision in force has placed it on, of that very decision.
const SwarmPlaces::Said* SwarmPlaces::said_in_force(const Child& child) {
  const auto* said = said_by(child, child.place.node);
  return said != nullptr && decision_of(said->birth) == child.place.epoch ? said : nullptr;
}

Epoch SwarmPlaces::said_birth(ChildId child) const {
  const auto* said = said_in_force(at(child));
  return said != nullptr ? said->birth : Epoch{};
}

/// Within one decision lives only go up. Of two decisions the later word counts: a node that has followed a decision
/// which did not prevail goes back to an earlier one.
bool SwarmPlaces::is_news(NodeNumber node, const ActorPresence& presence) const {
  const auto id = find(presence.part, presence.replica);
  if (!id) return false;
  const auto* said = said_by(at(*id), node);
  if (said == nullptr || decision_of(presence.epoch) != decision_of(said->birth)) return true;
  return presence.epoch > said->birth || (presence.epoch == said->birth && presence.state != said->state);
}

SwarmPlaces::Changes SwarmPlaces::tell(NodeNumber node, const ActorPresence& presence) {
  Changes changes;
  if (!is_news(node, presence)) return changes;
  auto& child = at(*find(presence.part, presence.replica));
  const auto found = std::ranges::find(child.said, node, &Said::by);
  if (found != child.said.end() && found->birth != presence.epoch) changes.replaced = found->birth;
  auto& said = found != child.said.end() ? *found : child.said.emplace_back();
  said = {node, presence.epoch, presence.state};
  if (node != child.place.node) return changes;
  if (take_up(child) || forget_reach(child)) changes.moved.insert(presence.part);
  open_gateways(changes);
  return changes;
}

/// Returns whether it is where another node has said it is.
bool SwarmPlaces::take_up(Child& child) const {
  const auto* said = said_in_force(child);
  if (said == nullptr) return false;
  switch (said->state) {
    case PresenceState::up:
      child.elsewhere = Elsewhere::up;
      break;
    case PresenceState::ended:
      child.elsewhere = Elsewhere::ended;
      break;
    case PresenceState::draining:
    case PresenceState::drained:
      child.elsewhere = while_ending(child.replica.part, said->state);
  }
  child.left = false;
  return true;
}

/// It is waited for: its node comes back, or it is placed anew. Where this node ends, too, nobody may be left for that:
/// a bee has ended then, and a sink takes what still comes until it has drained.
SwarmPlaces::Elsewhere SwarmPlaces::while_ending(PartIndex part, PresenceState state) const {
  if (is_gateway(part) && state == PresenceState::draining) return ending_ ? Elsewhere::up : Elsewhere::draining;
  return ending_ ? Elsewhere::ended : Elsewhere::away;
}

/// Returns whether it was known where it is.
bool SwarmPlaces::forget_reach(Child& child) {
  if (child.elsewhere == Elsewhere::away || child.elsewhere == Elsewhere::given_up) return false;
  child.elsewhere = Elsewhere::away;
  return true;
}

SwarmPlaces::Changes SwarmPlaces::lose(NodeNumber node) {
  Changes changes;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& child = children_[i];
    const auto* said = said_in_force(child);
    const bool left = is_gateway(child.replica.part) && said != nullptr && drains(said->state);
    if (std::erase_if(child.said, [&](const Said& each) { return each.by == node; }) != 0) {
      changes.forgotten.push_back({ChildId(i), node});
    }
    if (child.place.node != node || (ending_ && child.elsewhere == Elsewhere::ended)) continue;
    if (left) child.left = true;
    if (!forget_reach(child)) continue;
    if (ending_ && left) child.elsewhere = Elsewhere::ended;
    changes.moved.insert(child.replica.part);
  }
  return changes;
}

SwarmPlaces::Changes SwarmPlaces::give_up(NodeNumber node) {
  Changes changes;
  for (std::size_t i = 0; i < children_.size(); ++i) {
    auto& child = children_[i];
    if (!is_gateway(child.replica.part) || home(ChildId(i)) != node || child.elsewhere == Elsewhere::up) continue;
    if (ending_ && child.elsewhere == Elsewhere::ended) continue;
    child.elsewhere = Elsewhere::given_up;
    changes.moved.insert(child.replica.part);
  }
  return changes;
}

}  // namespace skep::detail
