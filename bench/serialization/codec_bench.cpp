// What a record, its encoding, JSON and framing cost, per record.

#include <benchmark/benchmark.h>
#include <capnp/message.h>

#include <numeric>

#include "skep/schema/link.capnp.h"
#include "skep/serialization/framing.hpp"
#include "skep/serialization/json.hpp"
#include "skep/serialization/payload_types.hpp"
#include "skep/serialization/record_codec.hpp"
#include "skep/serialization/tensor.hpp"
#include "skep/serialization/typed.hpp"
#include "support/counted.hpp"
#include "support/sample_records.hpp"

namespace {

using namespace skep;
using bench::count;
using bench::now;
using bench::sample_header;
using bench::sample_record;
using bench::sample_records;

std::string pixels_json() {
  JsonWriter json;
  json.begin_object().key("pixels").begin_array();
  for (int i = 0; i < 64; ++i) json.value(i % 17);
  json.end_array().end_object();
  return json.take();
}

void BM_Record_Make(benchmark::State& state) {
  const auto header = sample_header();
  const std::string text(static_cast<std::size_t>(state.range(0)), 'p');
  for (auto _ : state) benchmark::DoNotOptimize(Record(header, Payload::raw(text)));
  count(state, 1, text.size());
}
BENCHMARK(BM_Record_Make)->ArgName("payload_bytes")->Arg(100)->Arg(4096);

void BM_Record_Copy(benchmark::State& state) {
  const auto record = sample_record(100);
  for (auto _ : state) {
    Record copy = record;
    benchmark::DoNotOptimize(copy);
  }
  count(state, 1, 0);
}
BENCHMARK(BM_Record_Copy);

/// As a bee does that passes a record on: from one outbox to the next, without a copy.
void BM_Record_Forward(benchmark::State& state) {
  std::vector<Record> from(256, sample_record(100)), to;
  to.reserve(from.size());
  for (auto _ : state) {
    for (auto& record : from) to.push_back(std::move(record));
    from.clear();
    std::swap(from, to);
    benchmark::ClobberMemory();
  }
  count(state, 256, 0);
}
BENCHMARK(BM_Record_Forward);

void BM_Record_With(benchmark::State& state) {
  const auto record = sample_record(100);
  const std::string text(100, 'q');
  for (auto _ : state) benchmark::DoNotOptimize(record.with(Payload::raw(text)));
  count(state, 1, text.size());
}
BENCHMARK(BM_Record_With);

/// A message that holds these records and nothing else.
Buffer encode(const std::vector<Record>& records) {
  const auto inner = size_of(records);
  const auto size = MessageSize{segment_table_words + pointer_words, 0} + inner.words;
  auto frame = Buffer::allocate(size.bytes());
  write_message<wire::Records>(frame.writable(), size,
                               [&](wire::Records::Builder out) { write_records(records, inner, now, kj::mv(out)); });
  return frame;
}

std::vector<Record> decode(const Buffer& frame) {
  const auto words = message_words(frame.bytes());
  capnp::FlatArrayMessageReader message(words, reader_options(words.size()));
  return read_records(message.getRoot<wire::Records>(), frame, now);
}

void BM_Codec_Encode(benchmark::State& state) {
  const auto records = sample_records(state);
  std::size_t bytes = 0;
  for (auto _ : state) bytes = encode(records).bytes().size();
  count(state, state.range(1), bytes);
}

void BM_Codec_Decode(benchmark::State& state) {
  const auto frame = encode(sample_records(state));
  for (auto _ : state) benchmark::DoNotOptimize(decode(frame));
  count(state, state.range(1), frame.bytes().size());
}
BENCHMARK(BM_Codec_Encode)->ArgNames({"payload_bytes", "records"})->ArgsProduct({{100, 65536}, {1, 256}});
BENCHMARK(BM_Codec_Decode)->ArgNames({"payload_bytes", "records"})->ArgsProduct({{100, 65536}, {1, 256}});

void BM_Typed_Read(benchmark::State& state) {
  capnp::MallocMessageBuilder message;
  message.initRoot<wire::RecordCommon>().setIncarnation(7);
  const Record record({}, typed_payload<wire::RecordCommon>(message));
  for (auto _ : state) benchmark::DoNotOptimize(record.as<wire::RecordCommon>().getIncarnation());
  count(state, 1, record.size());
}
BENCHMARK(BM_Typed_Read);

void BM_Tensor_Make(benchmark::State& state) {
  const std::vector<float> values(64, 1.5f);
  const std::vector<std::int64_t> shape = {8, 8};
  for (auto _ : state) benchmark::DoNotOptimize(tensor_payload<float>(shape, values));
  count(state, 1, values.size() * sizeof(float));
}
BENCHMARK(BM_Tensor_Make);

void BM_Tensor_Read(benchmark::State& state) {
  const Record record({}, tensor_payload<float>(std::vector<std::int64_t>{8, 8}, std::vector<float>(64, 1.5f)));
  for (auto _ : state) benchmark::DoNotOptimize(record.tensor().values<float>()[63]);
  count(state, 1, record.size());
}
BENCHMARK(BM_Tensor_Read);

void BM_Json_Check(benchmark::State& state) {
  const auto text = pixels_json();
  for (auto _ : state) benchmark::DoNotOptimize(check_json(text).ok());
  count(state, 1, text.size());
}
BENCHMARK(BM_Json_Check);

void BM_Json_Array(benchmark::State& state) {
  const auto text = pixels_json();
  const std::vector<std::int64_t> shape = {64};
  for (auto _ : state) {
    const auto document = JsonDocument::parse(text);
    benchmark::DoNotOptimize(document->array("$.pixels", DType::f32, shape).ok());
  }
  count(state, 1, text.size());
}
BENCHMARK(BM_Json_Array);

void BM_Json_Write(benchmark::State& state) {
  const std::vector<float> values(64, 0.15625f);
  const std::vector<std::int64_t> shape = {64};
  const TensorView tensor(DType::f32, shape, std::as_bytes(std::span(values)));
  std::size_t bytes = 0;
  for (auto _ : state) bytes = JsonWriter().value(tensor).take().size();
  count(state, 1, bytes);
}
BENCHMARK(BM_Json_Write);

/// Wire's own records as somebody's payload type: numbers, a Data, and lists of structs.
class TypedJson : public benchmark::Fixture {
 public:
  TypedJson() {
    SchemaTable table;
    (void)table.add(PayloadType::of<wire::Records>(), "");
    types_ = *PayloadTypes::of(table);
    json_ = R"({"heads":[{"id":{"high":5,"low":6},"session":4,"keyBytes":9}],"bytes":"dXNlci0xMjM0",)"
            R"("commons":[{"eventTimeNs":1700000000123456789,"node":1,"gateway":2,"incarnation":3}],)"
            R"("mores":[{"root":{"high":81985529216486895,"low":17},)"
            R"("headers":[{"name":"trace","value":"on"},{"name":"tenant","value":"acme"}]}]})";
  }

