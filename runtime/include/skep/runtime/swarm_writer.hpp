#pragma once
// Writes a swarm as the file that says the same: what was built in code, or read with its environment put in.
//
// Canonical: one text for one spec, its parts in the spec's order, keys as docs/SWARM_FILE.md has them. Reading the
// TOML gives an equal spec, but for places, the file's name and its folder: paths are written as they stand, so they
// mean the same only where a file beside them says it.

#include <cstdint>
#include <string>

#include "skep/actors/bee_registry.hpp"
#include "skep/gateways/gateway.hpp"
#include "skep/runtime/swarm_spec.hpp"

namespace skep {

/// Whether settings of the swarm are written that are as they are by default.
enum class Defaults : std::uint8_t { leave_out, write };

/// `${` in strings is written as `$${`, which a reader of swarm files takes for itself.
[[nodiscard]] std::string to_toml(const SwarmSpec& spec, Defaults defaults = Defaults::leave_out);
/// The same tables as one JSON object. Infinities and NaN, which JSON lacks, are the strings "inf", "-inf", "nan".
[[nodiscard]] std::string to_json(const SwarmSpec& spec, Defaults defaults = Defaults::leave_out);

/// `spec` with the options that its bees and gateways have by default put in, where those can be written in a file.
[[nodiscard]] SwarmSpec with_option_defaults(SwarmSpec spec, const BeeRegistry& bees, const GatewayRegistry& gateways);

/// The opposite: without the options that say what is so by default, as it is written there.
[[nodiscard]] SwarmSpec without_option_defaults(SwarmSpec spec, const BeeRegistry& bees,
                                                const GatewayRegistry& gateways);

}  // namespace skep
