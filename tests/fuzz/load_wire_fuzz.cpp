// What a server sends to `skep bench` makes the same answers however it is split. The first byte is the size of a read,
// and whether the stream begins before the upgrade or after it.

#include <algorithm>
#include <string>
#include <vector>

#include "bench/load_wire.hpp"
#include "fuzz_input.hpp"

namespace {

using namespace skep;
using namespace skep::bench;

constexpr std::uint64_t seed = 7;
/// The answer to the key of that seed.
constexpr std::string_view accepted =
    "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: cPcLWY+4gLLJi7cRlxyfmPRXMi8=\r\n\r\n";

struct Outcome {
  std::vector<std::string> answers;
  std::string problem;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

void take(LoadWire& wire, Outcome& outcome) {
  std::string out;
  const auto opened = wire.opened();
  if (!opened) outcome.problem = "not opened";  // its words hold what has come of a body
  if (!opened || !*opened) return;
  for (;;) {
    const auto answer = wire.next(out);
    if (!answer) outcome.problem = answer.error().message;
    if (!answer || !*answer) return;
    static_cast<void>(error_of(**answer));
    outcome.answers.emplace_back(**answer);
  }
}

Outcome read(std::string_view stream, std::size_t read_bytes, bool upgraded) {
  static const auto target = parse_target("ws://127.0.0.1:80/").value();
  LoadWire wire(target, seed);
  Outcome outcome;
  if (upgraded) wire.feed(accepted);
  while (!stream.empty() && outcome.problem.empty()) {
    wire.feed(stream.substr(0, read_bytes));
    stream.remove_prefix(std::min(read_bytes, stream.size()));
    take(wire, outcome);
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto stream = fuzz::text_of(data + 1, size - 1);
  const bool upgraded = data[0] % 2 == 0;
  fuzz::require(read(stream, std::string_view::npos, upgraded) == read(stream, data[0] / 2 % 32 + 1, upgraded));
  return 0;
}
