#pragma once
// The actor system of both sides of every in-process comparison, set up as a node sets up its own.

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>

#include <cstddef>
#include <cstdint>

namespace bench {

/// Whether all workers have one queue, as a node's have, or each its own, from which others steal: CAF's default.
enum class Policy : std::uint8_t { sharing, stealing };

/// Each of `threads` workers moves on after 200 messages of one actor.
inline void configure(caf::actor_system_config& config, std::size_t threads, Policy policy = Policy::sharing) {
  config.set("scheduler.policy", policy == Policy::sharing ? caf::atom("sharing") : caf::atom("stealing"));
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.max-throughput", std::size_t{200});
}

}  // namespace bench
