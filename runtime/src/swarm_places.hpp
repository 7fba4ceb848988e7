#pragma once
// Where the replicas of a swarm are, as this node knows it: what was decided, what is up here, what other nodes say of
// theirs. Pure; SwarmActors has the actors, and does what follows.
//
// A replica on another node can be sent to once that node says that it is up, and of the decision that is in force.
// Each node's last word counts, whatever others say: what it says of a decision to come is kept until that is here, and
// what was decided by a node that saw too little hides nothing. Gateways open when all bees of the swarm have been up,
// but for those that no node that is there may run: their records wait for one.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "placement/placement.hpp"
#include "placement/presence.hpp"
#include "skep/actors/supervision_messages.hpp"
#include "skep/actors/supervisor.hpp"
#include "swarm_order.hpp"

namespace skep::detail {

class SwarmPlaces {
 public:
  struct Part {
    std::uint32_t replicas = 1;  ///< of a bee
    bool gateway = false;
    bool sink = false;                ///< of a gateway: it only sends records out
    std::vector<NodeNumber> homes{};  ///< of a gateway: the nodes it runs on
    std::uint32_t threads = 1;        ///< of a gateway: that it is spread over on each node, a replica each
  };
  struct Replica {
    PartIndex part = 0;
    std::uint32_t number = 0;  ///< among those of its part
  };
  enum class Reach : std::uint8_t {
    here,       ///< whether it has an actor is another question
    elsewhere,  ///< up on its node
    draining,   ///< a sink on a node that ends: it finishes what it has
    away,       ///< not placed, not up yet, or out of reach: it is waited for
    gone        ///< for good
  };
  /// Of a node that ends. Clients of its gateways are sent answers until all has drained.
  enum class Phase : std::uint8_t { runs, bees_drain, sinks_drain, drained };
  struct Forgotten {
    ChildId child;
    NodeNumber node = 0;
  };
  struct Changes {
    std::vector<PlaceChild> orders{};    ///< for the supervisor, in this order
    std::vector<ActorPresence> news{};   ///< for the other nodes
    std::set<PartIndex> moved{};         ///< tables that name these parts say something else now
    std::vector<Forgotten> forgotten{};  ///< of which a node says nothing any more
    std::optional<Epoch> replaced = {};  ///< of an actor of another node, that one of that node takes the place of
  };

  /// Children are numbered part by part, replica by replica.
  SwarmPlaces(NodeNumber node, const std::vector<Part>& parts);
  /// On a node alone: everything is here from the start, and gateways wait for nobody.
  void place_all_here();

  [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }
  [[nodiscard]] const Replica& replica(ChildId child) const { return at(child).replica; }
  [[nodiscard]] std::uint32_t replicas(PartIndex part) const { return parts_[part].replicas; }
  [[nodiscard]] std::uint32_t threads(PartIndex gateway) const { return parts_[gateway].threads; }
  [[nodiscard]] std::uint32_t count_here(PartIndex part) const;
  [[nodiscard]] ChildId child(PartIndex part, std::uint32_t number) const {
    return ChildId(parts_[part].first + number);
  }
  /// Nothing: there is no such replica.
  [[nodiscard]] std::optional<ChildId> find(std::uint32_t part, std::uint32_t number) const;
  [[nodiscard]] bool is_gateway(PartIndex part) const { return parts_[part].gateway; }
  [[nodiscard]] NodeNumber home(ChildId gateway) const;
  /// Which of the threads of its node it is for.
  [[nodiscard]] std::uint32_t thread(ChildId gateway) const;

  [[nodiscard]] Reach reach(ChildId child) const;
  [[nodiscard]] Epoch birth(ChildId child) const { return at(child).birth; }  ///< of its actor here
  /// Of its actor on the node where it is placed, as that says; nothing is said: the first of all epochs.
  [[nodiscard]] Epoch said_birth(ChildId child) const;
  [[nodiscard]] NodeNumber node(ChildId child) const {
    return at(child).place.node;
  }  ///< where it is placed; 0: nowhere
  [[nodiscard]] bool is_given_up(ChildId gateway) const { return at(gateway).elsewhere == Elsewhere::given_up; }
  [[nodiscard]] bool draining() const noexcept { return phase_ != Phase::runs; }
  /// What this node says of it; nothing: it is not here, or not up yet.
  [[nodiscard]] std::optional<ActorPresence> presence(ChildId child) const;
  [[nodiscard]] std::vector<ActorPresence> presence() const;

