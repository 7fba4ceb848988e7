// refused: answers come from a bee, or from a port of one
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto door = swarm.source("door", "tcp");
  door.answers(door);
}
