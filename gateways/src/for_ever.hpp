#pragma once
// A time as good as for ever that can be added to a clock's: the largest one would overflow there.

#include <chrono>

namespace skep {

inline constexpr std::chrono::hours for_ever{24 * 365};

}  // namespace skep
