// refused: from() takes what is read
#include "bees.hpp"

void build(skep::SwarmBuilder& swarm) {
  swarm.bee<PassOn>("pass").from();
}
