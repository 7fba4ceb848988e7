// The plug-in of this folder: its schema, its bees.

#include "typed.hpp"

#include "skep/actors/plugin.hpp"

SKEP_BEES(bees) {
  bees.add<typed::Judge>("typed.judge");
  bees.add<typed::Tally>("typed.tally");
}
