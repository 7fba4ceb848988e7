// compiles: what the other cases get wrong, right.
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto door = swarm.source("door", "tcp");
  const auto sense = swarm.bee<Sense>("sense").from(door).options({.scale = 2}).set("scale", 2);
  const auto alarm = swarm.bee<Alarm>("alarm").from(sense, edge(sense, {.route = skep::Route::key}));
  swarm.bee<Speak>("speak").from(sense.port(Sense::faults));
  const auto pass = swarm.bee<PassOn>("pass").from(sense, sense.port(Sense::faults), door);
  swarm.bee<Speak>("also").from(pass, sense.port("checked by build"));
  const auto filter = swarm.bee("filter", "skep.filter").from(sense);
  swarm.sink("out", "tcp").from(filter, sense.port(Sense::faults));
  const auto line = swarm.duplex("line", "tcp");
  line.from(alarm).answers(swarm.bee<PassOn>("reply").from(line));
  door.answers(sense.port(Sense::faults));
}
