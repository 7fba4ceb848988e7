#include "reply_outputs.hpp"

#include <algorithm>
#include <utility>

namespace skep {

ReplyOutputs::Lane* ReplyOutputs::find(std::uint32_t node, std::uint32_t gateway) noexcept {
  const auto found = std::ranges::find_if(
      lanes_, [&](const Lane& each) { return each.route.node == node && each.route.gateway == gateway; });
  return found == lanes_.end() ? nullptr : &*found;
}

void ReplyOutputs::adopt(RoutingTable& table) {
  key_ = sender_key(table.part, table.replica, reply_edge);
  for (auto& lane : lanes_) lane.route.actor = nullptr;
  for (auto& route : table.gateways) {
    auto* lane = find(route.node, route.gateway);
    if (lane == nullptr) {
      lanes_.push_back({std::move(route), EdgeSender({.delivery = delivery_, .credit = false}, epoch_, route.epoch)});
      continue;
    }
    if (lane->sender.receiver() != route.epoch) lane->sender.reopen(route.epoch);
    lane->route = std::move(route);
  }
  for (auto& lane : lanes_) {
    if (!lane.route.actor) lane.sender.abandon(done_);
  }
}

bool ReplyOutputs::push(Record&& record, Cause cause) {
  const auto& origin = record.origin();
  if (origin.request == 0) return false;
  auto* lane = find(origin.node, origin.gateway);
  if (lane == nullptr || !lane->route.actor) return false;
  lane->sender.push(std::move(record), cause);
  return true;
}

void ReplyOutputs::flush(const Stamp& stamp) {
  for (std::uint32_t i = 0; i < lanes_.size(); ++i) {
    auto& [route, sender] = lanes_[i];
    while (auto packet = sender.take({})) {
      self_.send(route.actor, ReplyBatch{{key_, reply_edge, i, std::move(*packet), stamp}});
    }
  }
}

void ReplyOutputs::on_ack(const BatchAck& message) {
  if (message.receiver < lanes_.size()) lanes_[message.receiver].sender.on_ack(message.ack, {}, done_);
}

bool ReplyOutputs::sendable() const noexcept {
  return std::ranges::any_of(lanes_, [](const Lane& each) { return each.sender.sendable(); });
}

}  // namespace skep
