// refused: has no member named 'from'
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  const auto one = swarm.bee<PassOn>("one").from(swarm.source("door", "tcp"));
  const auto two = swarm.bee<PassOn>("two").from(one);
  one.from(two);
}
