// refused: a bee's class derives from skep::Bee
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  swarm.bee<Reading>("reading").from(swarm.source("door", "tcp"));
}
