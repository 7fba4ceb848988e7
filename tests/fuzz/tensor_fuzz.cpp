#include "fuzz_input.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/tensor.hpp"

using namespace skep;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Record record({}, Payload::borrow(fuzz::bytes_of(data, size), {ContentKind::tensor, 0}));
  try {
    const auto tensor = record.tensor();
    fuzz::require(element_count(tensor.shape()) == tensor.elements());
    if (tensor.elements() == 0) return 0;  // as JSON it may be long all the same
    const auto text = JsonWriter().value(tensor).take();
    fuzz::require(!text.empty());
    (void)tensor.values<float>();
  } catch (const BadRecord&) {
    return 0;
  }
  return 0;
}
