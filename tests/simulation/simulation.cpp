#include "simulation.hpp"

#include <algorithm>
#include <utility>

#include "sim_bee.hpp"
#include "sim_gateway.hpp"

namespace skep::simulation {
namespace {

using namespace std::chrono_literals;
using Kind = Operation::Kind;

std::vector<SimNode> make_nodes(World& world) {
  std::vector<SimNode> nodes;
  for (std::uint32_t i = 0; i < world.scenario.nodes; ++i) nodes.emplace_back(world, static_cast<NodeId>(i));
  return nodes;
}

constexpr std::uint32_t forever = 10;  ///< so many of a hundred crashed nodes do not come back

}  // namespace

Simulation::Simulation(Scenario scenario, std::size_t trace_kept)
    : world_(std::move(scenario), trace_kept),
      nodes_(make_nodes(world_)),
      controller_(world_, nodes_),
      retiring_(world_.scenario.actors()) {}

Outcome Simulation::run() {
  const auto& operations = world_.scenario.operations;
  for (std::uint32_t i = 0; i < operations.size(); ++i) {
    world_.step(operations[i].at, {Step::Kind::operation, i, 0});
  }
  controller_.start();
  play_until(Time{} + operations.back().at);
  heal();
  for (int round = 0; round < 2 && !failed(); ++round) {
    // What ends its bees again and again goes one by one, and each restart waits longer than the one before.
    play_until(world_.now() + (world_.scenario.deaths_max == 0 ? 31s : 181s));
    expect_rest();
    if (round == 0) probe();
  }
  if (!failed()) world_.invariants.at_end();
  const auto& invariants = world_.invariants;
  Outcome outcome{.seed = world_.scenario.seed,
                  .trace_hash = world_.trace.hash(),
                  .events = world_.trace.count(),
                  .records = invariants.records(),
                  .checks = invariants.checks(),
                  .counts = invariants.counts(),
                  .violation = invariants.violation(),
                  .trace = {}};
  if (failed()) outcome.trace = world_.trace.text();
  return outcome;
}

/// One session after another: what is refused because much comes together tells nothing.
void Simulation::probe() {
  for (std::uint32_t session = 0; session < world_.scenario.sessions; ++session) {
    for (std::uint32_t i = 0; i < world_.scenario.stage[0].replicas; ++i) {
      auto* gateway = node(i).gateway(static_cast<ActorId>(i));
      if (gateway != nullptr) gateway->probe(session);
    }
    play_until(world_.now() + 5s);
  }
}

void Simulation::play_until(Time end) {
  while (!failed() && !world_.events.empty() && world_.events.next_at() <= end) handle(world_.events.take());
}

void Simulation::handle(Event event) {
  if (const auto* step = std::get_if<Step>(&event.body)) return on_step(*step);
  nodes_[index(event.to)].handle(std::move(event.body));
}

void Simulation::on_step(const Step& step) {
  const auto& operations = world_.scenario.operations;
  switch (step.kind) {
    case Step::Kind::operation: {
      const auto& operation = operations[step.subject];
      world_.note(Trace::Mark::operation, step.subject, static_cast<std::uint64_t>(operation.kind), operation.subject,
                  operation.other);
      return begin(operation, step.subject);
    }
    case Step::Kind::end_of_operation: {
      if (healed_) return;
      const auto& operation = operations[step.subject];
      world_.note(Trace::Mark::end_of_operation, step.subject, static_cast<std::uint64_t>(operation.kind),
                  operation.subject, operation.other);
      return end(operation, step.life);
    }
    case Step::Kind::lost: {
      const auto& lost = node(step.subject);
      const bool silent = step.life == 0 || !lost.up() || lost.life() != step.life || lost.paused();
      if (silent) controller_.lost(static_cast<NodeId>(step.subject));
      return;
    }
    case Step::Kind::joined:
      return controller_.joined(static_cast<NodeId>(step.subject));
    case Step::Kind::restarted:
      return controller_.restarted(static_cast<ActorId>(step.subject), {step.life, step.restarts});
    case Step::Kind::retired:
      return controller_.retired(static_cast<ActorId>(step.subject));
  }
}

void Simulation::notice(Step::Kind kind, std::uint32_t subject, Duration after, std::uint64_t life) {
  world_.step(after + world_.random.between(Duration(1000), world_.scenario.notice_max), {kind, subject, life});
}

void Simulation::begin(const Operation& operation, std::uint32_t number) {
  switch (operation.kind) {
    case Kind::request:
    case Kind::poison:
    case Kind::leave: {
      const auto actor = static_cast<ActorId>(operation.subject);
      auto* gateway = node_of(actor).gateway(actor);
      if (gateway == nullptr || node_of(actor).paused()) return;
      if (operation.kind == Kind::leave) return gateway->leave(operation.other);
      if (operation.kind == Kind::poison) return gateway->poison(1 + operation.count % (stages - 1));
      for (std::uint32_t i = 0; i < operation.count; ++i) gateway->request(operation.other);
      return;
    }
    case Kind::bad_link:
    case Kind::cut:
      begin_link(operation);
      break;
    case Kind::isolate:
    case Kind::pause:
    case Kind::crash:
    case Kind::suspect:
      return begin_node(operation, number);
    case Kind::retire:
      return retire(operation);
    default:
      begin_bee(operation);
  }
  world_.step(operation.lasts, {Step::Kind::end_of_operation, number, 0});
}

void Simulation::begin_link(const Operation& operation) {
  auto& wire = world_.network.wire(static_cast<NodeId>(operation.subject), static_cast<NodeId>(operation.other));
  if (operation.kind == Kind::cut) {
    wire.cut = true;
    return;
  }
  auto& random = world_.random;
  if (random.chance(60)) wire.loss = random.between(1, 50);
  if (random.chance(50)) wire.repeat = random.between(1, 50);
  if (random.chance(50)) wire.reorder = random.between(1, 80);
  if (random.chance(40)) wire.delay = random.between(Duration(1ms), 2s);
}

std::size_t Simulation::nodes_up() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(nodes_, &SimNode::up));
}

