// A stream of a link's frames makes the same messages however it is split. The first byte is the size of a read.

#include <algorithm>

#include "link_fuzz.hpp"

namespace {

using namespace skep;

struct Outcome {
  std::vector<Buffer> messages;
  std::string problem;
};

void take(LinkFrameReader& reader, Outcome& outcome) {
  for (;;) {
    auto next = reader.next();
    if (!next) outcome.problem = next.error().message;
    if (!next || !*next) return;
    outcome.messages.push_back(std::move(**next));
  }
}

Outcome read(std::span<const std::byte> stream, std::size_t read_bytes) {
  LinkFrameReader reader;
  Outcome outcome;
  while (!stream.empty() && outcome.problem.empty()) {
    const auto room = reader.room();
    const auto count = std::min({room.size(), read_bytes, stream.size()});
    fuzz::require(count > 0);
    std::memcpy(room.data(), stream.data(), count);
    reader.filled(count);
    stream = stream.subspan(count);
    take(reader, outcome);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto stream = fuzz::bytes_of(data + 1, size - 1);
  const auto at_once = read(stream, SIZE_MAX), split = read(stream, data[0] % 32 + 1);
  fuzz::require(at_once.problem == split.problem && at_once.messages.size() == split.messages.size());
  for (std::size_t i = 0; i < at_once.messages.size(); ++i) {
    fuzz::require(fuzz::same(at_once.messages[i], split.messages[i]));
    const auto message = decode(at_once.messages[i], fuzz::now);
    if (message) fuzz::check_message(*message);
  }
  return 0;
}
