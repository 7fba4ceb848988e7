#include "egress.hpp"

#include <algorithm>
#include <cassert>

#include "skep/actors/limits.hpp"

namespace skep {

bool Egress::adopt(RoutingTable table) {
  if (find(table.generation) != nullptr) return false;
  Table next;
  next.generation = table.generation;
  std::size_t position = 0;
  for (auto& route : table.edges) {
    auto* meter = meter_ != nullptr && position < meter_->edges.size() ? &meter_->edges[position] : nullptr;
    ++position;
    assert(route.port < limits::ports_max);
    if (route.receivers.empty()) continue;
    if (next.edges_of_port.size() <= route.port) next.edges_of_port.resize(route.port + 1u);
    next.edges_of_port[route.port].push_back(static_cast<std::uint32_t>(next.edges.size()));
    const auto receivers = route.receivers.size();
    next.edges.push_back(
        {OutEdge(route.settings, receivers, seed_ + next.edges.size()), std::move(route.receivers), meter});
  }
  for (const auto port : table.answer_ports) next.answer_ports |= std::uint64_t{1} << port;
  flush();  // replies belong to the gateways of the old table
  gateways_.clear();
  for (auto& route : table.gateways) gateways_.push_back({std::move(route), {}});
  answers_reachable_ = table.answers_reachable;
  abandon(table.gone);
  std::erase_if(tables_, [](const Table& each) { return idle(each); });
  tables_.push_back(std::move(next));
  return true;
}

void Egress::abandon(const std::vector<caf::actor>& gone) {
  if (gone.empty()) return;
  for (auto& table : tables_) {
    for (auto& [out, receivers, meter] : table.edges) {
      for (std::size_t receiver = 0; receiver < receivers.size(); ++receiver) {
        if (std::find(gone.begin(), gone.end(), receivers[receiver]) == gone.end()) continue;
        for (const auto& record : out.abandon(receiver)) {
          ++counters_.dropped;
          answer_error(record, errc::unavailable, "the bee it was on its way to has ended");
        }
      }
    }
  }
}

Egress::Table* Egress::find(std::uint32_t generation) noexcept {
  const auto table =
      std::find_if(tables_.begin(), tables_.end(), [&](const Table& each) { return each.generation == generation; });
  return table == tables_.end() ? nullptr : &*table;
}

void Egress::take(Outbox& outbox) {
  for (auto& entry : outbox.entries()) {
    if (entry.kind == Outbox::Kind::emit) {
      emit(entry.port, std::move(entry.record));
    } else {
      take_other(entry);
    }
  }
  outbox.clear();
}

void Egress::take_other(Outbox::Entry& entry) {
  switch (entry.kind) {
    case Outbox::Kind::emit:
      break;
    case Outbox::Kind::reply:
      return reply(std::move(entry.record));
    case Outbox::Kind::fail:
      ++counters_.rejected;
      if (entry.record.origin().request != 0) reply(std::move(entry.record));
      return;
    case Outbox::Kind::drop:
      ++counters_.dropped;
      return reply_if_reachable(std::move(entry.record));
    case Outbox::Kind::lose:
      return reply_if_reachable(std::move(entry.record));
  }
}

inline void Egress::emit(Port port, Record&& record) {
  if (tables_.empty()) return;
  auto& table = tables_.back();
  const auto index = port.index();
  if ((table.answer_ports >> index & 1) != 0) reply(record);
  if (index >= table.edges_of_port.size() || table.edges_of_port[index].empty()) return;
  const auto& edges = table.edges_of_port[index];
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) push(table.edges[edges[i]], Record(record));
  push(table.edges[edges.back()], std::move(record));
}

inline void Egress::push(Edge& edge, Record&& record) {
  ++counters_.emitted;
  edge.out.push(std::move(record), overflowed_);
  if (!overflowed_.empty()) drop_overflowed(edge.meter);
}

