#pragma once
// A gateway's edges into the swarm: admitted records leave here in batches, as far as there is credit. Under
// at_least_once they are kept until they are done, and go again to what takes the place of a bee that has ended.
//
// Threads: the I/O thread, as part of the gateway's actor.

#include <caf/fwd.hpp>

#include <cstdint>
#include <vector>

#include "skep/actors/edge_outputs.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/serialization/failure.hpp"

namespace skep {

class Outlet {
 public:
  /// A record that an edge handed back, with what its client is to be told.
  struct Returned {
    Record record;
    Failure failure;
  };

  Outlet(caf::event_based_actor& self, const GatewaySettings& settings)
      : self_(self),
        owner_{settings.name, settings.log, settings.dead_letters, settings.wall_clock},
        outputs_(self, owner_, {settings.epoch, 1, settings.meter ? &settings.meter->edges : nullptr}) {}

  /// Errors: `errc::invalid_argument`: not later than the table in force.
  [[nodiscard]] Result<void> connect(RoutingTable table);
  /// No edge leads from this gateway into the swarm.
  [[nodiscard]] bool empty() const noexcept { return outputs_.size() == 0; }
  /// Routes one record along every edge.
  void push(Record&& record);
  /// Sends what there is credit for: what was pushed since the last call travels together.
  void flush();
  void on_ack(const BatchAck& message) {
    outputs_.on_ack(message);
    static_cast<void>(outputs_.take_done());  // nobody waits for it: clients do not acknowledge
  }
  void hurry();
  /// See EdgeOutputs::cease.
  void cease() noexcept { outputs_.cease(); }
  /// What edges handed back since the last call, if its client may be told so: no other copy can answer it.
  [[nodiscard]] std::vector<Returned> take_returned();
  [[nodiscard]] bool any_returned() const noexcept { return outputs_.any_returned(); }

  [[nodiscard]] std::size_t pushed() const noexcept { return pushed_; }  ///< since the last flush
  /// As of the last flush, the window of some edge is full.
  [[nodiscard]] bool blocked() const noexcept { return blocked_; }
  [[nodiscard]] bool idle() const noexcept { return outputs_.idle(); }  ///< see EdgeOutputs
  /// For bees that are down for good, or sent to bees whose actors ended before they had accepted it.
  [[nodiscard]] std::uint64_t lost() const noexcept { return outputs_.lost() + undeliverable_; }
  /// Shows the meter what waits.
  void publish() const { outputs_.publish(); }

 private:
  [[nodiscard]] Stamp stamp() const;

  caf::event_based_actor& self_;
  const EdgeOwner owner_;
  EdgeOutputs outputs_;
  bool only_copy_ = false;  ///< a record goes to one receiver, once: if it is handed back, nobody has had it
  std::size_t pushed_ = 0;
  std::uint64_t undeliverable_ = 0;  ///< handed back: its receiver is down for good
  bool blocked_ = false;
};

}  // namespace skep
