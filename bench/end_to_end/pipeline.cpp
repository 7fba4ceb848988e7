#include "end_to_end/pipeline.hpp"

#include <caf/scoped_actor.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>

namespace bench {

void start(caf::actor_system& system, const caf::actor& bee, skep::RoutingTable table) {
  caf::scoped_actor self(system);
  self->request(bee, std::chrono::seconds(10), std::move(table))
      .receive([] {},
               [](const caf::error&) {
                 std::cerr << "a bee did not start" << std::endl;
                 std::exit(1);
               });
}

caf::actor start_pipeline(caf::actor_system& system, std::vector<skep::BeeFactory> factories, const caf::actor& gateway,
                          Measure measure, Holds holds) {
  static skep::DepartedSessions departed;  // as a node has one
  caf::actor next;
  for (auto i = factories.size(); i-- > 0;) {
    skep::BeeSettings settings;
    settings.name = "bee" + std::to_string(i);
    settings.factory = std::move(factories[i]);
    settings.departed = &departed;
    settings.holds_records = holds == Holds::yes;
    if (measure == Measure::yes) settings.meter = skep::make_meter<skep::BeeMeter>(next ? 1 : 0);
    skep::RoutingTable table;
    table.generation = 1;
    if (next) table.edges.push_back({settings.name + " -> next", 0, {}, {next}});
    table.gateways.push_back({1, 1, gateway});
    table.answers_reachable = true;
    next = skep::spawn_bee(system, std::move(settings));
    start(system, next, std::move(table));
  }
  return next;
}

void Forward::on_record(skep::Record record, skep::Outbox& out) {
  if (record.bytes()[0] != std::byte{'x'}) std::abort();
  out.emit(std::move(record));
}

}  // namespace bench
