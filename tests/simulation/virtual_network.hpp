#pragma once
// The wires between nodes, one for each direction of each pair: they lose, repeat, delay, reorder, or are cut.
//
// A wire that is well keeps order, as a connection does. What stays on a node loses nothing and takes 5 us.

#include <cstdint>
#include <vector>

#include "event_queue.hpp"
#include "random.hpp"
#include "trace.hpp"

namespace skep::simulation {

struct Wire {
  std::uint32_t loss = 0, repeat = 0, reorder = 0;  ///< percent
  Duration delay{};                                 ///< more than usual, at most
  bool cut = false;
};

class VirtualNetwork {
 public:
  struct Settings {
    std::uint32_t nodes = 1;
    Duration delay_max{};
  };

  VirtualNetwork(Settings settings, EventQueue& events, Random& random, Trace& trace)
      : settings_(settings), events_(events), random_(random), trace_(trace), ways_(settings.nodes * settings.nodes) {}

  void send(NodeId from, NodeId to, Body body);
  [[nodiscard]] Wire& wire(NodeId from, NodeId to) { return way(from, to).wire; }
  /// All wires are well again.
  void heal();

 private:
  struct Way {
    Wire wire;
    Time last{};  ///< arrival
  };

  [[nodiscard]] Way& way(NodeId from, NodeId to) { return ways_[index(from) * settings_.nodes + index(to)]; }

  Settings settings_;
  EventQueue& events_;
  Random& random_;
  Trace& trace_;
  std::vector<Way> ways_;
};

}  // namespace skep::simulation
