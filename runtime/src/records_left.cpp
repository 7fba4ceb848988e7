#include "records_left.hpp"

#include "swarm_order.hpp"

namespace skep::detail {
namespace {

/// On the edges into one part.
struct Incoming {
  std::uint64_t waiting = 0, sent = 0, in_flight = 0, unheard = 0;
};

Incoming incoming(const SwarmPlan& plan, const Silence& silence, const Readings& readings, PartIndex part) {
  Incoming sum;
  for (std::size_t i = 0; i < plan.edges.size(); ++i) {
    if (plan.edges[i].to != part) continue;
    const auto& edge = (silence.parts[plan.edges[i].from] ? silence.known : readings.now).edges[i].counters;
    sum.waiting += edge.waiting;
    sum.sent += edge.records;
    sum.in_flight += edge.in_flight;
    sum.unheard += edge.unheard - readings.begun.edges[i].counters.unheard;
  }
  return sum;
}

std::uint64_t left_at_bee(const Incoming& in, const BeeMetrics& bee, bool silent) {
  const auto done = bee.counters.received - bee.queued;
  const auto there = silent && in.sent > done ? in.sent - done : bee.queued;
  return in.waiting + there + bee.held + bee.counters.held_at_end + bee.counters.late;
}

}  // namespace

std::vector<SwarmTotals::Left> records_left(const SwarmPlan& plan, const Silence& silence, const Readings& readings) {
  const auto& now = readings.now;
  std::vector<SwarmTotals::Left> all;
  for (PartIndex part = 0; now.measured && part < part_count(plan); ++part) {
    const auto in = incoming(plan, silence, readings, part);
    const bool silent = silence.parts[part];
    const bool is_gateway = gateway_at(plan, part) != nullptr;
    const auto records = is_gateway ? in.waiting + in.unheard + (silent ? in.in_flight : 0)
                                    : left_at_bee(in, (silent ? silence.known : now).bees[part], silent);
    if (records == 0) continue;
    all.push_back({(is_gateway ? "gateway '" : "bee '") + part_name(plan, part) + "'", records});
  }
  return all;
}

}  // namespace skep::detail
