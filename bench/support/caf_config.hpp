#pragma once
// The actor system of both sides of every in-process comparison, set up as a node sets up its own.

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>

#include <cstddef>

namespace bench {

/// `threads` workers share one queue; each moves on after 200 messages of one actor.
inline void configure(caf::actor_system_config& config, std::size_t threads) {
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.max-throughput", std::size_t{200});
}

}  // namespace bench
