// What lint has to say about delivery: what at_least_once cannot promise is refused.

#include "linter.hpp"

namespace skep {

void Linter::check_delivery() {
  if (spec_.delivery == Delivery::at_most_once) return;
  for (std::size_t edge = 0; edge < plan_.edges.size(); ++edge) check_overflow(edge);
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
