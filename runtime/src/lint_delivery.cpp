// What lint has to say about delivery: what at_least_once cannot promise is refused.

#include "linter.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {

void Linter::check_delivery() {
  if (spec_.delivery == Delivery::at_most_once) return;
  for (const auto& bee : plan_.bees) check_bee_delivery(bee);
  for (std::size_t edge = 0; edge < plan_.edges.size(); ++edge) check_overflow(edge);
  for (Node bee = 0; bee < plan_.bees.size(); ++bee) check_batch(bee);
}

/// Senders keep what gathers in a batch until it is done, and each keeps no more than a window.
void Linter::check_batch(Node bee) {
  std::size_t coming = 0;
  for (const auto& edge : plan_.edges) {
    if (edge.to != bee) continue;
    const auto senders = is_gateway(edge.from) ? plan_.gateways[edge.from - plan_.bees.size()].configured.threads
                                               : plan_.bees[edge.from].spec.replicas;
    coming += edge.settings.window * std::size_t{senders};
  }
  const auto& spec = plan_.bees[bee].spec;
  if (coming == 0 || spec.batch.size_max <= coming) return;
  problems_.warning(spec.position,
                    "no batch of bee '" + spec.name + "' is ever full, and each waits for its delay_max: " +
                        "delivery is \"at_least_once\", and the windows of its senders hold " +
                        counted(coming, "record") + ", not size_max = " + std::to_string(spec.batch.size_max));
}

/// What a bee holds has no place yet where it would outlive the bee's actor, and nobody takes over from a temporary
/// one.
void Linter::check_bee_delivery(const PlannedBee& bee) {
  if (bee.spec.restart == Restart::temporary) {
    problems_.error(bee.spec.position, "bee '" + bee.spec.name + "' is temporary, and delivery is \"at_least_once\"",
                    "restart = \"permanent\" or \"transient\"");
  }
  if (!bee.holds_records) return;
  problems_.error(bee.spec.position,
                  "class '" + bee.spec.bee_class + "' of bee '" + bee.spec.name +
                      "' holds records, and delivery is \"at_least_once\"",
                  "at_most_once, or a bee that holds none");
}

/// A record that is dropped is never done, or it is lost: neither is at least once.
void Linter::check_overflow(std::size_t edge) {
  const auto overflow = plan_.edges[edge].settings.overflow;
  if (overflow == Overflow::block) return;
  problems_.error(edge_positions_[edge],
                  "the edge '" + plan_.edges[edge].name + "' drops (overflow = \"" + std::string(to_string(overflow)) +
                      "\"), and delivery is \"at_least_once\"",
                  "overflow = \"block\"");
}

}  // namespace skep
