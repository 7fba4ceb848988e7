#include "link/remote_actors.hpp"

#include <caf/error.hpp>
#include <caf/exit_reason.hpp>

#include <utility>

namespace skep {

RemoteActors::RemoteActors(caf::actor_system& system, caf::node_id node, RemoteOutletPtr outlet, std::size_t most)
    : system_(system), node_(std::move(node)), outlet_(std::move(outlet)), most_(most) {}

RemoteActors::~RemoteActors() {
  end_all(caf::exit_reason::remote_link_unreachable);
}

caf::actor RemoteActors::get(const BeeAddress& address) {
  std::optional<caf::error> ended;
  caf::actor actor;
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = actors_.find(address); found != actors_.end()) return found->second;
    if (actors_.size() >= most_) return nullptr;
    actor = RemoteActor::make(system_, node_, address, outlet_);
    if (!ended_) return actors_.emplace(address, actor).first->second;
    ended = ended_;
  }
  kill_remote(actor, std::move(*ended));
  return actor;
}

void RemoteActors::end(const BeeAddress& address, const caf::error& reason) {
  Actors::node_type ended;
  {
    const std::scoped_lock lock(mutex_);
    ended = actors_.extract(address);
  }
  if (ended) kill_remote(ended.mapped(), reason);
}

void RemoteActors::end_all(const caf::error& reason) {
  Actors ended;
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    ended_ = reason;
    ended.swap(actors_);
  }
  for (const auto& [address, actor] : ended) kill_remote(actor, reason);
}

std::size_t RemoteActors::size() const {
  const std::scoped_lock lock(mutex_);
  return actors_.size();
}

}  // namespace skep
