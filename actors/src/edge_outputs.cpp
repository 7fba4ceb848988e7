#include "skep/actors/edge_outputs.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <cassert>
#include <string>

namespace skep {

Result<void> EdgeOutputs::adopt(RoutingTable& table) {
  if (table.generation <= generation_) {
    return Error{errc::invalid_argument, "routing table " + std::to_string(table.generation) + " comes after table " +
                                             std::to_string(generation_) + ", which is in force already"};
  }
  generation_ = table.generation;
  part_ = table.part;
  replica_ = table.replica;
  assert(edges_.empty() || table.edges.size() == edges_.size());
  for (std::size_t i = 0; i < table.edges.size(); ++i) {
    auto& route = table.edges[i];
    if (i == edges_.size()) {
      auto* meter = meters_ != nullptr && i < meters_->size() ? &(*meters_)[i] : nullptr;
      edges_.push_back({OutEdge(route.settings, epoch_, seed_ + i), {}, false, meter});
    }
    auto& edge = edges_[i];
    std::vector<OutEdge::Placement> placements;
    for (const auto& [actor, epoch] : route.receivers) {
      placements.push_back(actor ? OutEdge::Placement(epoch) : std::nullopt);
    }
    edge.answers_reachable = route.answers_reachable;
    edge.receivers = std::move(route.receivers);
    edge.out.rewire(placements, handed_back_);
    take_handed_back(edge);
  }
  return {};
}

void EdgeOutputs::take_handed_back(const Edge& edge) {
  for (auto& [record, why] : handed_back_) {
    if (edge.meter != nullptr && why == errc::dropped) edge.meter->dropped.add(1);
    returned_.push_back({std::move(record), why, edge.answers_reachable});
  }
  handed_back_.clear();
}

void EdgeOutputs::flush(const Stamp& stamp) {
  for (std::uint32_t e = 0; e < edges_.size(); ++e) {
    auto& edge = edges_[e];
    edge.out.flush({}, [&](std::uint32_t receiver, EdgePacket&& packet) {
      if (edge.meter != nullptr) edge.meter->sent(packet.records);
      self_.send(edge.receivers[receiver].actor,
                 RecordBatch{sender_key(part_, replica_, e), e, receiver, std::move(packet), stamp});
    });
  }
}

void EdgeOutputs::publish() const {
  for (const auto& edge : edges_) {
    if (edge.meter != nullptr) edge.meter->waiting.set(edge.out.waiting());
  }
}

void EdgeOutputs::on_ack(const BatchAck& message) {
  if (message.edge < edges_.size()) edges_[message.edge].out.on_ack(message.receiver, message.ack, {});
}

void EdgeOutputs::hurry() {
  for (auto& edge : edges_) edge.out.hurry();
}

bool EdgeOutputs::sendable() const noexcept {
  return std::any_of(edges_.begin(), edges_.end(), [](const Edge& edge) { return edge.out.sendable(); });
}

bool EdgeOutputs::blocked() const noexcept {
  return std::any_of(edges_.begin(), edges_.end(), [](const Edge& edge) { return edge.out.blocked(); });
}

bool EdgeOutputs::idle() const noexcept {
  return std::all_of(edges_.begin(), edges_.end(), [](const Edge& edge) { return edge.out.idle(); });
}

std::uint64_t EdgeOutputs::lost() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& edge : edges_) sum += edge.out.lost();
  return sum;
}

}  // namespace skep
