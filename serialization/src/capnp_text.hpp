#pragma once
// Text of a message, where it lies.

#include <capnp/blob.h>

#include <string_view>

namespace skep {

[[nodiscard]] inline std::string_view view(capnp::Text::Reader text) noexcept {
  return {text.begin(), text.size()};
}

}  // namespace skep
