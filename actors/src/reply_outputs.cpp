#include "reply_outputs.hpp"

#include <algorithm>
#include <utility>

#include "skep/actors/limits.hpp"

namespace skep {

ReplyOutputs::Lane* ReplyOutputs::find(std::uint32_t node, std::uint32_t gateway) noexcept {
  const auto found = std::ranges::find_if(
      lanes_, [&](const Lane& each) { return each.route.node == node && each.route.gateway == gateway; });
  return found == lanes_.end() ? nullptr : &*found;
}

void ReplyOutputs::adopt(RoutingTable& table) {
  key_ = sender_key(table.part, table.replica, reply_edge);
  for (auto& lane : lanes_) lane.named = false;
  for (auto& route : table.gateways) {
    auto* lane = find(route.node, route.gateway);
    if (lane == nullptr) {
      lanes_.push_back({std::move(route)});
      continue;
    }
    lane->named = route.actor || route.away;
    const bool moved = lane->sender && (lane->sender->receiver() != route.epoch || lane->route.actor != route.actor);
    if (route.actor && moved) lane->sender->reopen(route.epoch);
    lane->route = std::move(route);
  }
  for (auto& lane : lanes_) {
    if (!lane.sender) continue;
    if (!lane.named) abandon(lane);
    if (lane.named && !lane.route.actor) lane.sender->detach(done_);
  }
}

void ReplyOutputs::abandon(Lane& lane) {
  abandoned_ += lane.sender->waiting();  // what was sent may have been taken
  lane.sender->abandon(done_);
}

EdgeSender& ReplyOutputs::sender_of(Lane& lane) {
  if (!lane.sender) {
    const EdgeSender::Settings settings{.delivery = delivery_, .credit = false};
    lane.sender = std::make_unique<EdgeSender>(settings, epoch_, lane.route.epoch);
  }
  return *lane.sender;
}

ReplyOutputs::Pushed ReplyOutputs::push(Record&& record, Cause cause) {
  const auto& origin = record.origin();
  if (origin.request == 0) return Pushed::no;
  auto* lane = find(origin.node, origin.gateway);
  if (lane == nullptr || !lane->named) return Pushed::no;
  if (!lane->route.actor) return keep(*lane, std::move(record));
  sender_of(*lane).push(std::move(record), cause);
  return Pushed::sent;
}

ReplyOutputs::Pushed ReplyOutputs::keep(Lane& lane, Record&& record) {
  auto& sender = sender_of(lane);
  if (sender.waiting_bytes() >= limits::kept_answers_bytes_max) return Pushed::no;
  sender.push(std::move(record));
  return Pushed::kept;
}

void ReplyOutputs::flush(const Stamp& stamp) {
  for (std::uint32_t i = 0; i < lanes_.size(); ++i) {
    auto& lane = lanes_[i];
    if (!lane.sender) continue;
    while (auto packet = lane.route.actor ? lane.sender->take({}) : std::nullopt) {
      self_.send(lane.route.actor, ReplyBatch{{key_, reply_edge, i, std::move(*packet), stamp}});
    }
  }
}

void ReplyOutputs::on_ack(const BatchAck& message) {
  if (message.receiver >= lanes_.size() || !lanes_[message.receiver].sender) return;
  lanes_[message.receiver].sender->on_ack(message.ack, {}, done_);
}

bool ReplyOutputs::sendable() const noexcept {
  return std::ranges::any_of(
      lanes_, [](const Lane& each) { return each.route.actor && each.sender && each.sender->sendable(); });
}

}  // namespace skep
