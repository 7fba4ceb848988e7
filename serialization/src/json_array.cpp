// JSON arrays to tensor bytes: the shape first, from the first element of each dimension, then every element.

#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

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

/// An element as it stands in the document: simdjson keeps integers apart from numbers with a fraction.
struct Number {
  dom::element_type type;
  union {
    std::int64_t integer;
    std::uint64_t natural;
    double real;
  };
};

std::optional<Number> number_of(dom::element element) {
  Number number{element.type(), {0}};
  switch (number.type) {
    case dom::element_type::INT64:
      number.integer = element.get_int64().value_unsafe();
      return number;
    case dom::element_type::UINT64:
      number.natural = element.get_uint64().value_unsafe();
      return number;
    case dom::element_type::DOUBLE:
      number.real = element.get_double().value_unsafe();
      return number;
    default:
      return std::nullopt;
  }
}

double to_double(const Number& number) {
  if (number.type == dom::element_type::DOUBLE) return number.real;
  if (number.type == dom::element_type::INT64) return static_cast<double>(number.integer);
  return static_cast<double>(number.natural);
}

template <class T>
bool convert_real(double real, T& out) {
  // Both bounds are exact: the upper one is a power of two.
  constexpr double below = static_cast<double>(std::numeric_limits<T>::max() / 2 + 1) * 2;
  if (std::trunc(real) != real || real >= below || real < static_cast<double>(std::numeric_limits<T>::min())) {
    return false;
  }
  out = static_cast<T>(real);
  return true;
}

/// False if `T` cannot hold the number.
template <class T>
bool convert(const Number& number, T& out) {
  if (number.type == dom::element_type::DOUBLE) return convert_real(number.real, out);
  const bool fits =
      number.type == dom::element_type::INT64 ? std::in_range<T>(number.integer) : std::in_range<T>(number.natural);
  if (fits) out = static_cast<T>(number.type == dom::element_type::INT64 ? number.integer : number.natural);
  return fits;
}

bool convert(const Number& number, double& out) {
  return out = to_double(number), true;
}

bool convert(const Number& number, float& out) {
  if (number.type == dom::element_type::INT64) return out = static_cast<float>(number.integer), true;
  if (number.type == dom::element_type::UINT64) return out = static_cast<float>(number.natural), true;
  out = static_cast<float>(number.real);
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
bool convert_half(const Number& number, Half& out) {
  const auto bits = Half::narrow(to_double(number));
  out.bits = bits.value_or(0);
  return bits.has_value();
}

bool convert(const Number& number, F16& out) {
  return convert_half(number, out);
}
bool convert(const Number& number, BF16& out) {
  return convert_half(number, out);
}

template <class T>
bool read_element(dom::element element, T& out) {
  const auto number = number_of(element);
  return number && convert(*number, out);
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
    if (!settle_shape(element)) return error_;
    const auto count = element_count(shape_);
    const auto count_max = limits::payload_bytes_max / size_of(dtype_);
    if (!count || *count > count_max) {
      return Error{errc::too_large, path_ + " of shape " + to_string(shape_) + " and dtype " +
                                        std::string(to_string(dtype_)) +
                                        " is larger than payload_bytes_max, which is " +
                                        std::to_string(limits::payload_bytes_max) + " bytes"};
    }
    // Every element takes a byte of text at least: a larger count is the promise of a ragged array.
    bytes_.resize(std::min(*count, text_bytes) * size_of(dtype_));
    if (!read_as_dtype(element)) return error_;
    return JsonDocument::Array{std::move(shape_), std::move(bytes_)};
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

  [[nodiscard]] static std::string other_length(std::int64_t length, std::int64_t wanted) {
    return counted(static_cast<std::uint64_t>(length), "element") + ", not " + std::to_string(wanted);
  }

  [[nodiscard]] std::string no_array() const {
    return "no array, but the shape has " + counted(shape_.size(), "dimension");
  }

  bool read_as_dtype(dom::element element) {
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
    for (const auto each : array) {
      if (!read_nested<T>(each)) return false;
      ++index;
    }
    --depth_;
    return true;
  }

  template <class T>
  bool read_one(dom::element element) {
    T value{};
    if (!read_element(element, value)) return fail(misfit(element));
    assert(written_ + sizeof value <= bytes_.size());
    std::memcpy(bytes_.data() + written_, &value, sizeof value);
    written_ += sizeof value;
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
  std::vector<std::byte> bytes_;
  std::size_t written_ = 0;
  std::array<std::size_t, limits::tensor_rank_max> index_{};
  std::size_t depth_ = 0;
  Error error_{};
};

}  // namespace

Result<JsonDocument::Array> JsonDocument::array(std::string_view path, DType dtype,
                                                std::span<const std::int64_t> shape) const {
  assert(shape.size() <= limits::tensor_rank_max);
  const auto element = state_->find(path);
  if (!element) return Error{errc::bad_record, std::string(path) + " is missing"};
  return ArrayReader(path, dtype, shape).read(*element, state_->text_bytes);
}

}  // namespace skep
