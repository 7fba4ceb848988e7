#pragma once
// What is decoded of a link encodes again, to messages that decode to the same.

#include <cstring>
#include <type_traits>
#include <vector>

#include "fuzz_input.hpp"
#include "link/link_codec.hpp"
#include "link/link_frame.hpp"

namespace skep::fuzz {

inline constexpr Deadline now{std::chrono::hours(1)};

inline std::vector<Buffer> encode_any(const LinkMessage& message) {
  return std::visit(
      [](const auto& value) -> std::vector<Buffer> {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, RemoteBatch>) {
          return encode(value, now);
        } else {
          return {encode(value)};
        }
      },
      message);
}

inline Buffer body_of(Buffer frames) {
  return Buffer::copy_of(message_of(frames));
}

inline bool same(const Buffer& one, const Buffer& other) {
  const auto a = one.bytes(), b = other.bytes();
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

inline void check_message(const LinkMessage& message) {
  for (const auto& frames : encode_any(message)) {
    const auto again = decode(body_of(frames), now);
    require(again.ok() && again->index() == message.index());
    const auto third = encode_any(*again);
    require(third.size() == 1 && same(third[0], frames));
  }
}

}  // namespace skep::fuzz
