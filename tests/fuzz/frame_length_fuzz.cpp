#include "framing_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return skep::fuzz::split_frames(skep::Framing::length, data, size);
}
