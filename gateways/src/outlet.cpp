#include "outlet.hpp"

#include <algorithm>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <cassert>
#include <iterator>

namespace skep {

std::vector<Record> Outlet::connect(RoutingTable table) {
  auto abandoned = abandon(table.gone);
  std::erase_if(tables_, [](const Table& old) { return idle(old); });
  Table next{table.generation, {}};
  std::size_t position = 0;
  for (auto& route : table.edges) {
    auto* meter = meter_ != nullptr && position < meter_->edges.size() ? &meter_->edges[position] : nullptr;
    ++position;
    if (route.receivers.empty()) continue;
    OutEdge out(route.settings, route.receivers.size(), next.edges.size() + 1);
    next.edges.push_back({std::move(out), std::move(route.receivers), meter});
  }
  tables_.push_back(std::move(next));
  return abandoned;
}

std::vector<Record> Outlet::abandon(const std::vector<caf::actor>& gone) {
  std::vector<Record> abandoned;
  if (gone.empty()) return abandoned;
  for (auto& table : tables_) {
    for (auto& [out, receivers, meter] : table.edges) {
      for (std::size_t receiver = 0; receiver < receivers.size(); ++receiver) {
        if (std::find(gone.begin(), gone.end(), receivers[receiver]) == gone.end()) continue;
        std::ranges::move(out.abandon(receiver), std::back_inserter(abandoned));
      }
    }
  }
  return abandoned;
}

std::vector<Record> Outlet::push(const Record& record) {
  ++pushed_;
  std::vector<Record> dropped;
  for (auto& edge : tables_.back().edges) {
    const auto before = dropped.size();
    edge.out.push(record, dropped);
    if (edge.meter != nullptr && dropped.size() != before) edge.meter->dropped.add(dropped.size() - before);
  }
  return dropped;
}

void Outlet::flush() {
  pushed_ = 0;
  blocked_ = false;
  for (auto& table : tables_) flush(table);
}

void Outlet::flush(Table& table) {
  for (std::uint32_t e = 0; e != table.edges.size(); ++e) {
    auto& [out, receivers, meter] = table.edges[e];
    for (std::uint32_t r = 0; r != receivers.size(); ++r) {
      auto records = out.take(r);
      if (records.empty()) continue;
      std::uint64_t bytes = 0;
      if (meter != nullptr) {
        for (const auto& record : records) bytes += record.size();
        meter->sent(records.size(), bytes);
      }
      const Stamp stamp{std::chrono::steady_clock::now(), std::chrono::nanoseconds{0}};
      self_.send(receivers[r], RecordBatch{table.generation, e, r, std::move(records), stamp, bytes});
    }
    blocked_ = blocked_ || out.blocked();
  }
}

void Outlet::grant(const CreditGrant& grant) {
  const auto table = std::find_if(tables_.begin(), tables_.end(),
                                  [&](const Table& each) { return each.generation == grant.generation; });
  if (table == tables_.end()) return;  // of a table long gone
  assert(grant.edge < table->edges.size());
  auto& edge = table->edges[grant.edge];
  edge.out.grant(grant.receiver, grant.records);
  if (edge.meter != nullptr && grant.timed != 0)
    edge.meter->queue_wait.observe(grant.waited / grant.timed, grant.timed);
}

void Outlet::publish() const {
  for (const auto& table : tables_) {
    for (const auto& edge : table.edges) {
      if (edge.meter == nullptr) continue;
      const bool first = &table == &tables_.front();
      edge.meter->in_flight.set(edge.out.in_flight() + (first ? 0 : edge.meter->in_flight.get()));
      edge.meter->waiting.set(edge.out.waiting() + (first ? 0 : edge.meter->waiting.get()));
    }
  }
}

bool Outlet::idle(const Table& table) noexcept {
  return std::all_of(table.edges.begin(), table.edges.end(), [](const Edge& edge) { return edge.out.idle(); });
}

bool Outlet::idle() const noexcept {
  return std::all_of(tables_.begin(), tables_.end(), [](const Table& table) { return idle(table); });
}

}  // namespace skep
