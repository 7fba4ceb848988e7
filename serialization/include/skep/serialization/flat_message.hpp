#pragma once
// Cap'n Proto messages of one segment, written where they are wanted into memory of exactly their size.
//
// Whoever writes one measures it first, of the parts below. What it fills itself to the last byte it may put behind
// everything else: that memory is not zeroed before.

#include <capnp/message.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace skep {

/// In words of 8 bytes.
struct MessageSize {
  std::size_t front = 0;     ///< zeroed before it is written
  std::size_t payloads = 0;  ///< behind it, filled by its writer

  [[nodiscard]] std::size_t bytes() const noexcept { return (front + payloads) * sizeof(capnp::word); }
  friend MessageSize operator+(MessageSize a, MessageSize b) noexcept {
    return {a.front + b.front, a.payloads + b.payloads};
  }
};

inline constexpr std::size_t segment_table_words = 1;
inline constexpr std::size_t pointer_words = 1;   ///< of the root: others are part of their structs
inline constexpr std::size_t list_tag_words = 1;  ///< before the elements of a list of structs

template <class T>
inline constexpr std::size_t struct_words = T::_capnpPrivate::dataWordSize + T::_capnpPrivate::pointerCount;

[[nodiscard]] constexpr std::size_t words_for(std::size_t bytes) noexcept {
  return (bytes + sizeof(capnp::word) - 1) / sizeof(capnp::word);
}

/// With the NUL behind it.
[[nodiscard]] constexpr std::size_t text_words(std::size_t bytes) noexcept {
  return words_for(bytes + 1);
}

/// `memory` becomes a message with the root that `fill(T::Builder)` writes; it is 8-aligned, and has `size`, segment
/// table and root pointer included (asserted). `fill` takes all of it.
template <class T, class Fill>
void write_message(std::span<std::byte> memory, MessageSize size, Fill&& fill) {
  assert(memory.size() == size.bytes());
  auto* words = reinterpret_cast<capnp::word*>(memory.data());
  std::memset(static_cast<void*>(words), 0, size.front * sizeof(capnp::word));
  const auto segment_words = memory.size() / sizeof(capnp::word) - segment_table_words;
  assert(segment_words < std::size_t{1} << 29);  // Cap'n Proto's largest segment: 4 GiB
  const std::uint32_t table[] = {0, static_cast<std::uint32_t>(segment_words)};
  std::memcpy(static_cast<void*>(words), table, sizeof table);
  capnp::FlatMessageBuilder message(kj::arrayPtr(words + segment_table_words, segment_words));
  fill(message.initRoot<T>());
  message.requireFilled();
}

}  // namespace skep
