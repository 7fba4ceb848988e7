// Built twice, as versions 1 and 2.

#include "counted.hpp"

#include "skep/actors/plugin.hpp"

SKEP_BEES(bees) {
  bees.add<counted::Count>("counted.v" + std::to_string(VERSION));
}
