// JSON arrays to tensor bytes: the shape first, from the first element of each dimension, then every element.

#include <cassert>
#include <cmath>
#include <concepts>
#include <cstring>
#include <limits>
#include <utility>

#include "half.hpp"
#include "json_state.hpp"
#include "skep/serialization/counted.hpp"
#include "skep/serialization/limit_error.hpp"

namespace skep {
namespace {

namespace dom = simdjson::dom;

/// simdjson's own count saturates.
std::size_t length_of(dom::array array) {
  constexpr std::size_t saturated = 0xFFFFFF;
  const auto size = array.size();
  if (size < saturated) return size;
  std::size_t count = 0;
  for ([[maybe_unused]] const auto each : array) ++count;
  return count;
}

template <std::integral T>
bool convert(double real, T& out) {
  // Both bounds are exact: the upper one is a power of two.
  constexpr double below = static_cast<double>(std::numeric_limits<T>::max() / 2 + 1) * 2;
  if (std::trunc(real) != real || real >= below || real < static_cast<double>(std::numeric_limits<T>::min())) {
    return false;
  }
  out = static_cast<T>(real);
  return true;
}

template <std::integral Whole, std::integral T>
bool convert(Whole whole, T& out) {
  out = static_cast<T>(whole);
  return std::in_range<T>(whole);
}

template <std::integral Whole, std::floating_point T>
bool convert(Whole whole, T& out) {
  out = static_cast<T>(whole);
  return true;
}

bool convert(double real, double& out) {
  out = real;
  return true;
}

bool convert(double real, float& out) {
  out = static_cast<float>(real);
  return std::isfinite(out);
}

struct F16 {
  static std::optional<std::uint16_t> narrow(double number) { return to_f16(number); }
  std::uint16_t bits;
};

struct BF16 {
  static std::optional<std::uint16_t> narrow(double number) { return to_bf16(number); }
  std::uint16_t bits;
};

template <class Half>
concept IsHalf = std::same_as<Half, F16> || std::same_as<Half, BF16>;

template <class Number, IsHalf Half>
bool convert(Number number, Half& out) {
  const auto bits = Half::narrow(static_cast<double>(number));
  out.bits = bits.value_or(0);
  return bits.has_value();
}

/// False if it is no number, or `T` cannot hold it. simdjson keeps integers apart from numbers with a fraction.
template <class T>
[[gnu::always_inline]] inline bool read_element(dom::element element, T& out) {
  std::int64_t whole = 0;
  std::uint64_t natural = 0;
  double real = 0;
  if (element.get_int64().get(whole) == simdjson::SUCCESS) return convert(whole, out);
  if (element.get_uint64().get(natural) == simdjson::SUCCESS) return convert(natural, out);
  return element.get_double().get(real) == simdjson::SUCCESS && convert(real, out);
}

bool read_element(dom::element element, bool& out) {
  return element.get_bool().get(out) == simdjson::SUCCESS;
}

/// Reads one array; on a problem it knows the place of the element that is wrong.
class ArrayReader {
 public:
  ArrayReader(std::string_view path, DType dtype, std::span<const std::int64_t> wanted)
      : path_(path), dtype_(dtype), shape_(wanted.begin(), wanted.end()) {}

  Result<JsonDocument::Array> read(dom::element element, std::size_t text_bytes) {
    if (!settle_shape(element) || !settle_count()) return error_;
    // Every element takes a byte of text at least: a larger count is the promise of a ragged array.
    std::vector<std::byte> bytes(std::min(count_, text_bytes) * size_of(dtype_));
    if (!read_as_dtype(element, bytes)) return error_;
    return JsonDocument::Array{std::move(shape_), std::move(bytes)};
  }

  /// Precondition (asserted): `room` is what the shape takes, which has no free dimension.
  Result<void> read_into(dom::element element, std::span<std::byte> room) {
    if (!settle_shape(element) || !settle_count()) return error_;
    assert(room.size() == count_ * size_of(dtype_));
    return read_as_dtype(element, room) ? Result<void>() : error_;
  }

 private:
  bool fail(std::string_view problem) {
    error_ = {errc::bad_record, place() + std::string(problem)};
    return false;
  }

  [[nodiscard]] std::string place() const {
    auto text = path_;
    for (std::size_t i = 0; i < depth_; ++i) text.append("[").append(std::to_string(index_[i])).append("]");
    return text + ": ";
  }

  bool settle_shape(dom::element element) {
    std::optional<dom::element> at = element;
    for (auto& dimension : shape_) {
      dom::array array;
      if (at && at->get_array().get(array) != simdjson::SUCCESS) return fail(no_array());
      const auto length = at ? static_cast<std::int64_t>(length_of(array)) : 0;
      if (dimension < 0) dimension = length;
      if (at && dimension != length) return fail(other_length(length, dimension));
      at = length > 0 ? std::optional(array.at(0).value_unsafe()) : std::nullopt;
      index_[depth_++] = 0;
    }
    depth_ = 0;
    return true;
  }

