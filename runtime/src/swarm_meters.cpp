#include "swarm_meters.hpp"

#include <algorithm>

namespace skep::detail {

SwarmMeters::SwarmMeters(const SwarmPlan& plan, Measure measure)
    : plan_(plan), measure_(measure), edges_(part_count(plan)), gateways_(plan.gateways.size()) {
  past_.swarm = plan.name;
  past_.measured = measure == Measure::yes;
  for (std::size_t edge = 0; edge < plan.edges.size(); ++edge) {
    edges_[plan.edges[edge].from].push_back(edge);
    past_.edges.push_back({plan.edges[edge].name, {}});
  }
  for (const auto& bee : plan.bees) {
    bees_.emplace_back(bee.spec.replicas);
    past_.bees.emplace_back().bee = bee.spec.name;
    past_.bees.back().replicas = bee.spec.replicas;
  }
  for (const auto& gateway : plan.gateways) past_.gateways.emplace_back().gateway = gateway.spec.name;
}

BeeMeterPtr SwarmMeters::renew_bee(PartIndex part, std::uint32_t replica) {
  if (measure_ == Measure::no) return nullptr;
  auto& bee = bees_[part][replica];
  if (bee.meter) add(*bee.meter, Of::past, part, past_);
  bee = {make_meter<BeeMeter>(edges_[part].size())};
  return bee.meter;
}

/// It counts on until it has ended.
void SwarmMeters::retire_bee(PartIndex part, std::uint32_t replica) {
  bees_[part][replica].of = Of::past;
}

GatewayMeterPtr SwarmMeters::renew_gateway(PartIndex part, std::uint32_t thread) {
  if (measure_ == Measure::no) return nullptr;
  auto& threads = gateways_[part - plan_.bees.size()];
  threads.resize(std::max<std::size_t>(threads.size(), thread + 1));
  auto& meter = threads[thread];
  if (meter) add(*meter, Of::past, part, past_);
  meter = make_meter<GatewayMeter>(edges_[part].size());
  return meter;
}

void SwarmMeters::restarted(PartIndex part) {
  ++past_.restarts;
  ++(part < plan_.bees.size() ? past_.bees[part].restarts : past_.gateways[part - plan_.bees.size()].restarts);
}

SwarmMetrics SwarmMeters::read() const {
  auto metrics = past_;
  for (PartIndex part = 0; part < bees_.size(); ++part) {
    for (const auto& [meter, of] : bees_[part]) {
      if (meter) add(*meter, of, part, metrics);
    }
  }
  for (std::size_t i = 0; i < gateways_.size(); ++i) {
    for (const auto& meter : gateways_[i]) {
      if (meter) add(*meter, Of::now, static_cast<PartIndex>(bees_.size() + i), metrics);
    }
  }
  return metrics;
}

void SwarmMeters::add(const BeeMeter& meter, Of of, PartIndex part, SwarmMetrics& to) const {
  auto& bee = to.bees[part];
  bee.counters += meter.counters.get();
  if (of == Of::now) {
    bee.queued += meter.queued.get();
    bee.held += meter.held.get();
  }
  bee.batch_fill += meter.batch_fill.get();
  bee.queue_wait += meter.queue_wait.values();
  bee.processing += meter.processing.values();
  bee.batch_size += meter.batch_size.values();
  add_edges(meter.edges, of, part, to);
}

void SwarmMeters::add(const GatewayMeter& meter, Of of, PartIndex part, SwarmMetrics& to) const {
  auto& gateway = to.gateways[part - plan_.bees.size()];
  auto counters = meter.counters.get();
  if (of == Of::past) counters.sessions_open = counters.requests_open = counters.certificate_expiry = 0;
  gateway.counters += counters;
  gateway.end_to_end += meter.end_to_end.values();
  gateway.overhead += meter.overhead.values();
  add_edges(meter.edges, of, part, to);
}

void SwarmMeters::add_edges(const std::vector<EdgeMeter>& meters, Of of, PartIndex part, SwarmMetrics& to) const {
  for (std::size_t i = 0; i < meters.size(); ++i) {
    auto counters = meters[i].counters();
    if (of == Of::past) counters.waiting = counters.in_flight = 0;
    to.edges[edges_[part][i]].counters += counters;
  }
}

}  // namespace skep::detail
