#pragma once
// What two nodes say to each other, as values. serialization/schema/link.capnp has them as bytes.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "link/remote_actor.hpp"
#include "placement/membership.hpp"
#include "placement/placement.hpp"
#include "placement/presence.hpp"
#include "skep/actors/edge_messages.hpp"

namespace skep {

/// The version of these messages that this program speaks.
inline constexpr std::uint16_t link_protocol = 1;

/// SHA-256.
using Digest = std::array<std::byte, 32>;

/// What a connection is for: heartbeats must not wait behind records.
enum class LinkStream : std::uint8_t { control, data };

/// Of what makes a swarm what it is: both nodes must have the same.
struct SwarmDigest {
  Digest file{};
  Digest plugins{};
  Digest models{};
  friend auto operator<=>(const SwarmDigest&, const SwarmDigest&) = default;
};

struct LinkSwarm {
  std::string name;
  SwarmDigest digest;
  friend bool operator==(const LinkSwarm&, const LinkSwarm&) = default;
};

/// The first message on a connection, from both sides.
struct LinkHello {
  std::uint16_t protocol_min = link_protocol;
  std::uint16_t protocol_max = link_protocol;
  LinkStream stream = LinkStream::control;
  NodeNumber number = 0;
  std::uint64_t incarnation = 0;  ///< random for each start of the process
  std::uint64_t attempt = 0;      ///< the dialling node's count; the other one repeats it
  std::string cluster;
  std::string node;
  Digest nodes{};                 ///< of the configured list of nodes
  std::vector<LinkSwarm> swarms;  ///< a swarm's place is its number in all other messages
  friend bool operator==(const LinkHello&, const LinkHello&) = default;
};

/// The last message on a connection.
struct LinkRefusal {
  std::string why;
  friend bool operator==(const LinkRefusal&, const LinkRefusal&) = default;
};

struct LinkHeartbeat {
  Views views;
  std::vector<std::uint32_t> failed{};  ///< swarms that have given up on the node that says so, rising
  friend bool operator==(const LinkHeartbeat&, const LinkHeartbeat&) = default;
};

enum class BatchKind : std::uint8_t {
  records,
  replies,  ///< to a gateway: what a ReplyBatch holds
};

struct RemoteBatch {
  BeeAddress to;
  RecordBatch batch;
  BatchKind kind = BatchKind::records;
};

struct RemoteAck {
  BeeAddress to;
  BatchAck ack;
};

/// A decision, for one swarm.
struct PlacementNotice {
  std::uint32_t swarm = 0;
  Placement placement;
  friend bool operator==(const PlacementNotice&, const PlacementNotice&) = default;
};

struct PresenceNotice {
  std::uint32_t swarm = 0;
  std::vector<ActorPresence> actors;
  friend bool operator==(const PresenceNotice&, const PresenceNotice&) = default;
};

using LinkMessage =
    std::variant<LinkHello, LinkRefusal, LinkHeartbeat, RemoteBatch, RemoteAck, PlacementNotice, PresenceNotice>;

}  // namespace skep