void Egress::drop_overflowed(EdgeMeter* meter) {
  if (meter != nullptr) meter->dropped.add(overflowed_.size());
  for (const auto& dropped : overflowed_) {
    ++counters_.dropped;
    answer_error(dropped, errc::dropped, "dropped: the receiver of an edge is too slow (overflow of the edge)");
  }
  overflowed_.clear();
}

void Egress::reply(Record record) {
  const auto& origin = record.origin();
  const auto gateway = std::find_if(gateways_.begin(), gateways_.end(), [&](const Gateway& each) {
    return each.route.node == origin.node && each.route.gateway == origin.gateway;
  });
  if (origin.request == 0 || gateway == gateways_.end() || !gateway->route.actor) {
    ++counters_.orphaned;
    return;
  }
  ++counters_.replied;
  gateway->replies.push_back(std::move(record));
}

void Egress::reply_if_reachable(Record error) {
  if (answers_reachable_ && error.origin().request != 0) reply(std::move(error));
}

void Egress::answer_error(const Record& record, errc code, std::string_view message) {
  if (answers_reachable_ && record.origin().request != 0) reply(record.failure(code, message));
}

void Egress::flush(std::chrono::steady_clock::time_point now) {
  stamp_.sent_at = now;
  flush();
}

void Egress::flush() {
  for (auto& table : tables_) {
    for (std::uint32_t edge = 0; edge < table.edges.size(); ++edge) {
      const auto receivers = static_cast<std::uint32_t>(table.edges[edge].receivers.size());
      for (std::uint32_t receiver = 0; receiver < receivers; ++receiver) flush(table, edge, receiver);
    }
  }
  for (auto& gateway : gateways_) {
    if (!gateway.replies.empty())
      self_.send(gateway.route.actor, ReplyBatch{std::exchange(gateway.replies, {}), stamp_});
  }
}

void Egress::flush(Table& table, std::uint32_t edge, std::uint32_t receiver) {
  auto& [out, receivers, meter] = table.edges[edge];
  auto records = out.take(receiver);
  if (records.empty()) return;
  std::uint64_t bytes = 0;
  if (meter != nullptr) {
    for (const auto& record : records) bytes += record.size();
    meter->sent(records.size(), bytes);
  }
  self_.send(receivers[receiver], RecordBatch{table.generation, edge, receiver, std::move(records), stamp_, bytes});
}

void Egress::publish() const {
  for (const auto& table : tables_) {
    for (const auto& edge : table.edges) {
      if (edge.meter == nullptr) continue;
      const bool first = &table == &tables_.front();
      edge.meter->in_flight.set(edge.out.in_flight() + (first ? 0 : edge.meter->in_flight.get()));
      edge.meter->waiting.set(edge.out.waiting() + (first ? 0 : edge.meter->waiting.get()));
    }
  }
}

void Egress::grant(const CreditGrant& grant) {
  auto* table = find(grant.generation);
  if (table == nullptr) return;  // of a table long gone
  assert(grant.edge < table->edges.size() && grant.receiver < table->edges[grant.edge].receivers.size());
  auto& edge = table->edges[grant.edge];
  edge.out.grant(grant.receiver, grant.records);
  if (edge.meter != nullptr && grant.timed != 0)
    edge.meter->queue_wait.observe(grant.waited / grant.timed, grant.timed);
  if (table == &tables_.back() || !idle(*table)) return;
  std::erase_if(tables_, [&](const Table& each) { return each.generation == grant.generation; });
}

bool Egress::sendable() const noexcept {
  return any_edge([](const OutEdge& out) { return out.sendable(); }) ||
         std::any_of(gateways_.begin(), gateways_.end(), [](const Gateway& each) { return !each.replies.empty(); });
}

bool Egress::blocked() const noexcept {
  return any_edge([](const OutEdge& out) { return out.blocked(); });
}

bool Egress::idle(const Table& table) noexcept {
  return std::all_of(table.edges.begin(), table.edges.end(), [](const Edge& edge) { return edge.out.idle(); });
}

bool Egress::idle() const noexcept {
  return std::all_of(tables_.begin(), tables_.end(), [](const Table& table) { return idle(table); });
}

}  // namespace skep