  // What happens here.
  /// It has a new actor, of this epoch.
  Epoch spawn(ChildRun run);
  [[nodiscard]] Changes up(ChildId child);
  /// It takes nothing, or does so again.
  [[nodiscard]] Changes close(ChildId child, bool closed);
  /// The node is going to end. Where others do so, too, nobody may be left to take the place of their bees, nor of
  /// sinks: what drains there, or has, is not waited for any more.
  [[nodiscard]] Changes begin_end();
  /// The node drains, phase by phase: other nodes send what is in that phase nothing more, and keep it.
  [[nodiscard]] Changes drain(Phase phase);
  /// The swarm has failed on this node: its bees here end, and those that are placed here later.
  [[nodiscard]] Changes fail();

  // What other nodes say.
  /// As many parts as the swarm has (asserted).
  [[nodiscard]] Changes place(const Placement& placement);
  /// Whether `tell` would change what is known.
  [[nodiscard]] bool is_news(NodeNumber node, const ActorPresence& presence) const;
  [[nodiscard]] Changes tell(NodeNumber node, const ActorPresence& presence);
  [[nodiscard]] Changes lose(NodeNumber node);
  [[nodiscard]] Changes give_up(NodeNumber node);

 private:
  enum class Elsewhere : std::uint8_t {
    away,
    up,
    draining,  ///< a sink, which finishes what it has
    ended,     ///< for good
    given_up   ///< a gateway that has been away for long
  };
  /// What another node said of it last, while there is a link to it; perhaps of a decision that is not in force.
  struct Said {
    NodeNumber by = 0;
    Epoch birth{};
    PresenceState state = PresenceState::up;
  };
  struct Child {
    Replica replica;
    Place place{};        ///< where it is to run
    Epoch decision{};     ///< the last one that placed it here
    Epoch birth{};        ///< of its actor here
    bool closed = false;  ///< here: it takes nothing
    bool is_up = false;   ///< here
    bool left = false;    ///< elsewhere: a gateway whose node was ending, and is lost
    Elsewhere elsewhere = Elsewhere::away;
    std::vector<Said> said{};  ///< one a node, mostly of one node
  };
  struct Range {
    std::uint32_t first = 0;
    std::uint32_t replicas = 0;
    bool gateway = false;
    bool sink = false;
    std::vector<NodeNumber> homes;
    std::uint32_t threads = 1;
  };

  [[nodiscard]] Child& at(ChildId child) { return children_[static_cast<std::size_t>(child)]; }
  [[nodiscard]] const Child& at(ChildId child) const { return children_[static_cast<std::size_t>(child)]; }
  [[nodiscard]] bool is_here(const Child& child) const noexcept { return child.place.node == node_; }
  [[nodiscard]] PresenceState state(const Child& child) const;
  [[nodiscard]] Place placed(const Placement& placement, ChildId child) const;
  void reset(ChildId child, const Place& place, Changes& changes);
  [[nodiscard]] static const Said* said_by(const Child& child, NodeNumber node);
  [[nodiscard]] static const Said* said_in_force(const Child& child);
  bool take_up(Child& child) const;
  [[nodiscard]] Elsewhere while_ending(PartIndex part, PresenceState state) const;
  static bool forget_reach(Child& child);
  void say(ChildId child, Changes& changes) const;
  void open_gateways(Changes& changes);
  [[nodiscard]] bool all_bees_up();

  NodeNumber node_;
  std::vector<Range> parts_;
  std::vector<Child> children_;
  bool open_ = false;              // gateways may open: all bees have been up once
  std::size_t first_missing_ = 0;  // a child before which all bees were up when they were last looked at
  bool failed_ = false;
  bool ending_ = false;
  Phase phase_ = Phase::runs;
};

}  // namespace skep::detail
