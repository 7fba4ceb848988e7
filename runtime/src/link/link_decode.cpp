// The bytes of messages of a link to values.

#include <cstring>
#include <string>

#include "link/link_codec.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/schema/link.capnp.h"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/malformed.hpp"
#include "skep/serialization/record_codec.hpp"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace {

/// What a sender's key has room for.
constexpr std::uint32_t key_part_max = (1u << 23) - 1;
constexpr std::uint32_t key_replica_max = (1u << 20) - 1;
constexpr std::uint64_t key_mark = std::uint64_t{1} << 63;
/// No program counts so far; so sums of what nodes claim stay numbers.
constexpr std::uint64_t total_max = std::uint64_t{1} << 62;
constexpr std::uint64_t epoch_max = (std::uint64_t{1} << 63) - 1;
static_assert(sender_key(key_part_max, key_replica_max, reply_edge) == SenderKey{~std::uint64_t{0}});
static_assert(sender_key(0, 0, 0) == SenderKey{key_mark});
static_assert(limits::cluster_nodes_max == NodeSet::node_max);

[[noreturn]] void refuse(const std::string& what) {
  throw BadRecord(what);
}

void check_most(std::string_view what, std::uint64_t value, std::string_view name, std::uint64_t limit,
                std::string_view unit) {
  if (value > limit) refuse(over_limit(what, value, name, limit, unit));
}

void check_number(std::string_view what, std::uint64_t number, std::uint64_t most) {
  if (number <= most) return;
  refuse(std::string(what) + " " + std::to_string(number) + ", where " + std::to_string(most) + " is the last");
}

std::uint32_t read_swarm(std::uint32_t swarm) {
  check_number("swarm", swarm, limits::link_swarms_max - 1);
  return swarm;
}

NodeNumber read_node(std::uint32_t node) {
  check_number("node", node, limits::cluster_nodes_max);
  return node;
}

/// Of a decision.
template <class Group>
Epoch read_epoch(Group in) {
  check_number("epoch", in.getCounter(), epoch_max);
  return {in.getCounter(), read_node(in.getNode())};
}

/// Of an actor.
template <class Group>
Epoch read_birth(Group in) {
  check_number("epoch", in.getCounter(), epoch_max);
  const Epoch birth{in.getCounter(), in.getNode()};
  check_number("node", decision_of(birth).node, limits::cluster_nodes_max);
  return birth;
}

template <class Group>
Quantity read_quantity(Group in) {
  return {in.getRecords(), in.getBytes()};
}

bool within(Quantity a, Quantity b) noexcept {
  return a.records <= b.records && a.bytes <= b.bytes;
}

void check_replica(std::uint32_t part, std::uint32_t replica) {
  check_number("part", part, key_part_max);
  check_number("replica", replica, key_replica_max);
}

BeeAddress read_address(wire::Address::Reader in) {
  check_replica(in.getPart(), in.getReplica());
  return {read_swarm(in.getSwarm()), in.getPart(), in.getReplica(), read_birth(in.getEpoch())};
}

std::string read_text(std::string_view what, capnp::Text::Reader in, std::string_view name, std::size_t limit) {
  check_most(what, in.size(), name, limit, "bytes");
  return {in.begin(), in.size()};
}

std::string read_why(capnp::Text::Reader in) {
  return read_text("the reason", in, "link_text_bytes_max", limits::link_text_bytes_max);
}

Digest read_digest(capnp::Data::Reader in) {
  Digest digest;
  if (in.size() != digest.size()) refuse("a digest of " + std::to_string(in.size()) + " bytes, which has 32");
  std::memcpy(digest.data(), in.begin(), digest.size());
  return digest;
}

/// `last` is the highest one that is known.
template <class To, class From>
To read_enum(std::string_view what, From value, To last) {
  const auto number = static_cast<std::uint16_t>(value);
  if (number > static_cast<std::uint16_t>(last)) refuse("unknown " + std::string(what) + " " + std::to_string(number));
  return static_cast<To>(number);
}

std::vector<LinkSwarm> read_swarms(capnp::List<wire::HelloSwarm>::Reader in) {
  check_most("the hello", in.size(), "link_swarms_max", limits::link_swarms_max, "swarms");
  std::vector<LinkSwarm> swarms;
  for (const auto swarm : in) {
    swarms.push_back({read_text("the swarm's name", swarm.getName(), "name_bytes_max", limits::name_bytes_max),
                      {read_digest(swarm.getFile()), read_digest(swarm.getPlugins()), read_digest(swarm.getModels())}});
  }
  return swarms;
}