void Simulation::begin_node(const Operation& operation, std::uint32_t number) {
  auto& subject = node(operation.subject);
  if (!subject.up()) return;
  const std::uint64_t life = subject.life();
  const auto& lease = world_.scenario.lease;
  if (operation.kind == Kind::crash) return crash(operation, number);
  if (operation.kind == Kind::suspect) {
    notice(Step::Kind::lost, operation.subject, 0s);
  } else if (operation.kind == Kind::isolate) {
    isolate(operation, true);
    if (operation.lasts > lease) notice(Step::Kind::lost, operation.subject, lease);
  } else {
    if (subject.paused()) return;
    subject.pause();
    if (operation.lasts > lease) notice(Step::Kind::lost, operation.subject, lease, life);
  }
  world_.step(operation.lasts, {Step::Kind::end_of_operation, number, life});
}

void Simulation::crash(const Operation& operation, std::uint32_t number) {
  if (nodes_up() <= 1) return;
  auto& subject = node(operation.subject);
  subject.crash();
  if (operation.count % 100 < forever) {
    controller_.left(static_cast<NodeId>(operation.subject));
    return;
  }
  notice(Step::Kind::lost, operation.subject, 0s, subject.life() - 1);
  world_.step(operation.lasts, {Step::Kind::end_of_operation, number, subject.life()});
}

/// All that it sends, or all that is sent to it.
void Simulation::isolate(const Operation& operation, bool cut) {
  const auto subject = static_cast<NodeId>(operation.subject);
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    const auto other = static_cast<NodeId>(i);
    auto& wire = operation.count % 2 == 0 ? world_.network.wire(subject, other) : world_.network.wire(other, subject);
    wire.cut = cut;
  }
}

