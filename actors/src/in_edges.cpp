#include "skep/actors/in_edges.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <chrono>
#include <utility>

#include "skep/actors/limits.hpp"

namespace skep {

namespace {

/// Of the senders on other nodes, by what the bee takes for a record; 0: not known. In steps of two, so that it
/// changes seldom.
CreditPool::Settings credit_for(std::uint32_t pace) noexcept {
  constexpr auto least = limits::credit_records, most = limits::remote_credit_records_max;
  constexpr std::uint64_t time = std::chrono::nanoseconds(limits::remote_credit_time).count();
  const auto records = pace == 0 ? least : std::clamp(std::bit_floor(time / pace), least, most);
  const auto bytes = std::min(records / least * limits::credit_bytes, limits::remote_credit_bytes_max);
  return {{records, bytes}, {records / 8, bytes / 8}};
}

}  // namespace

InEdges::InEdges(Settings settings) : settings_(settings), here_{CreditPool(settings.credit)} {}

InEdges::Place* InEdges::find(Session session) noexcept {
  if (session.place >= places_.size()) return nullptr;
  auto& place = places_[session.place];
  return place.in_use && place.life == session.life ? &place : nullptr;
}

InEdges::Received InEdges::receive(SenderKey sender, const EdgePacket& packet, From from) {
  const bool fenced = !settings_.faults.no_fence;
  if (fenced && packet.receiver != settings_.self) return {};
  auto& latest = by_sender_[sender];
  if (fenced && packet.sender < latest.epoch) return {};
  if (latest.place == none || packet.sender > latest.epoch) {
    if (latest.place != none) retire(latest.place);
    latest = {packet.sender, open(sender, packet, from)};
  }
  auto& place = places_[latest.place];
  const auto received = place.receiver.receive(packet);
  const Session session{latest.place, place.life};
  take(latest.place, packet, received);
  const auto verdict = static_cast<Verdict>(static_cast<int>(received.verdict) + 1);
  return {verdict, session, received.repeated, received.first, received.lost};
}

void InEdges::take(std::uint32_t index, const EdgePacket& packet, const EdgeReceiver::Received& received) {
  auto& place = places_[index];
  queued_ = queued_ + received.taken;
  place.prompt = packet.prompt;
  if (packet.records.empty() || received.verdict != EdgeReceiver::Verdict::in_order) mark_due(index);
  if (received.lost != 0) pool_of(place).released(place.member, place.receiver.released());
  if (packet.asks > place.asks) {
    place.asks = packet.asks;
    place.told = packet.demand.spent;
    place.asking = true;
    pool_of(place).ask(place.member, packet.demand);
    mark_due(index);
  }
  mark_raised();
}

std::uint32_t InEdges::open(SenderKey sender, const EdgePacket& packet, From from) {
  if (vacant_.empty()) {
    vacant_.push_back(static_cast<std::uint32_t>(places_.size()));
    places_.emplace_back();
  }
  const auto index = vacant_.back();
  vacant_.pop_back();
  auto& place = places_[index];
  const auto life = place.life + 1;
  place = {};
  place.sender = sender;
  place.life = life;
  place.epoch = packet.sender;
  place.receiver = EdgeReceiver(settings_.delivery, packet.base, settings_.faults);
  if (from == From::other_node && !other_nodes_)
    other_nodes_ = std::make_unique<Credit>(Credit{CreditPool(credit_for(0))});
  auto& credit = of(place.from = from);
  place.member = credit.pool.join(packet.base);
  place.told = packet.base;
  place.in_use = true;
  const auto member = static_cast<std::size_t>(place.member);
  if (credit.place_of_member.size() <= member) credit.place_of_member.resize(member + 1, none);
  credit.place_of_member[member] = index;
  return index;
}

void InEdges::retire(std::uint32_t index) {
  auto& place = places_[index];
  place.retired = true;
  pool_of(place).retire(place.member, place.receiver.expected());
  leave_if_empty(index);
}

void InEdges::leave_if_empty(std::uint32_t index) {
  auto& place = places_[index];
  if (!place.retired || !(place.receiver.queued() == Quantity{})) return;
  pool_of(place).leave(place.member);
  of(place.from).place_of_member[static_cast<std::size_t>(place.member)] = none;
  place.in_use = false;
  vacant_.push_back(index);
}

void InEdges::accepted(Session session, Quantity amount) {
  auto* place = find(session);
  assert(place != nullptr);
  place->receiver.accepted(amount);
  queued_ = queued_ - amount;
  pool_of(*place).released(place->member, place->receiver.released());
  if (place->prompt) mark_due(session.place);
  leave_if_empty(session.place);
  mark_raised();
}

void InEdges::done(Session session, std::uint64_t first, std::uint64_t count) {
  if (settings_.delivery == Delivery::at_most_once) return;
  auto* place = find(session);
  if (place == nullptr || place->retired) return;
  const auto before = place->receiver.done();
  place->receiver.done(first, count);
  if (place->receiver.done() != before) mark_due(session.place);
}

void InEdges::fence(SenderKey sender, Epoch epoch) {
  auto& latest = by_sender_[sender];
  if (epoch <= latest.epoch) return;
  if (latest.place != none) retire(latest.place);
  latest = {epoch, none};
  mark_raised();
}

void InEdges::close(SenderKey sender) {
  const auto found = by_sender_.find(sender);
  if (found == by_sender_.end()) return;
  if (found->second.place != none) retire(found->second.place);
  by_sender_.erase(found);
  mark_raised();
}

void InEdges::mark_due(std::uint32_t index) {
  auto& place = places_[index];
  if (place.retired || std::exchange(place.due, true)) return;
  due_.push_back(index);
}

void InEdges::mark_raised() {
  mark_raised(here_);
  if (other_nodes_) mark_raised(*other_nodes_);
}

/// Senders that are short of credit hear of all that is new.
void InEdges::mark_raised(Credit& credit) {
  for (const auto member : credit.pool.take_raised()) {
    const auto index = credit.place_of_member[static_cast<std::size_t>(member)];
    const auto& place = places_[index];
    const auto share = credit.pool.share(member);
    const auto fresh = credit.pool.granted(member) - place.told;
    if (place.asking || 2 * fresh.records >= share.records || 2 * fresh.bytes >= share.bytes) mark_due(index);
  }
}

void InEdges::fit_credit(std::uint32_t pace) {
  if (pace == 0 || !other_nodes_) return;
  const auto settings = credit_for(pace);
  if (settings == other_nodes_->pool.settings()) return;
  other_nodes_->pool.resize(settings);
  mark_raised(*other_nodes_);
}

std::vector<InEdges::Due> InEdges::take_acks(std::uint32_t pace) {
  fit_credit(pace);
  std::vector<Due> acks;
  acks.reserve(due_.size());
  for (const auto index : due_) {
    auto& place = places_[index];
    place.due = false;
    if (!place.in_use || place.retired) continue;
    const auto& pool = pool_of(place);
    place.told = pool.granted(place.member);
    place.asking = place.asking && pool.short_of_credit(place.member);
    const auto& receiver = place.receiver;
    acks.push_back({place.sender,
                    {place.epoch, settings_.self, receiver.expected().records, receiver.released(), receiver.done(),
                     place.asks, place.told},
                    {index, place.life}});
  }
  due_.clear();
  return acks;
}

}  // namespace skep
