#include "skep/actors/edge_inputs.hpp"

#include <caf/actor_system.hpp>

#include <utility>

namespace skep {
namespace {

/// A proxy has the id of the node that it stands for.
InEdges::From from(const caf::strong_actor_ptr& sender) {
  const bool remote = sender != nullptr && sender->node() != sender->home_system->node();
  return remote ? InEdges::From::other_node : InEdges::From::here;
}

}  // namespace

EdgeInputs::Arrival EdgeInputs::receive(RecordBatch&& batch, const caf::strong_actor_ptr& sender) {
  auto& records = batch.packet.records;
  if (batch.sender == SenderKey{}) return {.records = std::move(records), .stamp = batch.stamp};
  const auto before = edges_.queued().bytes;
  const auto received = edges_.receive(batch.sender, batch.packet, from(sender));
  if (received.verdict == InEdges::Verdict::stale) return {};
  const auto place = received.session.place;
  if (peers_.size() <= place) peers_.resize(place + 1);
  if (peers_[place].actor != sender) peers_[place].actor = sender;
  peers_[place].edge = batch.edge;
  peers_[place].receiver = batch.receiver;
  if (received.repeated != 0) {
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(received.repeated));
  }
  return {std::move(records), received.session, received.first, edges_.queued().bytes - before, true,
          batch.packet.alone, batch.stamp};
}

void EdgeInputs::accepted(const Arrival& arrival, std::size_t first, std::size_t count) {
  if (!arrival.acknowledged || count == 0) return;
  auto bytes = arrival.bytes;
  if (count != arrival.records.size()) {
    bytes = 0;
    for (auto i = first; i < first + count; ++i) bytes += arrival.records[i].size();
  }
  edges_.accepted(arrival.session, {count, bytes});
}

std::vector<EdgeInputs::Ack> EdgeInputs::take_acks(std::uint32_t pace) {
  std::vector<Ack> acks;
  if (!edges_.acks_due()) return acks;
  for (const auto& due : edges_.take_acks(pace)) {
    const auto& peer = peers_[due.session.place];
    acks.push_back({peer.actor, {peer.edge, peer.receiver, due.ack, pace}});
  }
  return acks;
}

}  // namespace skep
