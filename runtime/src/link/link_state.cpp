#include "link/link_state.hpp"

#include <algorithm>
#include <cassert>

#include "skep/actors/option.hpp"

namespace skep {
namespace {

/// "file, models": what of the swarm is not the same; "" if all is.
std::string differing_parts(const SwarmDigest& own, const SwarmDigest& its) {
  std::string parts;
  const auto compare = [&](const Digest& a, const Digest& b, const char* what) {
    if (a != b) parts += (parts.empty() ? "" : ", ") + std::string(what);
  };
  compare(own.file, its.file, "file");
  compare(own.plugins, its.plugins, "plug-ins");
  compare(own.models, its.models, "models");
  return parts;
}

std::string swarms_difference(const std::vector<LinkSwarm>& own, const std::vector<LinkSwarm>& its) {
  const auto named = [](const std::vector<LinkSwarm>& swarms, const std::string& name) {
    return std::ranges::find(swarms, name, &LinkSwarm::name);
  };
  for (const auto& swarm : own) {
    const auto found = named(its, swarm.name);
    if (found == its.end()) return "it does not run swarm '" + swarm.name + '\'';
    if (const auto parts = differing_parts(swarm.digest, found->digest); !parts.empty()) {
      return "its swarm '" + swarm.name + "' is another one (" + parts + ')';
    }
  }
  for (const auto& swarm : its) {
    if (named(own, swarm.name) == own.end()) return "it runs swarm '" + swarm.name + "', which is not here";
  }
  return own == its ? "" : "it runs the same swarms in another order";
}

}  // namespace

std::string difference(const LinkHello& own, const LinkHello& its) {
  if (its.protocol_min > own.protocol_max || its.protocol_max < own.protocol_min) {
    return "it speaks versions " + std::to_string(its.protocol_min) + " to " + std::to_string(its.protocol_max) +
           " of the links' protocol, and this node " + std::to_string(own.protocol_min) + " to " +
           std::to_string(own.protocol_max);
  }
  if (its.cluster != own.cluster) return "it is of cluster " + its.cluster + ", not " + own.cluster;
  if (its.nodes != own.nodes) return "its [cluster] nodes are not those of this node";
  return swarms_difference(own.swarms, its.swarms);
}

std::uint64_t LinkState::begin(Time now) {
  assert(dials_ && phase_ == Phase::down);
  open_ = true;
  give_up_ = now + settings_.hello_time_max;
  return ++attempt_;
}

LinkState::Joins LinkState::on_hello(LinkStream stream, std::uint64_t incarnation, std::uint64_t attempt, Time now) {
  auto& here = stream == LinkStream::control ? control_ : data_;
  const bool known = incarnation == incarnation_;
  auto joins = Joins::this_one;
  if (!open_ || here || attempt != attempt_ || (!known && (control_ || data_))) {
    if (dials_ || (known && attempt <= attempt_)) return Joins::nothing;
    joins = Joins::new_one;
    reset();
    open_ = true;
    attempt_ = attempt;
    give_up_ = now + settings_.hello_time_max;
  }
  incarnation_ = incarnation;
  here = true;
  heard_ = looked_ = now;
  if (control_ && data_) phase_ = Phase::waiting;
  if (phase_ == Phase::waiting && dials_) come_up(now);
  return joins;
}

bool LinkState::on_message(LinkStream stream, Time now) {
  if (stream == LinkStream::control) heard_ = now;
  if (phase_ != Phase::waiting) return false;
  come_up(now);
  return true;
}

void LinkState::come_up(Time now) {
  phase_ = Phase::up;
  give_up_.reset();
  heard_ = looked_ = now;
  heartbeat_ = now;
}

void LinkState::on_end() {
  reset();
}

/// The attempt's number stays: nothing joins one that has ended.
void LinkState::reset() {
  phase_ = Phase::down;
  control_ = data_ = open_ = false;
  give_up_.reset();
}

LinkState::Due LinkState::tick(Time now) {
  Due due;
  if (give_up_ && now >= *give_up_) {
    due.dead = "the other node has not said hello on both connections within " + to_string(settings_.hello_time_max);
    return due;
  }
  if (phase_ != Phase::up) return due;
  const auto late = now - std::max(looked_, heard_) - settings_.heartbeat_interval;
  if (late > settings_.heartbeat_interval) heard_ += late;  // it was this node that stood still
  looked_ = now;
  if (now - heard_ >= settings_.silence_max) {
    due.dead = "nothing was heard for " + to_string(settings_.silence_max);
    return due;
  }
  if (now >= heartbeat_) {
    due.heartbeat = true;
    heartbeat_ = now + settings_.heartbeat_interval;
  }
  return due;
}

std::optional<LinkState::Time> LinkState::due() const noexcept {
  if (phase_ != Phase::up) return give_up_;
  return std::min(heartbeat_, heard_ + settings_.silence_max);
}

}  // namespace skep
