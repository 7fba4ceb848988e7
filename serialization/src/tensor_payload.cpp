// Writes the Cap'n Proto `Tensor` by hand, because no builder lets its data start at a 64-aligned address.

#include <cassert>
#include <cstring>

#include "skep/serialization/flat_message.hpp"
#include "skep/serialization/limit_error.hpp"
#include "skep/serialization/tensor.hpp"
#include "tensor_layout.hpp"

namespace skep {
namespace {

constexpr std::size_t word_bytes = sizeof(capnp::word);
constexpr std::size_t table_words = 1;  // one segment: its number less one, then its size
constexpr std::size_t root_at = 1;      // pointer to the struct
constexpr std::size_t struct_at = 2;    // one word of data: the dtype
constexpr std::size_t shape_pointer_at = 3;
constexpr std::size_t data_pointer_at = 4;
constexpr std::size_t shape_at = 5;
constexpr std::uint64_t list_of_bytes = 2;
constexpr std::uint64_t list_of_words = 5;

constexpr std::size_t align_up(std::size_t words) noexcept {
  constexpr std::size_t unit = limits::payload_alignment / word_bytes;
  return (words + unit - 1) / unit * unit;
}

constexpr std::uint64_t struct_pointer(std::uint64_t data_words, std::uint64_t pointers) noexcept {
  return data_words << 32 | pointers << 48;
}

/// Offsets count from the word after the pointer.
constexpr std::uint64_t list_pointer(std::size_t at, std::size_t target, std::uint64_t kind,
                                     std::size_t count) noexcept {
  return 1 | static_cast<std::uint64_t>(target - at - 1) << 2 | kind << 32 | static_cast<std::uint64_t>(count) << 35;
}

/// Of a list's pointer.
constexpr std::size_t length_of(std::uint64_t pointer) noexcept {
  return pointer >> 35;
}

}  // namespace

std::optional<LaidOutTensor> read_layout(std::span<const std::byte> bytes) noexcept {
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % word_bytes == 0;
  if (!is_aligned || bytes.size() % word_bytes != 0 || bytes.size() < shape_at * word_bytes) return std::nullopt;
  const std::span words(reinterpret_cast<const std::uint64_t*>(bytes.data()), bytes.size() / word_bytes);
  const auto rank = length_of(words[shape_pointer_at]);
  const auto size = length_of(words[data_pointer_at]);
  const auto data_at = align_up(shape_at + rank);
  const bool as_written = words[0] == static_cast<std::uint64_t>(words.size() - table_words) << 32 &&
                          words[root_at] == struct_pointer(1, 2) && words[struct_at] <= UINT16_MAX &&
                          words[shape_pointer_at] == list_pointer(shape_pointer_at, shape_at, list_of_words, rank) &&
                          words[data_pointer_at] == list_pointer(data_pointer_at, data_at, list_of_bytes, size) &&
                          words.size() == data_at + words_for(size);
  if (!as_written) return std::nullopt;
  return LaidOutTensor{static_cast<std::uint16_t>(words[struct_at]), words.subspan(shape_at, rank),
                       bytes.subspan(data_at * word_bytes, size)};
}

Payload tensor_payload(DType dtype, std::span<const std::int64_t> shape, std::span<const std::byte> bytes) {
  assert(shape.size() <= limits::tensor_rank_max);
  assert(element_count(shape).value_or(SIZE_MAX / 8) * size_of(dtype) == bytes.size());
  if (bytes.size() > limits::payload_bytes_max) {
    throw BadRecord(over_limit("the tensor", bytes.size(), "payload_bytes_max", limits::payload_bytes_max));
  }
  const auto data_at = align_up(shape_at + shape.size());
  const auto words = data_at + words_for(bytes.size());
  auto buffer = Buffer::allocate(words * word_bytes);
  auto* out = reinterpret_cast<std::uint64_t*>(buffer.writable().data());
  std::memset(out, 0, data_at * word_bytes);
  out[0] = static_cast<std::uint64_t>(words - table_words) << 32;
  out[root_at] = struct_pointer(1, 2);
  out[struct_at] = static_cast<std::uint64_t>(dtype);
  out[shape_pointer_at] = list_pointer(shape_pointer_at, shape_at, list_of_words, shape.size());
  out[data_pointer_at] = list_pointer(data_pointer_at, data_at, list_of_bytes, bytes.size());
  if (!shape.empty()) std::memcpy(out + shape_at, shape.data(), shape.size_bytes());
  if (!bytes.empty()) {
    out[words - 1] = 0;
    std::memcpy(out + data_at, bytes.data(), bytes.size());
  }
  return Payload::share(std::move(buffer), {ContentKind::tensor, 0});
}

}  // namespace skep