/// Its node may know of it at once, or go on with it until the controller has told.
void Simulation::retire(const Operation& operation) {
  const auto actor = static_cast<ActorId>(operation.subject);
  const auto at = world_.scenario.stage_of(actor);
  const auto& [first, replicas, route, overflow, copies, key_order] = world_.scenario.stage[at];
  if (world_.scenario.is_pinned(actor) || (at <= stage_b && route == Route::key)) return;
  std::size_t others = 0;
  for (auto i = first; i < first + replicas; ++i) {
    if (i != index(actor) && !retiring_[i]) ++others;
  }
  if (others == 0 && (at <= stage_b || operation.count % 16 != 0)) return;  // mostly somebody is left
  retiring_[index(actor)] = true;
  auto& host = node_of(actor);
  if (operation.count % 2 == 0 && host.bee(actor) != nullptr) host.retire(actor);
  notice(Step::Kind::retired, operation.subject, 0s);
}

void Simulation::begin_bee(const Operation& operation) {
  const auto actor = static_cast<ActorId>(operation.subject);
  auto& host = node_of(actor);
  auto* bee = host.bee(actor);
  if (bee == nullptr) return;
  switch (operation.kind) {
    case Kind::slow:
      return bee->slow(50);
    case Kind::stop:
      return bee->stop();
    case Kind::fail:
      return bee->fail_next();
    default:
      host.fail(actor);
  }
}

void Simulation::end(const Operation& operation, std::uint64_t life) {
  const auto subject = operation.subject;
  switch (operation.kind) {
    case Kind::bad_link:
    case Kind::cut:
      world_.network.wire(static_cast<NodeId>(subject), static_cast<NodeId>(operation.other)) = {};
      return;
    case Kind::isolate:
      isolate(operation, false);
      return notice(Step::Kind::joined, subject, 0s);
    case Kind::pause:
      if (node(subject).life() != life) return;
      node(subject).resume();
      return notice(Step::Kind::joined, subject, 0s);
    case Kind::crash:
      if (node(subject).life() != life) return;
      node(subject).restart();
      return notice(Step::Kind::joined, subject, 0s);
    case Kind::suspect:
      return notice(Step::Kind::joined, subject, 0s);
    case Kind::slow:
    case Kind::stop:
      for (auto& node : nodes_) {
        auto* bee = node.bee(static_cast<ActorId>(subject));
        if (bee == nullptr) continue;
        if (operation.kind == Kind::slow) bee->slow(1);
        if (operation.kind == Kind::stop) bee->release();
      }
      return;
    default:
      return;
  }
}

void Simulation::heal() {
  if (failed()) return;
  healed_ = true;
  world_.network.heal();
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    auto& healed = nodes_[i];
    bool gone = false;
    for (std::uint32_t p = 0; p < world_.scenario.actors(); ++p) {
      const auto& place = controller_.table().places[p];
      const bool pinned = world_.scenario.is_pinned(static_cast<ActorId>(p));
      gone = gone || (pinned && place.gone && place.node == static_cast<NodeId>(i));
    }
    if (!healed.up() && !gone) healed.restart();
    if (healed.paused()) healed.resume();
    for (std::uint32_t actor = 0; actor < world_.scenario.actors(); ++actor) {
      auto* bee = healed.bee(static_cast<ActorId>(actor));
      if (bee == nullptr) continue;
      bee->heal();
      bee->release();
    }
    notice(Step::Kind::joined, i, 0s);
  }
}

/// Whatever is still to come after so long means that something does not come to rest.
void Simulation::expect_rest() {
  if (failed()) return;
  world_.invariants.expect(world_.events.empty(), "progress: not at rest 30 s after the last fault");
  for (auto& node : nodes_) node.expect_rest();
  for (std::uint32_t i = 0; i < world_.scenario.actors(); ++i) {
    const auto actor = static_cast<ActorId>(i);
    if (controller_.table().of(actor).gone) continue;
    world_.invariants.expect(node_of(actor).find(actor) != nullptr, "progress: an actor does not run", i);
    if (auto* gateway = node_of(actor).gateway(actor)) gateway->expect_probes_answered();
  }
}

}  // namespace skep::simulation
