#include "swarm_actors.hpp"

#include <algorithm>
#include <iterator>
#include <random>

#include "skep/runtime/limits.hpp"

namespace skep::detail {
namespace {

constexpr std::uint32_t first_node = 1;

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

SwarmActors::SwarmActors(const SwarmPlan& plan, caf::actor_system& system, IoThread& io, LogSink log, Measure measure)
    : plan_(plan),
      system_(system),
      io_(io),
      log_(std::move(log)),
      dead_letters_(std::make_shared<DeadLetters>(plan.dead_letters)),
      actors_(part_count(plan)),
      meters_(plan, measure) {
  for (PartIndex part = 0; part < part_count(plan); ++part) {
    first_of_.push_back(ChildId(places_.size()));
    const auto replicas = gateway(part) ? 1u : plan.bees[part].spec.replicas;
    for (std::uint32_t replica = 0; replica < replicas; ++replica) places_.push_back({part, replica});
  }
  generations_.resize(places_.size());
}

std::string SwarmActors::label(PartIndex part, std::size_t replica) const {
  if (gateway(part)) return "gateway '" + part_name(plan_, part) + "'";
  const auto number = plan_.bees[part].spec.replicas > 1 ? " (replica " + std::to_string(replica) + ")" : "";
  return "bee '" + part_name(plan_, part) + "'" + number;
}

std::vector<ChildSpec> SwarmActors::child_specs(std::chrono::nanoseconds start_time_max) const {
  std::vector<std::uint32_t> ranks(part_count(plan_));
  auto levels = drain_levels(plan_);
  for (std::size_t level = 0; level < levels.size(); ++level) {
    for (const auto part : levels[level]) ranks[part] = static_cast<std::uint32_t>(levels.size() - 1 - level);
  }
  std::vector<ChildSpec> specs;
  for (const auto& [part, replica] : places_) {
    ChildSpec spec{.name = label(part, replica), .rank = ranks[part], .start_time_max = start_time_max};
    if (!gateway(part)) spec.restart = plan_.bees[part].spec.restart;
    spec.alone = gateway(part);
    specs.push_back(std::move(spec));
  }
  return specs;
}

void SwarmActors::spawn_all(const caf::actor& supervisor) {
  const std::scoped_lock lock(mutex_);
  supervisor_ = supervisor;
  for (std::size_t child = 0; child < places_.size(); ++child) {
    actors_[places_[child].part].push_back(spawn({ChildId(child), 1}));
  }
}

std::vector<caf::actor> SwarmActors::take_all() {
  const std::scoped_lock lock(mutex_);
  std::vector<caf::actor> all;
  for (auto& replicas : actors_) {
    std::ranges::move(replicas, std::back_inserter(all));
    replicas.clear();
  }
  supervisor_ = nullptr;
  return all;
}

caf::actor SwarmActors::spawn(ChildRun run) {
  const auto part = place(run.child).part;
  return gateway(part) ? spawn_gateway(part) : spawn_bee(run);
}

caf::actor SwarmActors::spawn_bee(ChildRun run) {
  const auto [part, replica] = place(run.child);
  const auto& bee = plan_.bees[part];
  BeeSettings settings;
  settings.name = bee.spec.name;
  settings.replica = replica;
  settings.factory = bee.configured.factory;
  settings.takes_batches = bee.takes_batches;
  settings.batch = bee.spec.batch;
  settings.execution = bee.spec.execution;
  settings.seed = random_number();
  settings.log = log_;
  settings.supervisor = supervisor_;
  settings.run = run;
  settings.dead_letters = dead_letters_;
  settings.meter = meters_.renew_bee(part, replica);
  return skep::spawn_bee(system_, std::move(settings));
}

caf::actor SwarmActors::spawn_gateway(PartIndex part) {
  const auto& planned = plan_.gateways[part - plan_.bees.size()];
  GatewaySettings settings;
  settings.name = planned.spec.name;
  settings.node = first_node;
  settings.gateway = static_cast<std::uint32_t>(part - plan_.bees.size());
  settings.incarnation = random_number();
  settings.answers = !planned.spec.answers.empty();
  settings.receives = !planned.spec.from.empty();
  settings.log = log_;
  settings.meter = meters_.renew_gateway(part);
  return planned.configured.spawn(system_, io_, settings);
}

std::vector<caf::actor> SwarmActors::of(PartIndex part) const {
  const std::scoped_lock lock(mutex_);
  return actors_[part];
}

caf::actor SwarmActors::actor(ChildId child) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = place(child);
  return actors_[part].empty() ? caf::actor() : actors_[part][replica];
}

bool SwarmActors::is_gateway(ChildId child) const {
  return gateway(place(child).part);
}

RoutingTable SwarmActors::table(ChildId child) {
  const std::scoped_lock lock(mutex_);
  const auto part = place(child).part;
  RoutingTable table;
  table.generation = ++generations_[static_cast<std::size_t>(child)];
  for (std::size_t i = 0; i < plan_.gateways.size(); ++i) {
    const auto& replicas = actors_[plan_.bees.size() + i];
    if (!replicas.empty()) table.gateways.push_back({first_node, static_cast<std::uint32_t>(i), replicas.front()});
  }
  for (const auto& edge : plan_.edges) {
    if (edge.from == part) table.edges.push_back({edge.name, edge.port, edge.settings, actors_[edge.to]});
  }
  if (!gateway(part)) {
    table.answer_ports = plan_.bees[part].answer_ports;
    table.answers_reachable = plan_.bees[part].answers_reachable;
  }
  return table;
}

/// Whose table names a bee: those that send to it. A gateway is named in every bee's.
std::vector<ChildId> SwarmActors::respawn(ChildRun run) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = place(run.child);
  if (actors_[part].empty()) return {};
  actors_[part][replica] = spawn(run);
  std::vector<ChildId> affected;
  for (std::size_t child = 0; child < places_.size(); ++child) {
    const auto other = places_[child].part;
    const bool replies = gateway(part) && !gateway(other);
    const auto sends = [&](const PlannedEdge& edge) { return edge.from == other && edge.to == part; };
    if (replies || std::ranges::any_of(plan_.edges, sends)) affected.push_back(ChildId(child));
  }
  return affected;
}

void SwarmActors::restarted(ChildId child) {
  const std::scoped_lock lock(mutex_);
  meters_.restarted(place(child).part);
}

SwarmMetrics SwarmActors::metrics() const {
  const auto dead_letters = dead_letters_->counts();
  const std::scoped_lock lock(mutex_);
  auto metrics = meters_.read();
  metrics.failed = !failure_.empty();
  metrics.dead_letters = dead_letters;
  return metrics;
}

void SwarmActors::failed(const std::string& why) {
  const std::scoped_lock lock(mutex_);
  failure_ = why;
}

std::string SwarmActors::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

}  // namespace skep::detail
