#include "fuzz_input.hpp"
#include "skep/serialization/failure.hpp"
#include "skep/serialization/json.hpp"

using namespace skep;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Record record({}, Payload::borrow(fuzz::bytes_of(data, size), {ContentKind::error, 0}));
  try {
    const auto failure = record.as_failure();
    const auto json = failure.to_json();
    fuzz::require(check_json(json).ok() && json.find('\n') == json.npos);
    fuzz::require(record.failure(failure.code, failure.message).as_failure().message == failure.message);
  } catch (const BadRecord&) {
    return 0;
  }
  return 0;
}
