#pragma once
// The proxies of one node for the bees and gateways of one other, while the link between them is up.
//
// One for each address, made when it is first asked for, kept until it is ended: whoever sends to a bee and whoever
// gets records from it have the same handle, so that acknowledgements find their way. When the link goes, all end, and
// what is asked for after that has ended already: nothing can be sent over the next link by a handle of this one.
// Threads: any; every call takes one lock, and DOWN is sent outside of it.

#include <caf/actor.hpp>
#include <caf/fwd.hpp>
#include <caf/node_id.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>

#include "link/remote_actor.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {

class RemoteActors {
 public:
  /// `node` is the other one's, for CAF. The system outlives this.
  RemoteActors(caf::actor_system& system, caf::node_id node, RemoteOutletPtr outlet,
               std::size_t most = limits::link_proxies_max);
  RemoteActors(const RemoteActors&) = delete;
  RemoteActors& operator=(const RemoteActors&) = delete;
  /// Ends all.
  ~RemoteActors();

  /// One that has ended already, once `end_all` was called. Null: there are `most` others, and this one is not theirs;
  /// the other node is not to be believed.
  [[nodiscard]] caf::actor get(const BeeAddress& address);
  /// The other node says that it has ended. Asked for again, there will be another one.
  void end(const BeeAddress& address, const caf::error& reason);
  /// The link has ended. Again: does nothing.
  void end_all(const caf::error& reason);

  [[nodiscard]] std::size_t size() const;

 private:
  using Actors = std::map<BeeAddress, caf::actor>;

  caf::actor_system& system_;
  caf::node_id node_;
  mutable std::mutex mutex_;  // over what is below
  RemoteOutletPtr outlet_;
  std::size_t most_;
  Actors actors_;
  std::optional<caf::error> ended_;
};

}  // namespace skep
