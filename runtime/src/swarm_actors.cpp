#include "swarm_actors.hpp"

#include <algorithm>
#include <iterator>
#include <random>
#include <stdexcept>

#include "skep/actors/bee_runner.hpp"
#include "skep/runtime/limits.hpp"
#include "spare_threads.hpp"

namespace skep::detail {
namespace {

constexpr std::uint32_t first_node = 1;

/// A bee that cannot have its thread does not start, and says why; its next life tries again.
void refuse_without_thread(BeeSettings& settings) {
  const auto lack = lack_of_threads(1);
  if (!lack) return;
  settings.execution = Execution::shared;
  settings.factory = [why = "no thread for a dedicated bee: " + *lack]() -> std::unique_ptr<Bee> {
    throw std::runtime_error(why);
  };
}

}  // namespace

LogSink sink_of(SwarmLog log, std::vector<LogField> fields) {
  return [log = std::move(log), fields = std::move(fields)](
             LogLevel level, std::string_view source, std::string_view text) { log(level, source, text, fields); };
}

SwarmActors::SwarmActors(const SwarmPlan& plan, const SwarmHost& host, SwarmLog log)
    : plan_(plan),
      host_(host),
      log_(std::move(log)),
      dead_letters_(std::make_shared<DeadLetters>(plan.dead_letters)),
      actors_(part_count(plan)),
      meters_(plan, host.measure) {
  for (PartIndex part = 0; part < part_count(plan); ++part) {
    first_of_.push_back(ChildId(places_.size()));
    const auto replicas = gateway(part) ? 1u : plan.bees[part].spec.replicas;
    for (std::uint32_t replica = 0; replica < replicas; ++replica) places_.push_back({part, replica});
  }
  generations_.resize(places_.size());
  births_.resize(places_.size());
  closed_.resize(places_.size());
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
    std::ranges::copy_if(replicas, std::back_inserter(all), [](const auto& actor) { return actor != nullptr; });
    replicas.clear();
  }
  supervisor_ = nullptr;
  return all;
}

caf::actor SwarmActors::spawn(ChildRun run) {
  const auto child = static_cast<std::size_t>(run.child);
  births_[child] = {run.life, first_node};
  closed_[child] = false;
  return gateway(place(run.child).part) ? spawn_gateway(run.child) : spawn_bee(run);
}

caf::actor SwarmActors::spawn_bee(ChildRun run) {
  const auto [part, replica] = place(run.child);
  const auto& bee = plan_.bees[part];
  BeeSettings settings;
  settings.name = bee.spec.name;
  settings.replica = replica;
  settings.factory = bee.configured.factory;
  settings.takes_batches = bee.takes_batches;
  settings.holds_records = bee.holds_records;
  settings.held = bee.spec.held;
  settings.batch = bee.spec.batch;
  settings.execution = bee.spec.execution;
  settings.seed = random_number();
  settings.log = bee.spec.replicas > 1 ? sink_of(log_, {{"replica", std::uint64_t{replica}}}) : sink_of(log_);
  settings.supervisor = supervisor_;
  settings.run = run;
  settings.epoch = births_[static_cast<std::size_t>(run.child)];
  settings.dead_letters = dead_letters_;
  settings.swarm = plan_.name;
  settings.calls = host_.calls;
  settings.callback_time_max = bee.spec.callback_time_max;
  settings.departed = host_.departed;
  settings.wall_clock = host_.wall_clock;
  settings.meter = meters_.renew_bee(part, replica);
  if (settings.execution == Execution::dedicated) refuse_without_thread(settings);
  settings.delivery = plan_.delivery;
  settings.output_types = types_of(bee.configured.outputs);
  settings.payload_types = plan_.payload_types;
  return skep::spawn_bee(host_.system, std::move(settings));
}

caf::actor SwarmActors::spawn_gateway(ChildId child) {
  const auto part = place(child).part;
  const auto& planned = plan_.gateways[part - plan_.bees.size()];
  GatewaySettings settings;
  settings.name = planned.spec.name;
  settings.node = first_node;
  settings.gateway = static_cast<std::uint32_t>(part - plan_.bees.size());
  settings.incarnation = random_number();
  settings.answers = !planned.spec.answers.empty();
  settings.receives = !planned.spec.from.empty();
  settings.log = sink_of(log_);
  settings.epoch = births_[static_cast<std::size_t>(child)];
  settings.wall_clock = host_.wall_clock;
  settings.meter = meters_.renew_gateway(part);
  settings.departed = host_.departed;
  settings.delivery = plan_.delivery;
  settings.dead_letters = dead_letters_;
  settings.swarm = plan_.name;
  settings.calls = host_.calls;
  settings.payload_types = plan_.payload_types;
  settings.input_type = planned.input_type.id;
  return planned.configured.spawn(host_.system, host_.gateways, settings);
}

std::uint64_t SwarmActors::random_number() const {
  if (host_.random) return host_.random();
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
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
  const auto [part, replica] = place(child);
  RoutingTable table;
  table.generation = ++generations_[static_cast<std::size_t>(child)];
  table.part = part;
  table.replica = replica;
  for (std::size_t i = 0; i < plan_.gateways.size(); ++i) {
    const auto& replicas = actors_[plan_.bees.size() + i];
    if (replicas.empty()) continue;
    const auto birth = births_[static_cast<std::size_t>(first_of_[plan_.bees.size() + i])];
    table.gateways.push_back({first_node, static_cast<std::uint32_t>(i), replicas.front(), birth});
  }
  for (const auto& edge : plan_.edges) {
    if (edge.from != part) continue;
    const bool reachable = !gateway(edge.to) && plan_.bees[edge.to].answers_reachable;
    auto settings = edge.settings;
    settings.delivery = plan_.delivery;
    if (!gateway(edge.to)) settings.deaths_max = limits::deaths_alone_max;
    table.edges.push_back({edge.name, edge.port, settings, receivers(edge.to), reachable, part_name(plan_, edge.to)});
  }
  if (!gateway(part)) {
    table.answer_ports = plan_.bees[part].answer_ports;
    table.answers_reachable = plan_.bees[part].answers_reachable;
  }
  return table;
}

std::vector<Receiver> SwarmActors::receivers(PartIndex part) const {
  std::vector<Receiver> all;
  for (std::size_t replica = 0; replica < actors_[part].size(); ++replica) {
    const auto child = static_cast<std::size_t>(first_of_[part]) + replica;
    all.emplace_back(closed_[child] ? caf::actor() : actors_[part][replica], births_[child]);
  }
  return all;
}

/// Whose table names a child: those that send to it. A gateway is named in every bee's.
std::vector<ChildId> SwarmActors::named_by(PartIndex part) const {
  std::vector<ChildId> affected;
  for (std::size_t child = 0; child < places_.size(); ++child) {
    const auto other = places_[child].part;
    const bool replies = gateway(part) && !gateway(other);
    const auto sends = [&](const PlannedEdge& edge) { return edge.from == other && edge.to == part; };
    if (replies || std::ranges::any_of(plan_.edges, sends)) affected.push_back(ChildId(child));
  }
  return affected;
}

std::vector<ChildId> SwarmActors::respawn(ChildRun run) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = place(run.child);
  if (actors_[part].empty()) return {};
  actors_[part][replica] = spawn(run);
  return named_by(part);
}

std::vector<ChildId> SwarmActors::set_receives(ChildId child, Receives receives) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = place(child);
  closed_[static_cast<std::size_t>(child)] = receives != Receives::yes;
  if (receives == Receives::never && !actors_[part].empty()) actors_[part][replica] = nullptr;
  return named_by(part);
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
