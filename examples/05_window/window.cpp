// The plug-in: what its bees are called in swarm files.

#include "window.hpp"

#include "skep/actors/plugin.hpp"

SKEP_BEES(bees) {
  bees.add<window::Count>("window.count");
}
