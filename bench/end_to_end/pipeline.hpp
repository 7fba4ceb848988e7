#pragma once
// A row of bees, wired as the runtime wires them, without a node around them.

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>

#include <cstdint>
#include <vector>

#include "skep/actors/bee_actor.hpp"

namespace bench {

/// Spawns a bee for each factory, each sending to the next, the last one replying to `gateway`; started from the last
/// up. Returns the first. Exits the program if one does not start. Bees are measured, as a node's are, unless told
/// otherwise, and may hold records only where told so.
enum class Measure : std::uint8_t { no, yes };
enum class Holds : std::uint8_t { no, yes };
[[nodiscard]] caf::actor start_pipeline(caf::actor_system& system, std::vector<skep::BeeFactory> factories,
                                        const caf::actor& gateway, Measure measure = Measure::yes,
                                        Holds holds = Holds::no);

/// Hands every record on. Looks at its payload, as any bee would.
class Forward final : public skep::Bee {
 public:
  void on_record(skep::Record record, skep::Outbox& out) override;
};

}  // namespace bench
