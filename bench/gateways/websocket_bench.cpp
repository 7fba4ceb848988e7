// What a WebSocket's frames cost to unmask, to validate and to read, per byte and per message.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <span>
#include <string>

#include "support/counted.hpp"
#include "websocket/websocket_reader.hpp"
#include "websocket/websocket_writer.hpp"

namespace {

using namespace skep;
using bench::count;

constexpr WebSocketMask::Key key{'\x37', '\xFA', '\x21', '\x3D'};

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string text;
  while (text.size() + part.size() <= bytes) text += part;
  return text;
}

std::string ascii(std::size_t bytes) {
  return repeated(R"({"key": 1})", bytes);
}

void BM_WebSocket_Unmask(benchmark::State& state) {
  auto payload = ascii(static_cast<std::size_t>(state.range(0)));
  WebSocketMask mask(key);
  for (auto _ : state) {
    mask.apply(payload);
    benchmark::DoNotOptimize(payload.data());
  }
  count(state, 1, payload.size());
}
BENCHMARK(BM_WebSocket_Unmask)->ArgName("payload_bytes")->Arg(100)->Arg(65'536);

void validate(benchmark::State& state, std::string_view part) {
  const auto text = repeated(part, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    Utf8Validator validator;
    if (validator.feed(text) || !validator.whole()) std::abort();
  }
  count(state, 1, text.size());
}
void BM_WebSocket_ValidateAscii(benchmark::State& state) {
  validate(state, R"({"key": 1})");
}
BENCHMARK(BM_WebSocket_ValidateAscii)->ArgName("payload_bytes")->Arg(100)->Arg(65'536);
void BM_WebSocket_ValidateCyrillic(benchmark::State& state) {
  validate(state, "\xD0\xBF\xD1\x87\xD0\xB5\xD0\xBB\xD0\xB0 ");
}
BENCHMARK(BM_WebSocket_ValidateCyrillic)->ArgName("payload_bytes")->Arg(100)->Arg(65'536);

/// Text messages of a client, as many as fit 64 KiB, one at least. What is read is masked anew, so that the next turn
/// reads the same: that is part of the time.
void BM_WebSocket_Read(benchmark::State& state) {
  auto payload = ascii(static_cast<std::size_t>(state.range(0)));
  const auto text_bytes = payload.size();
  WebSocketMask(key).apply(payload);
  const WebSocketFrame frame{.opcode = WebSocketOpcode::text, .payload_bytes = text_bytes, .key = key};
  const auto message = std::string(websocket_header(frame).view()) + payload;
  auto stream = repeated(message, std::max<std::size_t>(65'536, message.size()));
  const auto messages = static_cast<std::int64_t>(stream.size() / message.size());
  WebSocketReader reader({});
  for (auto _ : state) {
    std::span<char> in(stream);
    for (std::int64_t read = 0; read < messages; ++read) {
      const auto event = reader.next(in);
      if (!event.last || event.bytes.size() != text_bytes) std::abort();
      WebSocketMask(key).apply({const_cast<char*>(event.bytes.data()), event.bytes.size()});
    }
  }
  count(state, messages, stream.size());
}
BENCHMARK(BM_WebSocket_Read)->ArgName("payload_bytes")->Arg(20)->Arg(100)->Arg(1000)->Arg(65'536);

void BM_WebSocket_WriteHeader(benchmark::State& state) {
  std::uint64_t bytes = 0;
  for (auto _ : state) benchmark::DoNotOptimize(websocket_header({.payload_bytes = bytes++ % 70'000}).view().size());
  count(state, 1, 0);
}
BENCHMARK(BM_WebSocket_WriteHeader);

}  // namespace
