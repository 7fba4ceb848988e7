// What a message of a link costs, per record; and its frames, per byte.

#include <benchmark/benchmark.h>

#include <cstring>

#include "link/link_codec.hpp"
#include "link/link_frame.hpp"
#include "support/counted.hpp"
#include "support/sample_records.hpp"

namespace {

using namespace skep;
using bench::count;
using bench::now;

RemoteBatch sample_batch(const benchmark::State& state) {
  RemoteBatch remote{{0, 1, 2, {3, 4}}, {sender_key(5, 6, 7), 7, 2, {}, {}}, BatchKind::records};
  auto& packet = remote.batch.packet;
  packet.sender = {3, 1};
  packet.receiver = remote.to.epoch;
  packet.first = {1000, 100'000};
  packet.records = bench::sample_records(state);
  return remote;
}

void BM_Link_Encode(benchmark::State& state) {
  const auto batch = sample_batch(state);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = encode(batch, now).front().bytes().size();
  count(state, state.range(1), bytes);
}

void BM_Link_Decode(benchmark::State& state) {
  auto frames = encode(sample_batch(state), now).front();
  const auto body = Buffer::copy_of(message_of(frames));
  for (auto _ : state) benchmark::DoNotOptimize(decode(body, now));
  count(state, state.range(1), body.bytes().size());
}
BENCHMARK(BM_Link_Encode)->ArgNames({"payload_bytes", "records"})->Args({100, 1})->Args({100, 256})->Args({65536, 1});
BENCHMARK(BM_Link_Decode)->ArgNames({"payload_bytes", "records"})->Args({100, 1})->Args({100, 256})->Args({65536, 1});

void BM_Link_Ack(benchmark::State& state) {
  const RemoteAck ack{{0, 1, 2, {3, 4}}, {7, 2, {{3, 1}, {3, 4}, 5, {6, 7}, 5, 1, {512, 4u << 20}}, 900}};
  for (auto _ : state) {
    auto frames = encode(ack);
    benchmark::DoNotOptimize(decode(Buffer::copy_of(message_of(frames)), now));
  }
  count(state, 1, 0);
}
BENCHMARK(BM_Link_Ack);

/// Messages out of a stream, as a socket gives it.
void BM_Link_Read(benchmark::State& state) {
  auto frames = allocate_frames(static_cast<std::size_t>(state.range(0)));
  std::memset(message_of(frames).data(), 0, message_of(frames).size());
  LinkFrameReader reader;
  for (auto _ : state) {
    each_piece(frames, [&](std::span<const std::byte> piece) {
      while (!piece.empty()) {
        const auto room = reader.room();
        const auto bytes = std::min(room.size(), piece.size());
        std::memcpy(room.data(), piece.data(), bytes);
        reader.filled(bytes);
        piece = piece.subspan(bytes);
        benchmark::DoNotOptimize(reader.next());
      }
    });
  }
  count(state, 1, static_cast<std::size_t>(state.range(0)));
}
BENCHMARK(BM_Link_Read)->ArgName("message_bytes")->Arg(256)->Arg(64 << 10)->Arg(1 << 20)->Arg(8 << 20);

}  // namespace
