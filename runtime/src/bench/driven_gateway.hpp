#pragma once
// Which gateway of a swarm a bench drives, and what it speaks. Pure.

#include <string>

#include "bench/load_target.hpp"
#include "skep/runtime/swarm_spec.hpp"
#include "skep/serialization/result.hpp"

namespace skep::bench {

struct DrivenGateway {
  std::string name;
  LoadTarget target;  ///< its address is known once it listens
};

/// `name`: of the gateway; empty: the only one that can be driven, by type `tcp` or `websocket`, listening, and with
/// `answers`, and TLS and tokens only with `access`. Errors: `errc::invalid_argument` with why there is none, or which
/// there are.
[[nodiscard]] Result<DrivenGateway> choose_gateway(const SwarmSpec& spec, const std::string& name,
                                                   const LoadAccess& access = {});

/// Where clients of this machine reach what listens at `address`: 0.0.0.0 is no address to connect to.
[[nodiscard]] HostPort reachable(HostPort address);

}  // namespace skep::bench
