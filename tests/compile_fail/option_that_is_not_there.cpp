// refused: scael
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  swarm.bee<Sense>("sense").from(swarm.source("door", "tcp")).options({.scael = 2});
}
