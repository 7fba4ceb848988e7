// refused: not a gateway that only sends out
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto out = swarm.sink("out", "tcp").from(swarm.source("door", "tcp"));
  swarm.bee<PassOn>("pass").from(out);
}
