// The plug-in of this folder: two gateways and a bee.

#include "fahrenheit.hpp"
#include "skep/gateways/plugin.hpp"
#include "ticker.hpp"
#include "udp.hpp"

SKEP_BEES(bees) {
  bees.add<example::Fahrenheit>("example.fahrenheit");
}

SKEP_GATEWAYS(gateways) {
  gateways.add<example::Udp>("example.udp");
  gateways.add<example::Ticker>("example.ticker");
}
