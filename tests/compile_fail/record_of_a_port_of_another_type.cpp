// refused: the reader takes records of another type than this sends
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto sense = swarm.bee<Sense>("sense").from(swarm.source("door", "tcp"));
  swarm.bee<Alarm>("alarm").from(edge(sense.port(Sense::faults), {.route = skep::Route::key}));
}
