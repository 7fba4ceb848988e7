// The first byte chooses a dtype and a rank; the others are the document.

#include "fuzz_input.hpp"
#include "skep/serialization/json.hpp"

namespace {

using namespace skep;

/// What is accepted can be shown, and what is shown is accepted and shown the same.
void show(const JsonDocument& document) {
  const auto text = document.text("$");
  fuzz::require(text.has_value());
  const auto again = JsonDocument::parse(*text);
  fuzz::require(again.ok() && again->text("$") == text);
}

void read_array(const JsonDocument& document, std::uint8_t choice) {
  const auto dtype = static_cast<DType>(choice % 13);
  const Shape shape(choice / 13 % 4, -1);
  const auto array = document.array("$", dtype, shape);
  if (!array) return;
  const auto count = element_count(array->shape);
  fuzz::require(count && *count * size_of(dtype) == array->bytes.size());
  std::vector<std::byte> bytes(array->bytes.size());
  fuzz::require(document.read_array("$", dtype, array->shape, bytes).ok() && bytes == array->bytes);
  const auto text = JsonWriter().value(TensorView(dtype, array->shape, array->bytes)).take();
  const auto again = JsonDocument::parse(text);
  fuzz::require(again.ok());
  const auto same = again->array("$", dtype, shape);
  fuzz::require(same.ok() && same->bytes == array->bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto text = fuzz::text_of(data + 1, size - 1);
  const auto document = JsonDocument::parse(text);
  fuzz::require(check_json(text).ok() == document.ok());
  if (document) {
    show(*document);
    read_array(*document, data[0]);
  } else {
    fuzz::require(document.error().message.starts_with("byte "));
  }
  return 0;
}
