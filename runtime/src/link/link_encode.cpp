// Messages of a link to frames.

#include <algorithm>
#include <cassert>
#include <cstring>
#include <string_view>

#include "link/link_codec.hpp"
#include "link/link_frame.hpp"
#include "skep/schema/link.capnp.h"
#include "skep/serialization/flat_message.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/record_codec.hpp"
#include "skep/serialization/utf8.hpp"

namespace skep {
namespace {

unsigned count_of(std::size_t count) noexcept {
  return static_cast<unsigned>(count);
}

std::string_view cut(const std::string& why) {
  return utf8_prefix(why, limits::link_text_bytes_max);
}

/// Of a message whose struct is of type `T`, with all before it.
template <class T>
constexpr MessageSize head_of() noexcept {
  return {segment_table_words + pointer_words + struct_words<wire::LinkMessage> + struct_words<T>, 0};
}

template <class Fill>
Buffer write(MessageSize size, Fill&& fill) {
  auto frames = allocate_frames(size.bytes());
  write_message<wire::LinkMessage>(message_of(frames), size, fill);
  return frames;
}

void fill(capnp::Text::Builder out, std::string_view text) {
  if (!text.empty()) std::memcpy(out.begin(), text.data(), text.size());
}

capnp::Data::Reader data(const Digest& digest) {
  return {reinterpret_cast<const kj::byte*>(digest.data()), digest.size()};
}

template <class Group>
void write_epoch(Epoch epoch, Group out) {
  out.setCounter(epoch.counter);
  out.setNode(epoch.node);
}

template <class Group>
void write_quantity(Quantity quantity, Group out) {
  out.setRecords(quantity.records);
  out.setBytes(quantity.bytes);
}

void write_address(const BeeAddress& address, wire::Address::Builder out) {
  out.setSwarm(address.swarm);
  out.setPart(address.part);
  out.setReplica(address.replica);
  write_epoch(address.epoch, out.getEpoch());
}

std::int64_t age_of(const Stamp& stamp, Deadline now) {
  if (stamp.sent_at == Deadline{}) return Stamp::unknown.count();
  return std::max<std::int64_t>(std::chrono::nanoseconds(now - stamp.sent_at).count(), 0);
}

void write_packet(const RecordBatch& batch, Quantity first, wire::Batch::Builder out) {
  const auto& packet = batch.packet;
  out.setSenderKey(static_cast<std::uint64_t>(batch.sender));
  out.setEdge(batch.edge);
  out.setReceiver(batch.receiver);
  write_epoch(packet.sender, out.getSenderEpoch());
  out.setPrompt(packet.prompt);
  out.setAlone(packet.alone);
  write_quantity(packet.base, out.getBase());
  write_quantity(first, out.getFirst());
  out.setAsks(packet.asks);
  write_quantity(packet.demand.spent, out.getSpent());
  write_quantity(packet.demand.all, out.getAll());
  out.setNextBytes(packet.demand.next_bytes);
}

/// A part of a batch that goes in one message.
struct Piece {
  Quantity first;
  std::span<const Record> records;
  RecordsSize size = size_of(records);
};

void write_batch(const RemoteBatch& batch, const Piece& piece, Deadline now, wire::Batch::Builder out) {
  write_address(batch.to, out.initTo());
  write_packet(batch.batch, piece.first, out);
  out.setAgeNs(age_of(batch.batch.stamp, now));
  out.setSpentNs(batch.batch.stamp.spent.count());
  if (!piece.records.empty()) write_records(piece.records, piece.size, now, out.initRecords());
}

Buffer encode(const RemoteBatch& batch, const Piece& piece, Deadline now) {
  const MessageSize address{struct_words<wire::Address>, 0};
  const auto records = piece.records.empty() ? MessageSize{} : piece.size.words;
  return write(head_of<wire::Batch>() + address + records, [&](wire::LinkMessage::Builder out) {
    write_batch(batch, piece, now, batch.kind == BatchKind::replies ? out.initReply() : out.initBatch());
  });
}

/// So many of the first `records` go in one message, and have so many bytes.
Quantity piece_of(std::span<const Record> records) {
  Quantity piece;
  const auto most = std::min(records.size(), limits::batch_records_max);
  while (piece.records < most) {
    const auto bytes = piece.bytes + records[piece.records].size();
    if (piece.records > 0 && bytes > limits::link_batch_bytes) break;
    piece = {piece.records + 1, bytes};
  }
  return piece;
}

void write_hello(const LinkHello& hello, wire::Hello::Builder out) {
  out.setProtocolMin(hello.protocol_min);
  out.setProtocolMax(hello.protocol_max);
  out.setStream(static_cast<wire::Stream>(hello.stream));
  out.setNodeNumber(hello.number);
  out.setIncarnation(hello.incarnation);
  out.setAttempt(hello.attempt);
  fill(out.initCluster(count_of(hello.cluster.size())), hello.cluster);
  fill(out.initNode(count_of(hello.node.size())), hello.node);
  out.setNodesDigest(data(hello.nodes));
  auto swarms = out.initSwarms(count_of(hello.swarms.size()));
  for (unsigned i = 0; i < swarms.size(); ++i) {
    const auto& swarm = hello.swarms[i];
    fill(swarms[i].initName(count_of(swarm.name.size())), swarm.name);
    swarms[i].setFile(data(swarm.digest.file));
    swarms[i].setPlugins(data(swarm.digest.plugins));
    swarms[i].setModels(data(swarm.digest.models));
  }
}

void write_ack(const RemoteAck& remote, wire::Ack::Builder out) {
  const auto& message = remote.ack;
  write_address(remote.to, out.initTo());
  out.setEdge(message.edge);
  out.setReceiver(message.receiver);
  write_epoch(message.ack.sender, out.getSenderEpoch());
  write_epoch(message.ack.receiver, out.getReceiverEpoch());
  out.setExpected(message.ack.expected);
  write_quantity(message.ack.released, out.getReleased());
  out.setDone(message.ack.done);
  out.setAsks(message.ack.asks);
  write_quantity(message.ack.granted, out.getGranted());
  out.setPaceNs(message.pace);
}

void write_placement(const PlacementNotice& notice, wire::Placement::Builder out) {
  out.setSwarm(notice.swarm);
  write_epoch(notice.placement.epoch, out.getEpoch());
  const auto& incarnations = notice.placement.incarnations;
  auto lives = out.initIncarnations(count_of(incarnations.size()));
  for (unsigned i = 0; i < lives.size(); ++i) lives.set(i, incarnations[i]);
  auto parts = out.initParts(count_of(notice.placement.parts.size()));
  for (unsigned part = 0; part < parts.size(); ++part) {
    const auto& places = notice.placement.parts[part];
    auto list = parts.init(part, count_of(places.size()));
    for (unsigned replica = 0; replica < list.size(); ++replica) {
      list[replica].setNode(places[replica].node);
      write_epoch(places[replica].epoch, list[replica].getEpoch());
    }
  }
}

void write_presence(const PresenceNotice& notice, wire::Presence::Builder out) {
  out.setSwarm(notice.swarm);
  auto actors = out.initActors(count_of(notice.actors.size()));
  for (unsigned i = 0; i < actors.size(); ++i) {
    const auto& actor = notice.actors[i];
    actors[i].setPart(actor.part);
    actors[i].setReplica(actor.replica);
    write_epoch(actor.epoch, actors[i].getEpoch());
    actors[i].setState(static_cast<wire::PresenceState>(actor.state));
  }
}

}  // namespace

Buffer encode(const LinkHello& hello) {
  assert(hello.swarms.size() <= limits::link_swarms_max);
  const auto digest_words = words_for(sizeof(Digest));
  auto size = head_of<wire::Hello>();
  size.front += text_words(hello.cluster.size()) + text_words(hello.node.size()) + digest_words + list_tag_words;
  for (const auto& swarm : hello.swarms) {
    size.front += struct_words<wire::HelloSwarm> + text_words(swarm.name.size()) + 3 * digest_words;
  }
  return write(size, [&](wire::LinkMessage::Builder out) { write_hello(hello, out.initHello()); });
}

Buffer encode(const LinkRefusal& refusal) {
  const auto why = cut(refusal.why);
  auto size = head_of<wire::Refusal>();
  size.front += text_words(why.size());
  return write(size,
               [&](wire::LinkMessage::Builder out) { fill(out.initRefusal().initWhy(count_of(why.size())), why); });
}

Buffer encode(const LinkHeartbeat& heartbeat) {
  assert(heartbeat.views.size() <= limits::cluster_nodes_max && heartbeat.failed.size() <= limits::link_swarms_max);
  auto size = head_of<wire::Heartbeat>();
  size.front += heartbeat.views.size() + words_for(heartbeat.failed.size() * sizeof(std::uint32_t));
  return write(size, [&](wire::LinkMessage::Builder out) {
    auto message = out.initHeartbeat();
    auto views = message.initViews(count_of(heartbeat.views.size()));
    for (unsigned i = 0; i < views.size(); ++i) views.set(i, heartbeat.views[i].bits());
    auto failed = message.initFailed(count_of(heartbeat.failed.size()));
    for (unsigned i = 0; i < failed.size(); ++i) failed.set(i, heartbeat.failed[i]);
  });
}

Buffer encode(const RemoteAck& ack) {
  auto size = head_of<wire::Ack>();
  size.front += struct_words<wire::Address>;
  return write(size, [&](wire::LinkMessage::Builder out) { write_ack(ack, out.initAck()); });
}

Buffer encode(const PlacementNotice& notice) {
  const auto& parts = notice.placement.parts;
  assert(parts.size() <= limits::swarm_bees_max);
  assert(notice.placement.incarnations.size() <= limits::cluster_nodes_max);
  auto size = head_of<wire::Placement>();
  size.front += notice.placement.incarnations.size();
  for (const auto& places : parts) {
    size.front += pointer_words + list_tag_words + places.size() * struct_words<wire::Place>;
  }
  return write(size, [&](wire::LinkMessage::Builder out) { write_placement(notice, out.initPlacement()); });
}

Buffer encode(const PresenceNotice& notice) {
  assert(notice.actors.size() <= limits::link_presences_max);
  auto size = head_of<wire::Presence>();
  size.front += list_tag_words;
  size.front += notice.actors.size() * struct_words<wire::ActorPresence>;
  return write(size, [&](wire::LinkMessage::Builder out) { write_presence(notice, out.initPresence()); });
}

std::vector<Buffer> encode(const RemoteBatch& batch, Deadline now) {
  const auto& packet = batch.batch.packet;
  assert(batch.batch.sender == SenderKey{} || packet.receiver == batch.to.epoch);
  std::vector<Buffer> messages;
  std::span<const Record> rest = packet.records;
  auto first = packet.first;
  do {
    const auto piece = piece_of(rest);
    messages.push_back(encode(batch, Piece{first, rest.first(piece.records)}, now));
    first = first + piece;
    rest = rest.subspan(piece.records);
  } while (!rest.empty());
  return messages;
}

}  // namespace skep
