// What decodes encodes again, to an envelope that decodes to the same.

#include <cstring>

#include "fuzz_input.hpp"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/record_codec.hpp"

using namespace skep;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Deadline now{std::chrono::hours(1)};
  const auto envelope = decode(Buffer::copy_of(fuzz::bytes_of(data, size)), now);
  if (!envelope) return 0;
  std::size_t payloads = 0;
  for (const auto& record : envelope->records) payloads += record.size();
  fuzz::require(payloads <= (size * limits::capnp_traversal_factor) + limits::capnp_traversal_words_min * 8);
  const auto frame = encode(*envelope, now);
  const auto again = decode(frame, now);
  fuzz::require(again.ok() && again->records.size() == envelope->records.size());
  const auto third = encode(*again, now);
  fuzz::require(third.bytes().size() == frame.bytes().size());
  fuzz::require(std::memcmp(third.bytes().data(), frame.bytes().data(), frame.bytes().size()) == 0);
  return 0;
}
