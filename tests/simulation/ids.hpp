#pragma once
// Names of the things in a simulated cluster, and where each actor is placed.

#include <chrono>
#include <cstdint>
#include <vector>

#include "skep/actors/edge_session.hpp"

namespace skep::simulation {

using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

enum class NodeId : std::uint32_t {};
enum class ActorId : std::uint32_t {};  ///< a gateway, or one replica of a bee; the same for all its placements

[[nodiscard]] constexpr std::uint32_t index(NodeId id) noexcept {
  return static_cast<std::uint32_t>(id);
}
[[nodiscard]] constexpr std::uint32_t index(ActorId id) noexcept {
  return static_cast<std::uint32_t>(id);
}

struct Placement {
  Epoch epoch{};
  NodeId node{};
  bool gone = false;  ///< for good
};

/// What the controller tells the nodes: where each actor is, by ActorId.
struct Table {
  std::uint64_t version = 0;
  std::vector<Placement> places;

  [[nodiscard]] const Placement& of(ActorId actor) const { return places[index(actor)]; }
};

/// One placement of one actor, as itself knows it.
struct Place {
  ActorId actor{};
  NodeId node{};
  Epoch epoch{};
};

}  // namespace skep::simulation
