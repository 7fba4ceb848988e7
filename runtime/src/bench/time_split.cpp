#include "bench/time_split.hpp"

#include <algorithm>
#include <utility>

namespace skep::bench {
namespace {

using Duration = TimeSplit::Duration;

/// Of the requests, that their time in bees is known of: else nothing is said of it. That of those which a timer or the
/// deadline ended is not.
constexpr double share_known = 0.99;

template <class Part>
const Part* find(const std::vector<Part>& parts, std::string Part::*name, const std::string& wanted) {
  const auto found = std::ranges::find(parts, wanted, name);
  return found == parts.end() ? nullptr : &*found;
}

struct Total {
  std::uint64_t sum = 0;
  std::uint64_t count = 0;
};

/// What was added in between; counters never fall.
template <class Values>
Total added(const Values& before, const Values& after) {
  return {after.sum - before.sum, after.count() - before.count()};
}

Duration mean(std::uint64_t sum_ns, std::uint64_t count) {
  return Duration(count == 0 ? 0 : static_cast<std::int64_t>(sum_ns / count));
}

/// The parts that can be reached, along edges or against them.
std::vector<bool> reachable(const SwarmPlan& plan, std::vector<bool> from, bool forward) {
  for (bool grown = true; std::exchange(grown, false);) {
    for (const auto& edge : plan.edges) {
      const auto near = forward ? edge.from : edge.to, far = forward ? edge.to : edge.from;
      if (!from[near] || from[far]) continue;
      from[far] = grown = true;
    }
  }
  return from;
}

TimeSplit::Bee split_bee(const BeeMetrics& before, const BeeMetrics& after) {
  const auto queue = added(before.queue_wait, after.queue_wait);
  const auto slices = added(before.processing, after.processing);
  const auto sizes = added(before.batch_size, after.batch_size);
  TimeSplit::Bee bee{after.bee, after.counters.received - before.counters.received};
  bee.queue = mean(queue.sum, queue.count);
  bee.slice = mean(slices.sum, slices.count);
  bee.slice_records = sizes.count == 0 ? 0 : static_cast<double>(sizes.sum) / static_cast<double>(sizes.count);
  return bee;
}

}  // namespace

AnswerPath answer_path(const SwarmPlan& plan, const std::string& gateway) {
  std::vector<bool> begin(plan.bees.size() + plan.gateways.size()), end(begin.size());
  for (std::size_t i = 0; i < plan.gateways.size(); ++i) {
    const auto& spec = plan.gateways[i].spec;
    if (spec.name != gateway) continue;
    begin[plan.bees.size() + i] = true;
    const auto answering = spec.answers.substr(0, spec.answers.find('.'));
    for (std::size_t bee = 0; bee < plan.bees.size(); ++bee) end[bee] = plan.bees[bee].spec.name == answering;
  }
  const auto after = reachable(plan, begin, true), before = reachable(plan, end, false);
  AnswerPath path{gateway, {}};
  for (std::size_t bee = 0; bee < plan.bees.size(); ++bee) {
    if (after[bee] && before[bee]) path.bees.push_back(plan.bees[bee].spec.name);
  }
  return path;
}

std::optional<TimeSplit> split_time(const Readings& readings, const AnswerPath& path, std::optional<Duration> latency) {
  const auto& [before, after] = readings;
  const auto* first = find(before.gateways, &GatewayMetrics::gateway, path.gateway);
  const auto* last = find(after.gateways, &GatewayMetrics::gateway, path.gateway);
  if (!before.measured || !after.measured || first == nullptr || last == nullptr) return std::nullopt;
  const auto end_to_end = added(first->end_to_end, last->end_to_end);
  const auto overhead = added(first->overhead, last->overhead);
  if (end_to_end.count == 0) return std::nullopt;

  TimeSplit split;
  split.requests = end_to_end.count;
  std::uint64_t queued_ns = 0, fill_ns = 0;
  for (const auto& bee : after.bees) {
    const auto* earlier = find(before.bees, &BeeMetrics::bee, bee.bee);
    if (earlier == nullptr) continue;
    auto part = split_bee(*earlier, bee);
    if (part.records == 0) continue;
    if (std::ranges::count(path.bees, bee.bee) > 0) {
      queued_ns += added(earlier->queue_wait, bee.queue_wait).sum;
      fill_ns += bee.batch_fill - earlier->batch_fill;
    }
    split.bees.push_back(std::move(part));
  }
  const auto all = mean(end_to_end.sum, end_to_end.count);
  if (latency && *latency >= all) split.outside = *latency - all;
  if (static_cast<double>(overhead.count) < share_known * static_cast<double>(end_to_end.count)) return split;
  const auto own = mean(overhead.sum, overhead.count);
  const auto queue = mean(queued_ns, overhead.count), fill = mean(fill_ns, overhead.count);
  if (queue > own || fill + own > all) return split;  // on several ways at once: they do not add up
  split.queue = queue;
  split.gateway = own - queue;
  split.compute = all - own - fill;
  if (fill > Duration(0)) split.fill = fill;
  return split;
}

}  // namespace skep::bench