LinkHello read_hello(wire::Hello::Reader in) {
  constexpr auto name_max = limits::peer_name_bytes_max;
  LinkHello hello;
  hello.protocol_min = in.getProtocolMin();
  hello.protocol_max = in.getProtocolMax();
  if (hello.protocol_min > hello.protocol_max) refuse("protocols that end before they begin");
  hello.stream = read_enum("stream", in.getStream(), LinkStream::data);
  hello.number = read_node(in.getNodeNumber());
  if (hello.number == 0) refuse("node 0, where 1 is the first");
  hello.incarnation = in.getIncarnation();
  if (hello.incarnation == 0) refuse("incarnation 0, which no process has");
  hello.attempt = in.getAttempt();
  hello.cluster = read_text("the cluster's name", in.getCluster(), "peer_name_bytes_max", name_max);
  hello.node = read_text("the node's name", in.getNode(), "peer_name_bytes_max", name_max);
  hello.nodes = read_digest(in.getNodesDigest());
  hello.swarms = read_swarms(in.getSwarms());
  return hello;
}

LinkHeartbeat read_heartbeat(wire::Heartbeat::Reader in) {
  const auto views = in.getViews();
  check_most("the heartbeat", views.size(), "cluster_nodes_max", limits::cluster_nodes_max, "views");
  LinkHeartbeat heartbeat;
  for (const auto bits : views) heartbeat.views.emplace_back(bits);
  check_most("the heartbeat", in.getFailed().size(), "link_swarms_max", limits::link_swarms_max, "swarms");
  for (const auto swarm : in.getFailed()) {
    if (!heartbeat.failed.empty() && swarm <= heartbeat.failed.back()) refuse("failed swarms that are not in order");
    heartbeat.failed.push_back(read_swarm(swarm));
  }
  return heartbeat;
}

SenderKey read_key(std::uint64_t key) {
  if (key != 0 && (key & key_mark) == 0) refuse("a sender's key of another form");
  return SenderKey{key};
}

Demand read_demand(wire::Batch::Reader in) {
  const Demand demand{read_quantity(in.getSpent()), read_quantity(in.getAll()), in.getNextBytes()};
  if (!within(demand.spent, demand.all)) refuse("a demand of less than was sent");
  if (demand.all.records > total_max || demand.all.bytes > total_max || demand.next_bytes > total_max) {
    refuse("a demand of more records or bytes than can be counted");
  }
  return demand;
}

/// What these records add to `first`.
std::uint64_t bytes_after(Quantity first, const std::vector<Record>& records) {
  std::uint64_t bytes = 0;
  for (const auto& record : records) bytes += record.size();
  if (first.records > total_max || first.bytes > total_max) {
    refuse("more records or bytes than can be counted");
  }
  return bytes;
}

EdgePacket read_packet(wire::Batch::Reader in, const Buffer& body, Deadline now) {
  EdgePacket packet;
  packet.sender = read_birth(in.getSenderEpoch());
  packet.base = read_quantity(in.getBase());
  packet.first = read_quantity(in.getFirst());
  if (!within(packet.base, packet.first)) refuse("a session that begins behind its records");
  packet.records = read_records(in.getRecords(), body, now);
  packet.bytes = bytes_after(packet.first, packet.records);
  packet.asks = in.getAsks();
  packet.demand = read_demand(in);
  packet.prompt = in.getPrompt();
  packet.alone = in.getAlone();
  return packet;
}

/// Sent no earlier than the clock began, which is: not known.
Stamp read_stamp(wire::Batch::Reader in, Deadline now) {
  const std::chrono::nanoseconds age(in.getAgeNs()), spent(in.getSpentNs());
  if (age < Stamp::unknown || spent < Stamp::unknown) refuse("a time before now that is less than none");
  const bool known = age != Stamp::unknown && age < now.time_since_epoch();
  return {known ? now - age : Deadline{}, spent};
}

std::uint32_t read_edge(std::uint32_t edge) {
  check_number("edge", edge, reply_edge);
  return edge;
}

