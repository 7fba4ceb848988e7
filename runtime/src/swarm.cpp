#include "skep/runtime/swarm.hpp"

#include <caf/actor_system.hpp>

#include <algorithm>
#include <cassert>
#include <random>

#include "actor_round.hpp"
#include "swarm_order.hpp"

namespace skep {
namespace {

using detail::ActorRound;
using detail::PartIndex;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint32_t first_node = 1;
constexpr milliseconds counters_time_max{1000};
constexpr milliseconds end_time_max{5000};

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

/// Lines of this swarm's parts carry its name.
LogSink sink_for(Log& log, const std::string& swarm) {
  return [&log, prefix = swarm + "."](LogLevel level, std::string_view source, std::string_view text) {
    log.write(level, prefix + std::string(source), text);
  };
}

milliseconds until(Clock::time_point deadline) {
  return std::max(milliseconds{1}, std::chrono::ceil<milliseconds>(deadline - Clock::now()));
}

template <class Counters>
Counters counters_in(const Result<caf::message>& answer) {
  if (!answer || !answer->template match_elements<Counters>()) return {};
  return answer->template get_as<Counters>(0);
}

}  // namespace

struct Swarm::Parts {
  Parts(SwarmPlan given, caf::actor_system& actor_system, Log& process_log)
      : plan(std::move(given)), system(actor_system), log(process_log), actors(detail::part_count(plan)) {}

  void spawn(IoThread& io);
  void spawn_bee(PartIndex part, const LogSink& sink);
  void spawn_gateway(PartIndex part, IoThread& io, const LogSink& sink);
  [[nodiscard]] RoutingTable table_of(PartIndex part) const;
  [[nodiscard]] Result<void> start(milliseconds time_max);
  [[nodiscard]] Result<void> start_level(const std::vector<PartIndex>& level, milliseconds time_max);
  void read_addresses();
  void drain_level(const std::vector<PartIndex>& level, milliseconds time_max, std::string& unfinished);
  [[nodiscard]] SwarmTotals read_totals() const;
  void end();
  [[nodiscard]] std::string label(PartIndex part, std::size_t replica) const;
  [[nodiscard]] bool is_gateway(PartIndex part) const { return part >= plan.bees.size(); }

  SwarmPlan plan;
  caf::actor_system& system;
  Log& log;
  std::vector<std::vector<caf::actor>> actors;  // the replicas, by part; one for a gateway
  std::vector<GatewayRoute> routes;
  std::vector<std::string> addresses;  // by gateway
  SwarmTotals last_totals;
  bool running = false;
};

void Swarm::Parts::spawn(IoThread& io) {
  const auto sink = sink_for(log, plan.name);
  for (PartIndex part = 0; part < actors.size(); ++part) {
    if (is_gateway(part))
      spawn_gateway(part, io, sink);
    else
      spawn_bee(part, sink);
  }
}

void Swarm::Parts::spawn_bee(PartIndex part, const LogSink& sink) {
  const auto& bee = plan.bees[part];
  for (std::uint32_t replica = 0; replica < bee.spec.replicas; ++replica) {
    BeeSettings settings;
    settings.name = bee.spec.name;
    settings.replica = replica;
    settings.factory = bee.configured.factory;
    settings.takes_batches = bee.takes_batches;
    settings.batch = bee.spec.batch;
    settings.execution = bee.spec.execution;
    settings.seed = random_number();
    settings.log = sink;
    actors[part].push_back(skep::spawn_bee(system, std::move(settings)));
  }
}

void Swarm::Parts::spawn_gateway(PartIndex part, IoThread& io, const LogSink& sink) {
  const auto& gateway = plan.gateways[part - plan.bees.size()];
  GatewaySettings settings;
  settings.name = gateway.spec.name;
  settings.node = first_node;
  settings.gateway = static_cast<std::uint32_t>(part - plan.bees.size());
  settings.incarnation = random_number();
  settings.answers = !gateway.spec.answers.empty();
  settings.receives = !gateway.spec.from.empty();
  settings.log = sink;
  actors[part].push_back(gateway.configured.spawn(system, io, settings));
  routes.push_back({settings.node, settings.gateway, actors[part].front()});
}

RoutingTable Swarm::Parts::table_of(PartIndex part) const {
  RoutingTable table;
  table.generation = 1;
  table.gateways = routes;
  for (const auto& edge : plan.edges) {
    if (edge.from == part) table.edges.push_back({edge.name, edge.port, edge.settings, actors[edge.to]});
  }
  if (!is_gateway(part)) {
    table.answer_ports = plan.bees[part].answer_ports;
    table.answers_reachable = plan.bees[part].answers_reachable;
  }
  return table;
}

std::string Swarm::Parts::label(PartIndex part, std::size_t replica) const {
  if (is_gateway(part)) return "gateway '" + detail::part_name(plan, part) + "'";
  const auto number = actors[part].size() > 1 ? " (replica " + std::to_string(replica) + ")" : "";
  return "bee '" + detail::part_name(plan, part) + "'" + number;
}

Result<void> Swarm::Parts::start(milliseconds time_max) {
  auto levels = detail::drain_levels(plan);
  std::ranges::reverse(levels);
  for (const auto& level : levels) {
    if (auto started = start_level(level, time_max); !started) return started;
  }
  running = true;
  return {};
}

Result<void> Swarm::Parts::start_level(const std::vector<PartIndex>& level, milliseconds time_max) {
  ActorRound round(system, time_max);
  std::vector<std::string> asked;
  for (const auto part : level) {
    const auto table = table_of(part);
    for (std::size_t replica = 0; replica < actors[part].size(); ++replica) {
      round.ask(actors[part][replica], table);
      asked.push_back(label(part, replica));
    }
  }
  const auto answers = round.answers();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) continue;
    const auto& error = answers[i].error();
    const auto words = error.code == errc::timed_out
                           ? "not ready within " + to_string(std::chrono::nanoseconds(time_max))
                           : error.message;
    return Error{error.code, asked[i] + " did not start: " + words};
  }
  return {};
}

