#pragma once
// Whether the system gives this process more threads.
//
// An actor system that gets no thread for an actor is left half made: it throws, counts an actor that is not there, and
// waits for it in the end. So whoever is about to need threads asks here before.

#include <cstddef>
#include <optional>
#include <string>

namespace skep::detail {

/// Why `count` threads more are not to be had at once, if so. Starts them and ends them: some ten microseconds each.
[[nodiscard]] std::optional<std::string> lack_of_threads(std::size_t count);

}  // namespace skep::detail
