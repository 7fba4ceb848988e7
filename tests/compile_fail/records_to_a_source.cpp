// refused: this gateway is not one that records are sent to
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto door = swarm.source("door", "tcp");
  door.from(swarm.bee<PassOn>("pass").from(door));
}
