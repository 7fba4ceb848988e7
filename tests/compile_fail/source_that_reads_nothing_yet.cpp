// refused: nor a bee before its from(...)
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  auto later = swarm.bee<PassOn>("later");
  swarm.bee<PassOn>("pass").from(later);
}