  bool settle_count() {
    const auto count = element_count(shape_);
    count_ = count.value_or(0);
    if (count && *count <= limits::payload_bytes_max / size_of(dtype_)) return true;
    error_ = {errc::too_large, path_ + " of shape " + to_string(shape_) + " and dtype " +
                                   std::string(to_string(dtype_)) + " is larger than payload_bytes_max, which is " +
                                   std::to_string(limits::payload_bytes_max) + " bytes"};
    return false;
  }

  [[nodiscard]] static std::string other_length(std::int64_t length, std::int64_t wanted) {
    return counted(static_cast<std::uint64_t>(length), "element") + ", not " + std::to_string(wanted);
  }

  [[nodiscard]] std::string no_array() const {
    return "no array, but the shape has " + counted(shape_.size(), "dimension");
  }

  bool read_as_dtype(dom::element element, std::span<std::byte> room) {
    room_ = room;
    switch (dtype_) {
      case DType::boolean:
        return read_nested<bool>(element);
      case DType::u8:
        return read_nested<std::uint8_t>(element);
      case DType::i8:
        return read_nested<std::int8_t>(element);
      case DType::u16:
        return read_nested<std::uint16_t>(element);
      case DType::i16:
        return read_nested<std::int16_t>(element);
      case DType::u32:
        return read_nested<std::uint32_t>(element);
      case DType::i32:
        return read_nested<std::int32_t>(element);
      case DType::u64:
        return read_nested<std::uint64_t>(element);
      case DType::i64:
        return read_nested<std::int64_t>(element);
      case DType::f16:
        return read_nested<F16>(element);
      case DType::bf16:
        return read_nested<BF16>(element);
      case DType::f32:
        return read_nested<float>(element);
      case DType::f64:
        return read_nested<double>(element);
    }
    return fail("unknown dtype");
  }

  template <class T>
  bool read_nested(dom::element element) {
    if (depth_ == shape_.size()) return read_one<T>(element);
    dom::array array;
    if (element.get_array().get(array) != simdjson::SUCCESS) return fail(no_array());
    const auto length = static_cast<std::int64_t>(length_of(array));
    if (length != shape_[depth_]) return fail(other_length(length, shape_[depth_]));
    auto& index = index_[depth_++];
    index = 0;
    const bool last = depth_ == shape_.size();
    if (last ? !read_row<T>(array) : !read_elements<T>(array, index)) return false;
    --depth_;
    return true;
  }

  template <class T>
  bool read_elements(dom::array array, std::size_t& index) {
    for (const auto each : array) {
      if (!read_nested<T>(each)) return false;
      ++index;
    }
    return true;
  }

  /// The last dimension, where the time goes: an element's place is worked out only if something is wrong with it.
  template <class T>
  bool read_row(dom::array array) {
    assert(static_cast<std::size_t>(shape_.back()) * sizeof(T) <= room_.size());
    auto* to = room_.data();
    for (const auto each : array) {
      T value{};
      if (!read_element(each, value)) {
        index_[depth_ - 1] = static_cast<std::size_t>(to - room_.data()) / sizeof value;
        return fail(misfit(each));
      }
      std::memcpy(to, &value, sizeof value);
      to += sizeof value;
    }
    room_ = room_.subspan(static_cast<std::size_t>(to - room_.data()));
    return true;
  }

  template <class T>
  bool read_one(dom::element element) {
    T value{};
    if (!read_element(element, value)) return fail(misfit(element));
    assert(sizeof value <= room_.size());
    std::memcpy(room_.data(), &value, sizeof value);
    return true;
  }

  [[nodiscard]] std::string misfit(dom::element element) const {
    const bool leaf = !element.is_array() && !element.is_object() && !element.is_string();
    auto text = leaf ? simdjson::to_string(element)
                     : std::string(element.is_array()    ? "an array"
                                   : element.is_object() ? "an object"
                                                         : "a string");
    return text + " does not fit " + std::string(to_string(dtype_));
  }

  std::string path_;
  DType dtype_;
  Shape shape_;
  std::size_t count_ = 0;      ///< elements of the settled shape
  std::span<std::byte> room_;  ///< for those not read yet
  std::array<std::size_t, limits::tensor_rank_max> index_{};
  std::size_t depth_ = 0;
  Error error_{};
};

Error missing(std::string_view path) {
  return {errc::bad_record, std::string(path) + " is missing"};
}

}  // namespace

Result<JsonDocument::Array> JsonDocument::array(std::string_view path, DType dtype,
                                                std::span<const std::int64_t> shape) const {
  assert(shape.size() <= limits::tensor_rank_max);
  const auto element = state_->find(path);
  if (!element) return missing(path);
  return ArrayReader(path, dtype, shape).read(*element, state_->text_bytes);
}

Result<void> JsonDocument::read_array(std::string_view path, DType dtype, std::span<const std::int64_t> shape,
                                      std::span<std::byte> out) const {
  assert(shape.size() <= limits::tensor_rank_max);
  const auto element = state_->find(path);
  if (!element) return missing(path);
  return ArrayReader(path, dtype, shape).read_into(*element, out);
}

}  // namespace skep
