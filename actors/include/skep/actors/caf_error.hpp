#pragma once
// How an Error travels as the answer to a request between actors.

#include <caf/error.hpp>

#include "skep/serialization/result.hpp"

namespace skep {

[[nodiscard]] caf::error to_caf_error(const Error& error);
/// Of any CAF error: one of ours as it was, another one as `errc::unavailable` with CAF's words.
[[nodiscard]] Error from_caf_error(const caf::error& error);

}  // namespace skep
