#include "skep/actors/edge_outputs.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <cassert>
#include <string>

namespace skep {

std::string_view why_returned(errc why) noexcept {
  if (why == errc::dropped) return "dropped: the receiver of an edge is too slow (overflow of the edge)";
  if (why == errc::bee_failed)
    return "the bee it goes to has ended on it again and again, in the end with nothing else in hand "
           "(deaths_alone_max)";
  return "the bee it was on its way to has ended";
}

namespace {

/// `before`: as the table before had it; null: this is the first one.
OutEdge::Placement placement_of(const Receiver& now, const Receiver* before) {
  if (now.away) return {Epoch{}, now.drains ? OutEdge::Reach::draining : OutEdge::Reach::away};
  if (!now.actor) return std::nullopt;
  const bool again = before != nullptr && before->actor != now.actor;
  return {now.epoch, again ? OutEdge::Reach::again : OutEdge::Reach::here};
}

}  // namespace

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
      auto* meters = settings_.meters;
      auto* meter = meters != nullptr && i < meters->size() ? &(*meters)[i] : nullptr;
      edges_.push_back({OutEdge(route.settings, settings_.epoch, settings_.seed + i), {}, {}, false, meter});
    }
    auto& edge = edges_[i];
    std::vector<OutEdge::Placement> placements;
    for (std::size_t r = 0; r < route.receivers.size(); ++r) {
      placements.push_back(placement_of(route.receivers[r], r < edge.receivers.size() ? &edge.receivers[r] : nullptr));
    }
    edge.answers_reachable = route.answers_reachable;
    edge.receivers = std::move(route.receivers);
    edge.to = std::move(route.to);
    edge.out.rewire(placements, handed_back_);
    take_handed_back(edge);
  }
  return {};
}

void EdgeOutputs::take_handed_back(const Edge& edge) {
  for (auto& each : handed_back_) {
    if (edge.meter != nullptr && each.why == errc::dropped) edge.meter->dropped.add(1);
    if (edge.meter != nullptr && each.why == errc::unavailable && !edge.answers_reachable) edge.meter->unheard.add(1);
    if (each.why == errc::bee_failed) bury(edge, each);
    returned_.push_back({std::move(each.record), each.why, edge.answers_reachable, each.cause});
  }
  handed_back_.clear();
}

void EdgeOutputs::bury(const Edge& edge, const OutEdge::Returned& dangerous) {
  if (edge.meter != nullptr) edge.meter->dangerous.add(1);
  if (owner_.log) {
    owner_.log(LogLevel::error, owner_.name,
               "a record for bee '" + edge.to + "' is a dead letter: " + std::string(why_returned(errc::bee_failed)));
  }
  if (!owner_.dead_letters) return;
  owner_.dead_letters->add({.record = dangerous.record,
                            .bee = edge.to,
                            .replica = dangerous.receiver,
                            .code = errc::bee_failed,
                            .reason = std::string(why_returned(errc::bee_failed)),
                            .at = owner_.wall_clock.at(self_.clock().now())});
}

void EdgeOutputs::flush(const Stamp& stamp) {
  if (ceased_) return;
  for (std::uint32_t e = 0; e < edges_.size(); ++e) {
    auto& edge = edges_[e];
    edge.out.flush({}, [&](std::uint32_t receiver, EdgePacket&& packet) {
      if (edge.meter != nullptr) edge.meter->sent(packet.records.size(), packet.bytes);
      self_.send(edge.receivers[receiver].actor,
                 RecordBatch{sender_key(part_, replica_, e), e, receiver, std::move(packet), stamp});
    });
  }
}

void EdgeOutputs::publish() const {
  for (const auto& edge : edges_) {
    if (edge.meter == nullptr) continue;
    edge.meter->waiting.set(edge.out.waiting());
    edge.meter->in_flight.set(edge.out.in_flight());
  }
}

void EdgeOutputs::on_ack(const BatchAck& message) {
  if (message.edge < edges_.size())
    edges_[message.edge].out.on_ack(message.receiver, message.ack, {}, done_, message.pace);
}

void EdgeOutputs::hurry() {
  for (auto& edge : edges_) edge.out.hurry();
}

bool EdgeOutputs::sendable() const noexcept {
  return !ceased_ && std::any_of(edges_.begin(), edges_.end(), [](const Edge& edge) { return edge.out.sendable(); });
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
