// The plug-in: what its bees are called in swarm files.

#include "streams.hpp"

#include "skep/actors/plugin.hpp"

SKEP_BEES(bees) {
  bees.add<streams::Count>("streams.count");
}