 protected:
  std::shared_ptr<const PayloadTypes> types_;
  std::string json_;
};

BENCHMARK_F(TypedJson, In)(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(types_->from_json(capnp::typeId<wire::Records>(), json_));
  count(state, 1, json_.size());
}

BENCHMARK_F(TypedJson, Out)(benchmark::State& state) {
  const Record record({}, *types_->from_json(capnp::typeId<wire::Records>(), json_));
  for (auto _ : state) benchmark::DoNotOptimize(types_->to_json(record));
  count(state, 1, json_.size());
}

/// Reads of 64 KiB, cut to frames, as a gateway does.
void BM_Framing(benchmark::State& state) {
  const auto framing = static_cast<Framing>(state.range(0));
  const std::string frame(static_cast<std::size_t>(state.range(1)), 'x');
  std::string stream;
  std::int64_t frames = 0;
  for (; stream.size() < (64u << 10); ++frames) (void)append_frame(framing, frame, stream);
  FrameParser parser(framing);
  for (auto _ : state) {
    parser.feed(stream);
    for (auto next = parser.next(); *next; next = parser.next()) benchmark::DoNotOptimize((*next)->size());
  }
  count(state, frames, stream.size());
}
BENCHMARK(BM_Framing)->ArgNames({"length", "frame_bytes"})->ArgsProduct({{0, 1}, {100, 4096}});

}  // namespace
