#include "swarm_actors.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <iterator>
#include <random>
#include <stdexcept>

#include "skep/actors/bee_runner.hpp"
#include "skep/runtime/limits.hpp"
#include "spare_threads.hpp"

namespace skep::detail {
namespace {

constexpr NodeNumber node_alone = 1;

/// A bee that cannot have its thread does not start, and says why; its next life tries again.
void refuse_without_thread(BeeSettings& settings) {
  const auto lack = lack_of_threads(1);
  if (!lack) return;
  settings.execution = Execution::shared;
  settings.factory = [why = "no thread for a dedicated bee: " + *lack]() -> std::unique_ptr<Bee> {
    throw std::runtime_error(why);
  };
}

std::vector<SwarmPlaces::Part> parts_of(const SwarmPlan& plan, const SwarmHost& host) {
  std::vector<SwarmPlaces::Part> parts;
  for (const auto& bee : plan.bees) parts.push_back({.replicas = bee.spec.replicas});
  const auto out = sinks(plan);
  for (std::size_t gateway = 0; gateway < plan.gateways.size(); ++gateway) {
    auto homes = host.site != nullptr ? host.site->nodes_of_gateway(gateway) : std::vector<NodeNumber>{node_alone};
    const auto threads = host.gateways.actors_of(plan.gateways[gateway].configured.threads);
    const bool sink = std::ranges::count(out, parts.size()) > 0;
    parts.push_back({.gateway = true, .sink = sink, .homes = std::move(homes), .threads = threads});
  }
  return parts;
}

}  // namespace

LogSink sink_of(SharedSwarmLog log, std::optional<std::uint32_t> replica) {
  if (!replica) {
    return [log = std::move(log)](LogLevel level, std::string_view source, std::string_view text) {
      (*log)(level, source, text, {});
    };
  }
  return [log = std::move(log), number = *replica](LogLevel level, std::string_view source, std::string_view text) {
    const LogField field{"replica", std::uint64_t{number}};
    (*log)(level, source, text, std::span(&field, 1));
  };
}

void log_open(const SwarmLog& log, const std::string& swarm, const GatewaySpec& gateway, const std::string& address) {
  const auto what = "gateway '" + gateway.name + "' (" + gateway.type + ") ";
  std::vector<LogField> fields{{"gateway", gateway.name}};
  if (!address.empty()) fields.push_back({"address", address});
  log(LogLevel::info, swarm, what + (address.empty() ? "is open" : "listens on " + address), fields);
}

SwarmActors::SwarmActors(const SwarmPlan& plan, const SwarmHost& host, SwarmLog log)
    : plan_(plan),
      host_(host),
      log_(std::make_shared<const SwarmLog>(std::move(log))),
      node_(host.site != nullptr ? host.site->node() : node_alone),
      dead_letters_(std::make_shared<DeadLetters>(plan.dead_letters)),
      named_by_(part_count(plan)),
      edges_of_(part_count(plan)),
      places_(node_, parts_of(plan, host)),
      actors_(part_count(plan)),
      generations_(places_.size()),
      meters_(plan, host.measure) {
  for (const auto& edge : plan.edges) edges_of_[edge.from].push_back(edge.to);
  for (PartIndex from = 0; from < part_count(plan_); ++from) {
    for (PartIndex to = 0; to < part_count(plan_); ++to) {
      if (!names(from, to)) continue;
      for (std::uint32_t replica = 0; replica < places_.replicas(from); ++replica) {
        named_by_[to].push_back(places_.child(from, replica));
      }
    }
  }
  for (auto part = plan_.bees.size(); part < part_count(plan_); ++part) {
    entrances_.push_back(places_.threads(part) > 1 ? make_entrance() : nullptr);
  }
  if (host.site == nullptr) places_.place_all_here();
}

std::string SwarmActors::label(PartIndex part, std::size_t replica) const {
  if (!gateway(part)) return label_here(part, replica);
  const auto child = places_.child(part, static_cast<std::uint32_t>(replica));
  const auto here = label_here(part, places_.thread(child));
  return host_.site == nullptr ? here : here + " (node " + std::to_string(places_.home(child)) + ')';
}

std::string SwarmActors::label_here(PartIndex part, std::size_t place) const {
  if (gateway(part)) {
    const auto thread = places_.threads(part) > 1 ? " (thread " + std::to_string(place) + ")" : "";
    return "gateway '" + part_name(plan_, part) + "'" + thread;
  }
  const auto number = plan_.bees[part].spec.replicas > 1 ? " (replica " + std::to_string(place) + ")" : "";
  return "bee '" + part_name(plan_, part) + "'" + number;
}

std::vector<ChildSpec> SwarmActors::child_specs(std::chrono::nanoseconds start_time_max) const {
  std::vector<std::uint32_t> ranks(part_count(plan_));
  auto levels = drain_levels(plan_);
  for (std::size_t level = 0; level < levels.size(); ++level) {
    for (const auto part : levels[level]) ranks[part] = static_cast<std::uint32_t>(levels.size() - 1 - level);
  }
  std::vector<ChildSpec> specs;
  for (std::size_t child = 0; child < places_.size(); ++child) {
    const auto [part, replica] = places_.replica(ChildId(child));
    ChildSpec spec{.name = label(part, replica), .rank = ranks[part], .start_time_max = start_time_max};
    if (!gateway(part)) spec.restart = plan_.bees[part].spec.restart;
    spec.alone = gateway(part);
    spec.starts = host_.site == nullptr;
    specs.push_back(std::move(spec));
  }
  return specs;
}

void SwarmActors::spawn_all(const caf::actor& supervisor) {
  const std::scoped_lock lock(mutex_);
  supervisor_ = supervisor;
  for (std::size_t child = 0; child < places_.size(); ++child) {
    auto& replicas = actors_[places_.replica(ChildId(child)).part];
    replicas.push_back(host_.site == nullptr ? spawn({ChildId(child), 1}) : nullptr);
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
  const auto epoch = places_.spawn(run);
  return is_gateway(run.child) ? spawn_gateway(run.child, epoch) : spawn_bee(run, epoch);
}

caf::actor SwarmActors::spawn_bee(ChildRun run, Epoch epoch) {
  const auto [part, replica] = places_.replica(run.child);
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
  settings.log = sink_of(log_, bee.spec.replicas > 1 ? std::optional(replica) : std::nullopt);
  settings.supervisor = supervisor_;
  settings.run = run;
  settings.epoch = epoch;
  settings.dead_letters = dead_letters_;
  settings.swarm = plan_.name;
  settings.calls = host_.calls;
  settings.callback_time_max = bee.spec.callback_time_max;
  settings.inline_time_max = host_.inline_time_max;
  settings.departed = host_.departed;
  settings.wall_clock = host_.wall_clock;
  settings.meter = meters_.renew_bee(part, replica);
  if (settings.execution == Execution::dedicated) refuse_without_thread(settings);
  settings.delivery = plan_.delivery;
  settings.output_types = types_of(bee.configured.outputs);
  settings.payload_types = plan_.payload_types;
  return skep::spawn_bee(host_.system, std::move(settings));
}

caf::actor SwarmActors::spawn_gateway(ChildId child, Epoch epoch) {
  const auto part = places_.replica(child).part;
  const auto& planned = plan_.gateways[part - plan_.bees.size()];
  GatewaySettings settings;
  settings.name = planned.spec.name;
  settings.node = node_;
  settings.gateway = origin_number(child);
  settings.incarnation = random_number();
  settings.answers = !planned.spec.answers.empty();
  settings.receives = !planned.spec.from.empty();
  settings.log = sink_of(log_);
  settings.log_fields = [log = log_](LogLevel level, std::string_view source, std::string_view text,
                                     std::span<const LogField> fields) { (*log)(level, source, text, fields); };
  settings.epoch = epoch;
  settings.wall_clock = host_.wall_clock;
  settings.meter = meters_.renew_gateway(part, places_.thread(child));
  settings.departed = host_.departed;
  settings.delivery = plan_.delivery;
  settings.dead_letters = dead_letters_;
  settings.swarm = plan_.name;
  settings.calls = host_.calls;
  settings.payload_types = plan_.payload_types;
  settings.input_type = planned.input_type.id;
  settings.spread = spread_of(child);
  return planned.configured.spawn(host_.system, host_.gateways, settings);
}

/// As answers name it: another one for each actor of a node.
std::uint32_t SwarmActors::origin_number(ChildId gateway) const {
  auto number = places_.thread(gateway);
  const auto own = places_.replica(gateway).part;
  for (auto part = plan_.bees.size(); part < own; ++part) number += places_.threads(part);
  return number;
}

GatewaySpread SwarmActors::spread_of(ChildId gateway) const {
  const auto part = places_.replica(gateway).part;
  return {places_.thread(gateway), places_.threads(part), entrances_[part - plan_.bees.size()]};
}

std::uint64_t SwarmActors::random_number() const {
  if (host_.random) return host_.random();
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

std::vector<caf::actor> SwarmActors::of(PartIndex part) const {
  const std::scoped_lock lock(mutex_);
  if (!gateway(part)) return actors_[part];
  std::vector<caf::actor> here;
  for (std::uint32_t replica = 0; replica < actors_[part].size(); ++replica) {
    if (places_.home(places_.child(part, replica)) == node_) here.push_back(actors_[part][replica]);
  }
  return here;
}

caf::actor SwarmActors::actor(ChildId child) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = places_.replica(child);
  return actors_[part].empty() ? caf::actor() : actors_[part][replica];
}

bool SwarmActors::is_gateway(ChildId child) const {
  return gateway(places_.replica(child).part);
}

RoutingTable SwarmActors::table(ChildId child) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = places_.replica(child);
  RoutingTable table;
  table.generation = ++generations_[static_cast<std::size_t>(child)];
  table.part = part;
  table.replica = replica;
  table.gateways = gateway_routes();
  for (const auto& edge : plan_.edges) {
    if (edge.from != part) continue;
    const bool reachable = !gateway(edge.to) && plan_.bees[edge.to].answers_reachable;
    auto settings = edge.settings;
    settings.delivery = plan_.delivery;
    if (!gateway(edge.to)) settings.deaths_max = limits::deaths_alone_max;
    const bool any = settings.route == Route::any;
    settings.hands_over = gateway(edge.to) && any && settings.delivery == Delivery::at_least_once;
    table.edges.push_back({edge.name, edge.port, settings, receivers(edge.to), reachable, part_name(plan_, edge.to)});
  }
  if (!gateway(part)) {
    table.answer_ports = plan_.bees[part].answer_ports;
    table.answers_reachable = plan_.bees[part].answers_reachable;
  }
  return table;
}

std::vector<GatewayRoute> SwarmActors::gateway_routes() const {
  std::vector<GatewayRoute> routes;
  for (std::size_t i = 0; i < plan_.gateways.size(); ++i) {
    const auto part = static_cast<PartIndex>(plan_.bees.size() + i);
    for (std::uint32_t replica = 0; replica < actors_[part].size(); ++replica) {
      const auto child = places_.child(part, replica);
      if (places_.is_given_up(child)) continue;
      const auto to = receiver(child);
      routes.push_back({places_.home(child), origin_number(child), to.actor, to.epoch, to.away});
    }
  }
  return routes;
}

std::vector<Receiver> SwarmActors::receivers(PartIndex part) const {
  std::vector<Receiver> all;
  for (std::uint32_t replica = 0; replica < actors_[part].size(); ++replica) {
    all.push_back(receiver(places_.child(part, replica)));
  }
  return all;
}

Receiver SwarmActors::receiver(ChildId id) const {
  const auto [part, replica] = places_.replica(id);
  switch (places_.reach(id)) {
    case SwarmPlaces::Reach::here:
      if (!actors_[part][replica]) break;
      return Receiver(actors_[part][replica], places_.birth(id));
    case SwarmPlaces::Reach::elsewhere:
      return Receiver(proxies_.at({id, places_.node(id)}), places_.said_birth(id));
    case SwarmPlaces::Reach::gone:
      return Receiver(nullptr);
    case SwarmPlaces::Reach::draining:
      return Receiver::draining(proxies_.at({id, places_.node(id)}), places_.said_birth(id));
    case SwarmPlaces::Reach::away:
      break;
  }
  return Receiver::out_of_reach();
}

/// Whether tables of that part name the other: it sends to it. A gateway is named in every bee's.
bool SwarmActors::names(PartIndex from, PartIndex to) const {
  const bool replies = gateway(to) && !gateway(from);
  return replies ||
         std::ranges::any_of(plan_.edges, [&](const PlannedEdge& edge) { return edge.from == from && edge.to == to; });
}

std::vector<ChildId> SwarmActors::respawn(ChildRun run) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = places_.replica(run.child);
  if (actors_[part].empty()) return {};
  actors_[part][replica] = spawn(run);
  return named_by(part);
}

std::vector<ChildId> SwarmActors::set_receives(ChildId id, Receives receives) {
  const std::scoped_lock lock(mutex_);
  const auto [part, replica] = places_.replica(id);
  if (receives == Receives::never && !actors_[part].empty()) actors_[part][replica] = nullptr;
  follow(places_.close(id, receives != Receives::yes));
  return named_by(part);
}

void SwarmActors::restarted(ChildId child) {
  const std::scoped_lock lock(mutex_);
  meters_.restarted(places_.replica(child).part);
}

SwarmMetrics SwarmActors::metrics() const {
  const auto dead_letters = dead_letters_->counts();
  const std::scoped_lock lock(mutex_);
  auto metrics = meters_.read();
  for (PartIndex part = 0; part < plan_.bees.size(); ++part) metrics.bees[part].replicas = places_.count_here(part);
  metrics.failed = !failure_.empty();
  metrics.dead_letters = dead_letters;
  return metrics;
}

}  // namespace skep::detail
