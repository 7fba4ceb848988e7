// refused: this port is one of another class than this bee's
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto pass = swarm.bee<PassOn>("pass").from(swarm.source("door", "tcp"));
  swarm.bee<PassOn>("next").from(pass.port(Sense::faults));
}