RemoteBatch read_batch(wire::Batch::Reader in, BatchKind kind, const Buffer& body, Deadline now) {
  RemoteBatch remote;
  remote.to = read_address(in.getTo());
  remote.kind = kind;
  auto& batch = remote.batch;
  batch.sender = read_key(in.getSenderKey());
  batch.edge = read_edge(in.getEdge());
  batch.receiver = in.getReceiver();
  batch.packet = read_packet(in, body, now);
  batch.packet.receiver = remote.to.epoch;
  batch.stamp = read_stamp(in, now);
  return remote;
}

RemoteAck read_ack(wire::Ack::Reader in) {
  EdgeAck ack;
  ack.sender = read_birth(in.getSenderEpoch());
  ack.receiver = read_birth(in.getReceiverEpoch());
  ack.expected = in.getExpected();
  ack.released = read_quantity(in.getReleased());
  ack.done = in.getDone();
  ack.asks = in.getAsks();
  ack.granted = read_quantity(in.getGranted());
  return {read_address(in.getTo()), {read_edge(in.getEdge()), in.getReceiver(), ack, in.getPaceNs()}};
}

std::vector<Place> read_places(capnp::List<wire::Place>::Reader in) {
  check_most("a part", in.size(), "replicas_max", limits::replicas_max, "replicas");
  std::vector<Place> places;
  places.reserve(in.size());
  for (const auto place : in) places.push_back({read_node(place.getNode()), read_epoch(place.getEpoch())});
  return places;
}

PlacementNotice read_placement(wire::Placement::Reader in) {
  PlacementNotice notice{read_swarm(in.getSwarm()), {read_epoch(in.getEpoch()), {}, {}}};
  const auto parts = in.getParts();
  check_most("the placement", parts.size(), "swarm_bees_max", limits::swarm_bees_max, "parts");
  const auto lives = in.getIncarnations();
  check_most("the placement", lives.size(), "cluster_nodes_max", limits::cluster_nodes_max, "nodes");
  for (const auto life : lives) notice.placement.incarnations.push_back(life);
  std::size_t places = 0;
  for (const auto part : parts) {
    places += part.size();
    check_most("the placement", places, "link_places_max", limits::link_places_max, "replicas");
    notice.placement.parts.push_back(read_places(part));
  }
  return notice;
}

ActorPresence read_actor(wire::ActorPresence::Reader in) {
  check_replica(in.getPart(), in.getReplica());
  return {in.getPart(), in.getReplica(), read_birth(in.getEpoch()),
          read_enum("presence", in.getState(), PresenceState::drained)};
}

PresenceNotice read_presence(wire::Presence::Reader in) {
  const auto actors = in.getActors();
  check_most("the notice", actors.size(), "link_presences_max", limits::link_presences_max, "actors");
  PresenceNotice notice{read_swarm(in.getSwarm()), {}};
  notice.actors.reserve(actors.size());
  for (const auto actor : actors) notice.actors.push_back(read_actor(actor));
  return notice;
}

LinkMessage read_message(wire::LinkMessage::Reader in, const Buffer& body, Deadline now) {
  switch (in.which()) {
    case wire::LinkMessage::HELLO:
      return read_hello(in.getHello());
    case wire::LinkMessage::REFUSAL:
      return LinkRefusal{read_why(in.getRefusal().getWhy())};
    case wire::LinkMessage::HEARTBEAT:
      return read_heartbeat(in.getHeartbeat());
    case wire::LinkMessage::BATCH:
      return read_batch(in.getBatch(), BatchKind::records, body, now);
    case wire::LinkMessage::REPLY:
      return read_batch(in.getReply(), BatchKind::replies, body, now);
    case wire::LinkMessage::ACK:
      return read_ack(in.getAck());
    case wire::LinkMessage::PLACEMENT:
      return read_placement(in.getPlacement());
    case wire::LinkMessage::PRESENCE:
      return read_presence(in.getPresence());
  }
  refuse("unknown kind " + std::to_string(static_cast<unsigned>(in.which())));
}

LinkMessage read_body(const Buffer& body, Deadline now) {
  const auto words = message_words(body.bytes());
  capnp::FlatArrayMessageReader message(words, reader_options(words.size()));
  return read_message(message.getRoot<wire::LinkMessage>(), body, now);
}

}  // namespace

Result<LinkMessage> decode(const Buffer& body, Deadline now) {
  try {
    return read_body(body, now);
  } catch (const kj::Exception&) {
    return Error{errc::bad_record, std::string("malformed message of a link: ") + why_malformed};
  } catch (const BadRecord& problem) {
    return Error{errc::bad_record, std::string("malformed message of a link: ") + problem.what()};
  }
}

}  // namespace skep
