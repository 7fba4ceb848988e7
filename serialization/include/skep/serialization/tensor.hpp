#pragma once
// Dense arrays of numbers: viewed in place in a record, or owned.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "skep/serialization/limits.hpp"
#include "skep/serialization/payload.hpp"
#include "skep/serialization/record.hpp"

namespace skep {

/// NumPy's numeric types, and bf16.
enum class DType : std::uint8_t { boolean, u8, i8, u16, i16, u32, i32, u64, i64, f16, bf16, f32, f64 };

[[nodiscard]] std::size_t size_of(DType dtype) noexcept;         ///< bytes of one element
[[nodiscard]] std::string_view to_string(DType dtype) noexcept;  ///< "f32", "bool", ...
[[nodiscard]] std::optional<DType> dtype_from(std::string_view name) noexcept;

template <class T>
inline constexpr DType dtype_of = [] {
  static_assert(sizeof(T) == 0, "no tensor element type");
  return DType::u8;
}();
template <>
inline constexpr DType dtype_of<bool> = DType::boolean;
template <>
inline constexpr DType dtype_of<std::uint8_t> = DType::u8;
template <>
inline constexpr DType dtype_of<std::int8_t> = DType::i8;
template <>
inline constexpr DType dtype_of<std::uint16_t> = DType::u16;
template <>
inline constexpr DType dtype_of<std::int16_t> = DType::i16;
template <>
inline constexpr DType dtype_of<std::uint32_t> = DType::u32;
template <>
inline constexpr DType dtype_of<std::int32_t> = DType::i32;
template <>
inline constexpr DType dtype_of<std::uint64_t> = DType::u64;
template <>
inline constexpr DType dtype_of<std::int64_t> = DType::i64;
template <>
inline constexpr DType dtype_of<float> = DType::f32;
template <>
inline constexpr DType dtype_of<double> = DType::f64;

using Shape = std::vector<std::int64_t>;

/// Elements of a shape without free (-1) dimensions; nothing if it is negative or overflows.
[[nodiscard]] std::optional<std::size_t> element_count(std::span<const std::int64_t> shape) noexcept;
[[nodiscard]] std::string to_string(std::span<const std::int64_t> shape);  ///< "[2, -1, 8]"

/// A tensor whose bytes live elsewhere: row-major, little-endian. From a record it keeps that record alive.
class TensorView {
 public:
  TensorView(DType dtype, std::span<const std::int64_t> shape, std::span<const std::byte> bytes, Record keep = {});

  [[nodiscard]] DType dtype() const noexcept { return dtype_; }
  [[nodiscard]] std::span<const std::int64_t> shape() const noexcept { return {shape_.data(), rank_}; }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t elements() const noexcept { return bytes_.size() / size_of(dtype_); }

  /// The elements in place. Throws BadRecord if `T` is another dtype or the bytes are misaligned for it.
  template <class T>
  [[nodiscard]] std::span<const T> values() const {
    require(dtype_of<T>, alignof(T));
    return {reinterpret_cast<const T*>(bytes_.data()), elements()};
  }

 private:
  void require(DType dtype, std::size_t alignment) const;

  DType dtype_;
  std::uint8_t rank_;
  std::array<std::int64_t, limits::tensor_rank_max> shape_{};
  std::span<const std::byte> bytes_;
  Record keep_;
};

/// A record's payload that is a Cap'n Proto `Tensor`. The bytes are copied once, into the payload.
/// Precondition (asserted): `bytes` fits `shape` and `dtype`.
[[nodiscard]] Payload tensor_payload(DType dtype, std::span<const std::int64_t> shape,
                                     std::span<const std::byte> bytes);

template <class T>
[[nodiscard]] Payload tensor_payload(std::span<const std::int64_t> shape, std::span<const T> values) {
  return tensor_payload(dtype_of<T>, shape, std::as_bytes(values));
}

}  // namespace skep
