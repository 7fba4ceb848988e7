#pragma once
// What a swarm had no time for, part by part, from what its meters say. Pure.
//
// A swarm that ends before it has drained asks all its parts to cease. What is left counts to the part where a record
// lies, or on its way to which it is: what waits for it at its senders, what it has and is not done with, what it holds
// or held to its end, and what came after that; and what senders had for a gateway that ended for good, where no client
// could be told. A part that has not said that it ceased is inside a call: as soon as it comes back, or never, it sends
// on what it has, which would count there and here. So of it counts what was known when the others had ceased; and of
// what was sent to it, what it had not said by then that it was done with.

#include <vector>

#include "skep/runtime/lint.hpp"
#include "skep/runtime/metrics.hpp"
#include "skep/runtime/swarm.hpp"

namespace skep::detail {

/// Parts of which an actor has not said that it ceased.
struct Silence {
  std::vector<bool> parts;
  SwarmMetrics known;  ///< as it was when the others had
};

/// What the meters said when the end began, and at the end. Empty if nothing is measured.
struct Readings {
  const SwarmMetrics& begun;
  const SwarmMetrics& now;
};
[[nodiscard]] std::vector<SwarmTotals::Left> records_left(const SwarmPlan& plan, const Silence& silence,
                                                          const Readings& readings);

}  // namespace skep::detail
