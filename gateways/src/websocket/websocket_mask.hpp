#pragma once
// The mask of a client's frame (RFC 6455, section 5.3): the same bytes, masked or unmasked, in pieces of any size.
// Pure.

#include <array>
#include <cstddef>
#include <span>

namespace skep {

class WebSocketMask {
 public:
  using Key = std::array<char, 4>;

  WebSocketMask() = default;
  explicit WebSocketMask(Key key) noexcept : key_(key) {}

  /// Masks, or unmasks, what comes next of the payload.
  void apply(std::span<char> piece) noexcept;

 private:
  Key key_{};  ///< begins with the byte for the next one
};

}  // namespace skep
