// refused: the reader takes records of another type than this sends
// refused: connects<skep::wire::NamedValue, skep::wire::Trace>
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto sense = swarm.bee<Sense>("sense").from(swarm.source("door", "tcp"));
  swarm.bee<Speak>("speak").from(sense);
}
