#pragma once
// What all parts of one simulation share: its time, chance, wires, trace and invariants.

#include "event_queue.hpp"
#include "invariants.hpp"
#include "random.hpp"
#include "scenario.hpp"
#include "trace.hpp"
#include "virtual_network.hpp"

namespace skep::simulation {

struct World {
  World(Scenario what, std::size_t trace_kept)
      : scenario(std::move(what)),
        random(~scenario.seed),
        trace(trace_kept),
        invariants(scenario),
        network({scenario.nodes, scenario.delay_max}, events, random, trace) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] Time now() const noexcept { return events.now(); }
  void note(Trace::Mark mark, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0, std::uint64_t d = 0) {
    trace.note(now(), mark, a, b, c, d);
  }
  /// A step of the simulation itself.
  void step(Duration after, Step step) { events.at(now() + after, {NodeId{}, step}); }
  void timer(Time when, const Place& place, Timer::Kind kind) {
    events.at(when, {place.node, Timer{place.actor, place.epoch, kind}});
  }

  const Scenario scenario;
  Random random;
  Trace trace;
  Invariants invariants;
  EventQueue events;
  VirtualNetwork network;
};

}  // namespace skep::simulation
