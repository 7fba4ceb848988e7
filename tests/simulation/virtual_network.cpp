#include "virtual_network.hpp"

#include <algorithm>
#include <utility>

namespace skep::simulation {

using namespace std::chrono_literals;

void VirtualNetwork::send(NodeId from, NodeId to, Body body) {
  const auto now = events_.now();
  if (from == to) return events_.at(now + 5us, {to, std::move(body)});
  auto& [wire, last] = way(from, to);
  if (wire.cut || random_.chance(wire.loss)) {
    trace_.note(now, Trace::Mark::dropped, index(from), index(to));
    return;
  }
  auto arrival = now + random_.between(settings_.delay_max / 8, settings_.delay_max);
  if (wire.delay != Duration{}) arrival += random_.between(Duration(0), wire.delay);
  if (!random_.chance(wire.reorder)) arrival = last = std::max(arrival, last);
  if (random_.chance(wire.repeat)) events_.at(arrival + random_.between(Duration(0), 200ms), {to, body});
  events_.at(arrival, {to, std::move(body)});
}

void VirtualNetwork::heal() {
  for (auto& way : ways_) way.wire = {};
}

}  // namespace skep::simulation
