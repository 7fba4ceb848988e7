#pragma once
// What a seed stands for: a cluster, the swarm on it, its limits, and 200 operations of clients and faults.
//
//   gateways --> A --> B --> sinks;  B answers the gateways
//              A --> side
//
// Every edge has a route. Under at_most_once those that no answer depends on may drop what is too much. In some swarms
// the gateways are one-way: their clients send, wait when the swarm is behind, and get no answers; in some the sinks
// are one-way gateways, which stay on their node. In some the replicas of one stage hold records for a while, in some
// batches wait to fill.
//
// Which kinds of faults a run has at all is drawn too: a run of only pauses finds what a run of everything hides.

#include <array>
#include <cstdint>
#include <vector>

#include "ids.hpp"
#include "skep/actors/credit.hpp"
#include "skep/actors/routing.hpp"
#include "skep/actors/supervisor.hpp"

namespace skep::simulation {

inline constexpr std::size_t operations_per_run = 200;
inline constexpr std::size_t stages = 5;  ///< gateways, A, B, sinks, side
inline constexpr std::size_t stage_b = 2;
inline constexpr std::size_t stage_sink = 3;
inline constexpr std::size_t stage_side = 4;
/// Where the edge that enters it comes from; of the gateways: nowhere.
inline constexpr std::array<std::size_t, stages> stage_before{stages, 0, 1, 2, 1};

struct Stage {
  std::uint32_t first = 0;     ///< ActorId
  std::uint32_t replicas = 1;  ///< of the side: maybe none
  Route route = Route::key;    ///< of the edge that enters it
  Overflow overflow = Overflow::block;
  std::uint32_t copies = 1;  ///< of one record that arrive at it in all
  bool key_order = false;    ///< of one key, records come in the order of admission
};

struct Operation {
  enum class Kind : std::uint8_t {
    request,   ///< a client sends some requests at once
    leave,     ///< a client goes, with requests open
    bad_link,  ///< one direction loses, repeats, delays or reorders
    cut,       ///< one direction between two nodes loses all
    isolate,   ///< all that a node sends, or all that is sent to it, is lost; if for long, it is replaced alive
    pause,     ///< a node does nothing; if for long, it is replaced, and then goes on
    crash,     ///< a node loses all it has; mostly it comes back
    suspect,   ///< a node is replaced although it is well
    end,       ///< one bee's actor ends; its node's supervisor starts it again, and others with it
    slow,      ///< one bee
    stop,      ///< one bee does not return from a call
    fail,      ///< one bee throws on a record: a dead letter
    poison,    ///< a client sends a record that ends whatever replica of one stage works on it
    retire,    ///< one replica ends for good, and others remain; its senders hear of it later
  };
  Kind kind{};
  Duration at{}, lasts{};
  std::uint32_t subject = 0;  ///< node, actor or gateway
  std::uint32_t other = 0;    ///< node, session
  std::uint32_t count = 0;    ///< requests; or a variant of the fault
};

struct Scenario {
  std::uint64_t seed = 0;
  std::uint32_t nodes = 3;
  std::array<Stage, stages> stage{};
  Delivery delivery = Delivery::at_most_once;
  Faults faults{};
  Strategy strategy = Strategy::one_for_one;  ///< of each node's supervisor
  CreditPool::Settings credit{};
  std::uint32_t window = 64;
  std::uint32_t batch_max = 1;
  Duration batch_delay{};        ///< that a batch waits to fill, at most
  bool one_way = false;          ///< nobody is answered
  bool sinks_out = false;        ///< sinks are one-way gateways
  std::uint32_t deaths_max = 0;  ///< see EdgeSender::Settings
  std::size_t holder = stages;   ///< whose replicas hold records; stages: nobody
  std::uint32_t holds = 0;       ///< percent of its records
  std::uint32_t held_max = 1;    ///< of one replica
  Duration hold_max{};
  std::uint32_t bytes_max = 32;  ///< of a record; now and then one has more than the budget
  bool oversize = false;
  std::uint32_t keys = 8;
  std::uint32_t sessions = 3;        ///< of each gateway
  std::uint32_t requests_max = 64;   ///< open, of one gateway
  Duration service_max{1'000'000};   ///< for one record
  Duration delay_max{1'000'000};     ///< of a link that is well
  Duration notice_max{500'000'000};  ///< until the controller knows of an end, and the nodes of a table
  Duration lease{3'000'000'000};     ///< a node that is silent for so long is replaced
  std::vector<Operation> operations;

  [[nodiscard]] static Scenario from_seed(std::uint64_t seed, Faults faults = {});
  [[nodiscard]] std::uint32_t actors() const noexcept { return stage.back().first + stage.back().replicas; }
  [[nodiscard]] std::size_t stage_of(ActorId actor) const noexcept;
  [[nodiscard]] bool is_gateway(ActorId actor) const noexcept { return index(actor) < stage[0].replicas; }
  /// Stays on its node, and is away while that is.
  [[nodiscard]] bool is_pinned(ActorId actor) const noexcept {
    return is_gateway(actor) || (sinks_out && stage_of(actor) == stage_sink);
  }
  [[nodiscard]] std::uint64_t oversize_bytes() const noexcept { return oversize ? 2 * credit.budget.bytes : 0; }
  /// There is an edge from the one to the other.
  [[nodiscard]] bool sends(ActorId from, ActorId to) const noexcept {
    return is_gateway(to) ? stage_of(from) == stage_b : stage_before[stage_of(to)] == stage_of(from);
  }
  /// How often what arrives at `from` comes to `to`; 0: it does not.
  [[nodiscard]] std::uint32_t copies(std::size_t from, std::size_t to) const noexcept;
  /// Nothing but links and clients go wrong: no actor is ever placed anew.
  [[nodiscard]] bool stable() const noexcept;
};

}  // namespace skep::simulation
