#include <cassert>
#include <cmath>
#include <cstring>

#include "half.hpp"
#include "json_text.hpp"
#include "skep/serialization/json.hpp"

namespace skep {
namespace {

template <class Float>
void append_finite(Float number, std::string& out) {
  if (append_json_number(number, out)) return;
  throw BadRecord(std::isnan(number) ? "NaN has no JSON" : "infinity has no JSON");
}

template <class T>
T load(const std::byte* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

void append_element(DType dtype, const std::byte* at, std::string& out) {
  switch (dtype) {
    case DType::boolean:
      out.append(*at != std::byte{0} ? "true" : "false");
      break;
    case DType::u8:
      append_json_integer(load<std::uint8_t>(at), out);
      break;
    case DType::i8:
      append_json_integer(load<std::int8_t>(at), out);
      break;
    case DType::u16:
      append_json_integer(load<std::uint16_t>(at), out);
      break;
    case DType::i16:
      append_json_integer(load<std::int16_t>(at), out);
      break;
    case DType::u32:
      append_json_integer(load<std::uint32_t>(at), out);
      break;
    case DType::i32:
      append_json_integer(load<std::int32_t>(at), out);
      break;
    case DType::u64:
      append_json_integer(load<std::uint64_t>(at), out);
      break;
    case DType::i64:
      append_json_integer(load<std::int64_t>(at), out);
      break;
    case DType::f16:
      append_finite(from_f16(load<std::uint16_t>(at)), out);
      break;
    case DType::bf16:
      append_finite(from_bf16(load<std::uint16_t>(at)), out);
      break;
    case DType::f32:
      append_finite(load<float>(at), out);
      break;
    case DType::f64:
      append_finite(load<double>(at), out);
      break;
  }
}

/// Appends the nested arrays of `shape` and returns the first byte after their elements. Few elements may make much
/// text: a shape [1000000, 0] needs no bytes at all.
const std::byte* append_nested(DType dtype, std::span<const std::int64_t> shape, const std::byte* at,
                               std::string& out) {
  if (out.size() > limits::payload_bytes_max) {
    throw BadRecord("the tensor as JSON is longer than payload_bytes_max, which is " +
                    std::to_string(limits::payload_bytes_max) + " bytes");
  }
  if (shape.empty()) {
    append_element(dtype, at, out);
    return at + size_of(dtype);
  }
  out.push_back('[');
  for (std::int64_t i = 0; i < shape[0]; ++i) {
    if (i > 0) out.push_back(',');
    at = append_nested(dtype, shape.subspan(1), at, out);
  }
  out.push_back(']');
  return at;
}

}  // namespace

void JsonWriter::comma() {
  if (open_.empty()) return;
  if (!open_.back().empty) text_.push_back(',');
  open_.back().empty = false;
}

/// Before a value: after its key, or as the next element.
void JsonWriter::separate() {
  if (std::exchange(after_key_, false)) return;
  assert(open_.empty() ? text_.empty() : open_.back().level == Level::array);
  comma();
}

JsonWriter& JsonWriter::open(Level level, char bracket) {
  separate();
  text_.push_back(bracket);
  open_.push_back({level, true});
  return *this;
}

JsonWriter& JsonWriter::close([[maybe_unused]] Level level, char bracket) {
  assert(!open_.empty() && open_.back().level == level && !after_key_);
  open_.pop_back();
  text_.push_back(bracket);
  return *this;
}

JsonWriter& JsonWriter::begin_object() {
  return open(Level::object, '{');
}
JsonWriter& JsonWriter::end_object() {
  return close(Level::object, '}');
}
JsonWriter& JsonWriter::begin_array() {
  return open(Level::array, '[');
}
JsonWriter& JsonWriter::end_array() {
  return close(Level::array, ']');
}

JsonWriter& JsonWriter::key(std::string_view name) {
  assert(!open_.empty() && open_.back().level == Level::object && !after_key_);
  comma();
  append_json_string(name, text_);
  text_.push_back(':');
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  append_json_string(text, text_);
  return *this;
}

JsonWriter& JsonWriter::value(bool truth) {
  return raw(truth ? "true" : "false");
}

JsonWriter& JsonWriter::value(std::int64_t number) {
  separate();
  append_json_integer(number, text_);
  return *this;
}

JsonWriter& JsonWriter::value(std::uint64_t number) {
  separate();
  append_json_integer(number, text_);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  separate();
  append_finite(number, text_);
  return *this;
}

JsonWriter& JsonWriter::value(float number) {
  separate();
  append_finite(number, text_);
  return *this;
}

JsonWriter& JsonWriter::null() {
  return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  text_.append(json);
  return *this;
}

JsonWriter& JsonWriter::value(const TensorView& tensor) {
  separate();
  append_nested(tensor.dtype(), tensor.shape(), tensor.bytes().data(), text_);
  return *this;
}

std::string tensor_json(const TensorView& tensor) {
  JsonWriter json;
  json.begin_object().key("dtype").value(to_string(tensor.dtype())).key("shape").begin_array();
  for (const auto dimension : tensor.shape()) json.value(dimension);
  json.end_array().key("data").value(tensor).end_object();
  return json.take();
}

}  // namespace skep
