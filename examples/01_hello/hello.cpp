// The plug-in: what its bees are called in swarm files.

#include "hello.hpp"

#include "skep/actors/plugin.hpp"

SKEP_BEES(bees) {
  bees.add<hello::Greet>("hello.greet");
  bees.add<hello::Farewell>("hello.farewell");
}
