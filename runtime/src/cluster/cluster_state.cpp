#include "cluster/cluster_state.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "skep/runtime/limits.hpp"

namespace skep {

ClusterState::ClusterState(Settings settings, std::vector<PlacementNeeds> needs, Time now)
    : settings_(std::move(settings)),
      membership_(settings_.self, static_cast<NodeNumber>(settings_.members.size())),
      incarnations_(settings_.members.size()),
      first_at_(now + settings_.first_wait) {
  for (auto& each : needs) swarms_.push_back({std::move(each), {}, {}});
  incarnations_[settings_.self - 1] = settings_.incarnation;
  met_.add(settings_.self);
}

void ClusterState::up(NodeNumber node, std::uint64_t incarnation, Time now) {
  assert(node >= 1 && node <= incarnations_.size());
  if (!changed_at_) changed_at_ = now;
  incarnations_[node - 1] = incarnation;
  met_.add(node);
  membership_.up(node);
  views_told_.remove(node);
}

void ClusterState::heard(NodeNumber node, Views views) {
  membership_.heard(node, std::move(views));
  if (membership_.seen().has(node)) views_told_.add(node);
}

void ClusterState::down(NodeNumber node, Time now) {
  if (!changed_at_) changed_at_ = now;
  membership_.down(node);
  views_told_.remove(node);
  for (auto& swarm : swarms_) swarm.told.remove(node);
}

namespace {

/// Nobody decides that often: whoever says so is broken, and what is decided next must have a higher number still.
bool is_plausible(Epoch said, Epoch own) noexcept {
  if (own == Epoch{}) return said.counter <= limits::placement_epoch_max;
  return said.counter <= own.counter || said.counter - own.counter <= limits::placement_steps_max;
}

}  // namespace

bool ClusterState::heard(NodeNumber node, std::uint32_t swarm, const Placement& placement) {
  if (swarm >= swarms_.size() || !membership_.seen().has(node)) return false;
  auto& own = swarms_[swarm];
  own.told.add(node);
  if (placement.epoch <= own.placement.epoch || placement.parts.size() != own.needs.parts.size()) return false;
  if (!is_plausible(placement.epoch, own.placement.epoch) || !knows_all_of(placement)) return false;
  own.placement = placement;
  return true;
}

/// The nodes that it names are configured.
bool ClusterState::knows_all_of(const Placement& placement) const {
  const auto most = settings_.members.size();
  const auto known = [most](const Place& place) { return place.node <= most; };
  return placement.epoch.node >= 1 && placement.epoch.node <= most &&
         std::ranges::all_of(placement.parts, [&](const auto& part) { return std::ranges::all_of(part, known); });
}

/// Those who are seen.
bool ClusterState::all_told(NodeSet told) const {
  told.add(settings_.self);
  return told == membership_.seen();
}

bool ClusterState::knows_enough(const Swarm& swarm, Time now) const {
  if (swarm.placement.epoch != Epoch{}) return met_all() || now >= first_at_;
  return all_told(swarm.told) && (membership_.seen().size() == settings_.members.size() || now >= first_at_);
}

/// Without what was placed on an earlier life of a node.
Placement ClusterState::still_there(const Placement& placement) const {
  auto there = placement;
  for (auto& part : there.parts) {
    for (auto& place : part) {
      if (place.node == 0) continue;
      const auto index = place.node - 1;
      const bool same = index < placement.incarnations.size() && index < incarnations_.size() &&
                        placement.incarnations[index] == incarnations_[index];
      if (!same) place = {};
    }
  }
  return there;
}

bool ClusterState::decide(Swarm& swarm, Time now) {
  if (!knows_enough(swarm, now)) return false;
  std::vector<Member> members;
  const auto seen = membership_.seen();
  for (const auto& member : settings_.members) {
    if (seen.has(member.number)) members.push_back(member);
  }
  auto next = place(swarm.needs, members, still_there(swarm.placement), membership_.next(swarm.placement.epoch));
  if (next.parts == swarm.placement.parts) return false;
  next.incarnations = incarnations_;  // of a node that is away, the last one: its gateways stay with it
  swarm.placement = std::move(next);
  return true;
}

/// Counted from the first link that came or went, so that one which does so again and again delays little. Whom others
/// see is known when all have told it.
ClusterState::Time ClusterState::settled_at() const {
  const bool reaches_all = all_told(views_told_) && !membership_.others_see_more();
  return *changed_at_ + (reaches_all ? settings_.settle_time : std::max(settings_.settle_time, settings_.reach_time));
}

std::vector<std::uint32_t> ClusterState::decide(Time now) {
  std::vector<std::uint32_t> decided;
  if (changed_at_ && now < settled_at()) return decided;
  changed_at_.reset();
  if (!membership_.decides() || !all_told(views_told_)) return decided;
  for (std::uint32_t i = 0; i < swarms_.size(); ++i) {
    if (decide(swarms_[i], now)) decided.push_back(i);
  }
  return decided;
}

std::optional<ClusterState::Time> ClusterState::due(Time now) const {
  if (changed_at_) return settled_at();
  if (now >= first_at_) return std::nullopt;  // from here on events decide
  const auto is_placed = [](const Swarm& swarm) { return swarm.placement.epoch != Epoch{}; };
  if (met_all() && std::ranges::all_of(swarms_, is_placed)) return std::nullopt;
  return first_at_;
}

Placement ClusterState::own_view(std::uint32_t swarm) const {
  auto view = swarms_[swarm].placement;
  const auto index = settings_.self - 1;
  if (index < view.incarnations.size() && view.incarnations[index] == settings_.incarnation) return view;
  for (auto& part : view.parts) {
    for (auto& place : part) {
      if (place.node == settings_.self) place = {};
    }
  }
  return view;
}

}  // namespace skep
