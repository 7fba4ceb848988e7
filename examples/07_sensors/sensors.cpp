// The plug-in: what its bees are called in swarm files.

#include "sensors.hpp"

#include "skep/actors/plugin.hpp"

SKEP_BEES(bees) {
  bees.add<sensors::Smooth>("sensors.smooth");
  bees.add<sensors::Window>("sensors.window");
  bees.add<sensors::Report>("sensors.report");
  bees.add<sensors::Peak>("sensors.peak");
}
