#pragma once
// How `tensor_payload` lays out a Cap'n Proto `Tensor`: what is written so need not be read through a reader.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace skep {

/// What a message holds; nothing of it is checked against the rest.
struct LaidOutTensor {
  std::uint16_t dtype;
  std::span<const std::uint64_t> shape;
  std::span<const std::byte> data;
};

/// Nothing unless `bytes` are, but for what is between its lists, a message that `tensor_payload` could have written.
[[nodiscard]] std::optional<LaidOutTensor> read_layout(std::span<const std::byte> bytes) noexcept;

}  // namespace skep
