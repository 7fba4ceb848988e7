#pragma once
// What the actor of a custom gateway is told by its own object, and by threads of that.

#include <caf/allowed_unsafe_message_type.hpp>
#include <string>

namespace skep {

/// There is something that it asked for.
struct TakeUp {};
/// A call of it threw, or it says itself that it cannot go on.
struct GatewayBroke {
  std::string why;
};

}  // namespace skep

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::TakeUp)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(skep::GatewayBroke)
