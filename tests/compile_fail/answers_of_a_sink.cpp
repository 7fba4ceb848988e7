// refused: a gateway that only sends out has no clients to answer
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto pass = swarm.bee<PassOn>("pass").from(swarm.source("door", "tcp"));
  swarm.sink("out", "tcp").from(pass).answers(pass);
}
