#pragma once
// Which actors a thread that is not one of the scheduler's may run by itself.
//
// Waking a thread costs 5 to 50 us, and on virtual machines more. A bee that has taken less than that a slice, on
// average, is cheaper run by the thread that has a message for it: it runs inline.

#include <caf/fwd.hpp>

namespace skep {

/// Whether `actor` is a bee whose slices have been short enough (BeeSettings::inline_time_max). To be asked by whoever
/// has to have it run next, in `exec_later`.
[[nodiscard]] bool may_run_inline(const caf::resumable& actor) noexcept;

}  // namespace skep
