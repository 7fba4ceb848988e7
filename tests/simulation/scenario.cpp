#include "scenario.hpp"

#include <algorithm>

#include "random.hpp"

namespace skep::simulation {
namespace {

using namespace std::chrono_literals;
using Kind = Operation::Kind;

struct Choice {
  Kind kind;
  std::uint32_t weight;
  Duration least, most;  ///< how long it lasts
};

constexpr std::array faults_known{
    Choice{Kind::bad_link, 30, 100ms, 5s}, Choice{Kind::cut, 12, 50ms, 5s},   Choice{Kind::isolate, 6, 50ms, 6s},
    Choice{Kind::pause, 8, 10ms, 6s},      Choice{Kind::crash, 6, 500ms, 5s}, Choice{Kind::suspect, 5, 500ms, 4s},
    Choice{Kind::end, 6, 0s, 0s},          Choice{Kind::slow, 8, 100ms, 4s},  Choice{Kind::stop, 6, 50ms, 6s},
    Choice{Kind::fail, 6, 0s, 0s},         Choice{Kind::retire, 3, 0s, 0s},   Choice{Kind::poison, 3, 0s, 0s},
};

Route choose_route(Random& random, std::uint32_t key, std::uint32_t any) {
  const auto drawn = random.below(100);
  return drawn < key ? Route::key : drawn < key + any ? Route::any : Route::all;
}

/// Under at_least_once nothing may be dropped, and nothing that somebody waits for at any time.
Overflow choose_overflow(const Scenario& s, std::size_t stage, Random& random) {
  const bool may = s.delivery == Delivery::at_most_once && (s.one_way || stage >= stage_sink);
  if (!may || random.chance(50)) return Overflow::block;
  return random.chance(50) ? Overflow::drop_oldest : Overflow::drop_newest;
}

/// One key meets one replica, and comes to it once, all the way from the gateway; nobody on it holds records.
bool keeps_key_order(const Scenario& s, std::size_t i) {
  const auto before = stage_before[i];
  const auto& stage = s.stage[i];
  return s.stage[before].key_order && s.stage[before].copies == 1 && s.holder != before &&
         (stage.route != Route::any || stage.replicas == 1);
}

void choose_swarm(Scenario& s, Random& random) {
  s.nodes = random.between(3, 7);
  s.delivery = random.chance(60) ? Delivery::at_least_once : Delivery::at_most_once;
  s.one_way = random.chance(20);
  s.sinks_out = random.chance(25);
  if (random.chance(40)) s.holder = random.between(1, stages - 1);
  if (s.holder == stage_sink && s.sinks_out) s.holder = stages;
  if (s.delivery == Delivery::at_least_once && random.chance(50)) s.deaths_max = random.between(2, 3);
  const std::array replicas{random.between(1, 2), random.between(1, 3), random.between(1, 3), random.between(1, 2),
                            random.between(0, 2)};
  for (std::size_t i = 0, first = 0; i < stages; first += replicas[i++]) {
    auto& stage = s.stage[i];
    stage.first = static_cast<std::uint32_t>(first);
    stage.replicas = replicas[i];
    stage.key_order = true;
    if (i == 0) continue;
    stage.route = i == 1 ? choose_route(random, 80, 10) : choose_route(random, 50, 30);
    stage.overflow = choose_overflow(s, i, random);
    stage.copies = s.stage[stage_before[i]].copies * (stage.route == Route::all ? std::max(stage.replicas, 1u) : 1);
    stage.key_order = keeps_key_order(s, i);
    // Of copies that look alike, in two queues, nobody can say from outside which one was dropped.
    const bool alike = stage.copies > 1 && stage.route == Route::any;
    if (alike && stage.overflow == Overflow::drop_oldest) stage.overflow = Overflow::drop_newest;
  }
}

void choose_limits(Scenario& s, Random& random) {
  s.bytes_max = random.between(1, 100);
  s.credit.budget = {random.between(1, 24), random.between(s.bytes_max, 20 * s.bytes_max)};
  s.credit.share = {random.below(4), random.below(2 * s.bytes_max)};
  s.oversize = random.chance(30);
  s.window = random.between(1, 40);
  s.batch_max = random.chance(50) ? 1 : random.between(2, 5);
  if (random.chance(40)) s.batch_delay = random.between(Duration(1ms), Duration(500ms));
  s.holds = random.between(5, 70);
  s.held_max = random.between(1, 8);
  s.hold_max = random.between(Duration(50ms), Duration(1500ms));
  s.keys = random.between(1, 12);
  s.sessions = random.between(1, 4);
  s.requests_max = random.between(8, 64);
  s.service_max = random.between(Duration(50us), Duration(20ms));
  s.delay_max = random.between(Duration(200us), Duration(20ms));
  s.notice_max = random.between(Duration(10ms), Duration(1s));
  s.strategy = random.chance(70)   ? Strategy::one_for_one
               : random.chance(50) ? Strategy::rest_for_one
                                   : Strategy::one_for_all;
  s.lease = random.between(Duration(1s), Duration(4s));
}

/// A node, an actor or a gateway, and what else the kind wants.
void choose_subject(Operation& operation, const Scenario& s, Random& random) {
  switch (operation.kind) {
    case Kind::request:
    case Kind::leave:
    case Kind::poison:
      operation.subject = random.between(0, s.stage[0].replicas - 1);
      operation.other = random.between(0, s.sessions - 1);
      operation.count = random.chance(20) ? random.between(4, 16) : random.between(1, 4);
      break;
    case Kind::end:
    case Kind::slow:
    case Kind::stop:
    case Kind::fail:
    case Kind::retire:
      operation.subject = random.between(s.stage[1].first, s.actors() - 1);
      operation.count = static_cast<std::uint32_t>(random.next());
      break;
    default:
      operation.subject = random.between(0, s.nodes - 1);
      operation.other = (operation.subject + random.between(1, s.nodes - 1)) % s.nodes;
      operation.count = static_cast<std::uint32_t>(random.next());
  }
}

void choose_operations(Scenario& s, Random& random) {
  std::vector<Choice> faults;
  for (const auto& fault : faults_known) {
    if (random.chance(60)) faults.push_back(fault);
  }
  std::uint32_t weights = 0;
  for (const auto& fault : faults) weights += fault.weight;
  const auto clients = faults.empty() ? 100 : random.between(50, 85);
  const auto gap_max = random.between(Duration(20ms), Duration(300ms));
  Duration at = 100ms;
  for (std::size_t i = 0; i < operations_per_run; ++i) {
    Operation operation{.kind = random.chance(97) ? Kind::request : Kind::leave, .at = at};
    if (!random.chance(clients)) {
      auto drawn = random.below(weights);
      auto fault = faults.begin();
      for (; drawn >= fault->weight; ++fault) drawn -= fault->weight;
      operation.kind = fault->kind;
      operation.lasts = random.between(fault->least, fault->most);
    }
    choose_subject(operation, s, random);
    s.operations.push_back(operation);
    at += random.between(Duration(0), gap_max);
  }
}

}  // namespace

Scenario Scenario::from_seed(std::uint64_t seed, Faults faults) {
  Scenario scenario;
  scenario.seed = seed;
  scenario.faults = faults;
  Random random(seed);
  choose_swarm(scenario, random);
  choose_limits(scenario, random);
  choose_operations(scenario, random);
  return scenario;
}

std::size_t Scenario::stage_of(ActorId actor) const noexcept {
  std::size_t i = stages - 1;
  while (index(actor) < stage[i].first) --i;
  return i;
}

bool Scenario::stable() const noexcept {
  return std::ranges::none_of(operations, [](const Operation& operation) {
    const auto kind = operation.kind;
    return kind == Kind::isolate || kind == Kind::pause || kind == Kind::crash || kind == Kind::suspect ||
           kind == Kind::end || kind == Kind::retire || kind == Kind::poison;
  });
}

std::uint32_t Scenario::copies(std::size_t from, std::size_t to) const noexcept {
  auto on_way = to;
  while (on_way != from && on_way < stages) on_way = stage_before[on_way];
  return on_way == from ? stage[to].copies / stage[from].copies : 0;
}

}  // namespace skep::simulation