void Swarm::Parts::read_addresses() {
  ActorRound round(system, counters_time_max);
  for (auto part = plan.bees.size(); part < actors.size(); ++part) round.ask(actors[part].front(), ReadAddress{});
  for (const auto& answer : round.answers()) addresses.push_back(counters_in<std::string>(answer));
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto& spec = plan.gateways[i].spec;
    const auto what = "gateway '" + spec.name + "' (" + spec.type + ") ";
    const auto where = addresses[i].empty() ? "is open" : "listens on " + addresses[i];
    log.write(LogLevel::info, plan.name, what + where, {{"gateway", spec.name}, {"address", addresses[i]}});
  }
}

void Swarm::Parts::drain_level(const std::vector<PartIndex>& level, milliseconds time_max, std::string& unfinished) {
  ActorRound round(system, time_max);
  std::vector<std::string> asked;
  for (const auto part : level) {
    for (std::size_t replica = 0; replica < actors[part].size(); ++replica) {
      round.ask(actors[part][replica], Drain{});
      asked.push_back(label(part, replica));
    }
  }
  const auto answers = round.answers();
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (!answers[i])
      unfinished += (unfinished.empty() ? "" : ", ") + asked[i] + " (" + answers[i].error().message + ")";
  }
}

SwarmTotals Swarm::Parts::read_totals() const {
  ActorRound round(system, counters_time_max);
  for (const auto& replicas : actors) {
    for (const auto& actor : replicas) round.ask(actor, ReadCounters{});
  }
  const auto answers = round.answers();
  SwarmTotals totals;
  std::size_t next = 0;
  for (PartIndex part = 0; part < plan.bees.size(); ++part) {
    for (std::uint32_t replica = 0; replica < actors[part].size(); ++replica) {
      totals.bees.push_back({plan.bees[part].spec.name, replica, counters_in<BeeCounters>(answers[next++])});
    }
  }
  for (std::size_t i = 0; i < plan.gateways.size(); ++i) {
    totals.gateways.push_back(
        {plan.gateways[i].spec.name, addresses[i], counters_in<GatewayCounters>(answers[next++])});
  }
  return totals;
}

void Swarm::Parts::end() {
  std::vector<caf::actor> all;
  for (auto& replicas : actors) std::ranges::move(replicas, std::back_inserter(all));
  actors.clear();
  routes.clear();
  running = false;
  if (all.empty()) return;
  const auto left = ActorRound(system, end_time_max).end(all);
  if (left == 0) return;
  log.write(LogLevel::error, plan.name,
            std::to_string(left) + " bees or gateways do not end: they are inside a call that does not return");
}

Swarm::Swarm(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Swarm::~Swarm() {
  parts_->end();
}

Result<std::unique_ptr<Swarm>> Swarm::start(SwarmPlan plan, caf::actor_system& system, IoThread& io, Log& log,
                                            milliseconds start_time_max) {
  auto parts = std::make_unique<Parts>(std::move(plan), system, log);
  parts->spawn(io);
  if (const auto started = parts->start(start_time_max); !started) {
    parts->end();
    return started.error();
  }
  parts->read_addresses();
  return std::unique_ptr<Swarm>(new Swarm(std::move(parts)));
}

const std::string& Swarm::name() const noexcept {
  return parts_->plan.name;
}

SwarmTotals Swarm::totals() const {
  return parts_->running ? parts_->read_totals() : parts_->last_totals;
}

Result<SwarmTotals> Swarm::drain(milliseconds time_max) {
  if (!parts_->running) return parts_->last_totals;
  const auto deadline = Clock::now() + time_max;
  std::string unfinished;
  for (const auto& level : detail::drain_levels(parts_->plan)) parts_->drain_level(level, until(deadline), unfinished);
  parts_->last_totals = parts_->read_totals();
  parts_->end();
  if (unfinished.empty()) return parts_->last_totals;
  return Error{errc::timed_out, "swarm '" + name() + "' was not drained within " +
                                    to_string(std::chrono::nanoseconds(time_max)) + ": " + unfinished};
}

bool Swarm::can_finish() const noexcept {
  const auto& plan = parts_->plan;
  const auto from = detail::sources(plan);
  const auto ends = [&](PartIndex part) { return detail::gateway_at(plan, part)->configured.listen.empty(); };
  return !from.empty() && std::ranges::all_of(from, ends);
}

bool Swarm::finished() const {
  if (!parts_->running) return true;
  if (!can_finish()) return false;
  ActorRound round(parts_->system, counters_time_max);
  for (const auto part : detail::sources(parts_->plan)) round.ask(parts_->actors[part].front(), ReadCounters{});
  const auto answers = round.answers();
  return std::ranges::all_of(answers, [](const auto& answer) { return counters_in<GatewayCounters>(answer).finished; });
}

}  // namespace skep
