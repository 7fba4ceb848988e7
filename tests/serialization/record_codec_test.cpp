#include "skep/serialization/record_codec.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>

#include "skep/schema/record.capnp.h"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

using namespace std::chrono_literals;

const Deadline now{1000s};

Envelope of(std::vector<Record> records) {
  return {7, 8, 9, std::move(records)};
}

Record sample(std::size_t payload_bytes = 3) {
  HeaderBuilder headers;
  headers.add("tenant", "a");
  headers.add("empty", "");
  RecordHeader header;
  header.root = {1, 2};
  header.id = {3, 4};
  header.key = std::string_view("k\0y", 3);
  header.event_time = EventTime(5ns);
  header.deadline = now + 6s;
  header.trace = {7, 8, 9, 1};
  header.headers = headers.view();
  header.origin = {10, 11, 12, 13, 14};
  header.revision = 15;
  const std::string text(payload_bytes, 'p');
  return Record(header, Payload::raw(text));
}

void expect_same(const Record& a, const Record& b) {
  const auto &left = a.header(), &right = b.header();
  EXPECT_EQ(left.root, right.root);
  EXPECT_EQ(left.id, right.id);
  EXPECT_EQ(left.key, right.key);
  EXPECT_EQ(left.event_time, right.event_time);
  EXPECT_EQ(left.deadline, right.deadline);
  EXPECT_EQ(left.trace, right.trace);
  EXPECT_EQ(left.headers.packed(), right.headers.packed());
  EXPECT_EQ(left.content, right.content);
  EXPECT_EQ(left.origin, right.origin);
  EXPECT_EQ(left.revision, right.revision);
  EXPECT_EQ(a.text(), b.text());
}

/// One record as a foreign encoder writes it.
template <class Change>
Result<Envelope> foreign(Change&& change) {
  capnp::MallocMessageBuilder message;
  auto envelope = message.initRoot<wire::Envelope>();
  change(envelope.initRecords(1)[0]);
  return decode(Payload::message(message, {}).owner, now);
}

template <class Change>
std::string problem(Change&& change) {
  const auto envelope = foreign(change);
  if (envelope) return "accepted";
  EXPECT_EQ(envelope.error().code, errc::bad_record);
  return envelope.error().message;
}

Envelope decoded(const Envelope& envelope) {
  auto read = decode(encode(envelope, now), now);
  EXPECT_TRUE(read.ok()) << (read ? "" : read.error().message);
  return std::move(read).value();
}

TEST(RecordCodecTest, ReadsBackWhatItWrote) {
  const auto sent = of({sample(), Record({}, Payload::raw("")), sample(5000)});
  const auto read = decoded(sent);
  EXPECT_EQ(read.edge, 7u);
  EXPECT_EQ(read.epoch, 8u);
  EXPECT_EQ(read.sequence, 9u);
  ASSERT_EQ(read.records.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) expect_same(read.records[i], sent.records[i]);
}

TEST(RecordCodecTest, ReadsBackAnEmptyBatch) {
  EXPECT_TRUE(decoded(of({})).records.empty());
}

TEST(RecordCodecTest, ReadsBackEveryKindOfContent) {
  for (const auto content :
       {Content{ContentKind::raw, 0}, Content{ContentKind::json, 0}, Content{ContentKind::tensor, 0},
        Content{ContentKind::capnp, 0xABCD}, Content{ContentKind::error, 0}}) {
    const Record record({}, Payload::borrow({}, content));
    EXPECT_EQ(decoded(of({record})).records[0].content(), content);
  }
}

TEST(RecordCodecTest, CarriesDeadlinesAsRemainingTime) {
  const auto frame = encode(of({sample()}), now);
  const auto later = now + 100s;
  EXPECT_EQ(decode(frame, later)->records[0].deadline(), later + 6s);
  EXPECT_EQ(decode(encode(of({Record({}, Payload::raw(""))}), now), later)->records[0].deadline(), no_deadline);
  EXPECT_EQ(decode(encode(of({sample()}), now + 7s), later)->records[0].deadline(), later - 1s);
}

TEST(RecordCodecTest, ADeadlineThatOverflowsIsNoneOrOver) {
  const auto at = [](std::int64_t remaining) {
    return foreign([&](auto record) { record.setDeadlineRemainingNs(remaining); })->records[0].deadline();
  };
  EXPECT_EQ(at(INT64_MAX - 1), no_deadline);
  EXPECT_LT(at(INT64_MIN), now);
}

TEST(RecordCodecTest, SlicesLargePayloadsAndCopiesSmallOnes) {
  const auto frame = encode(of({sample(1023), sample(1024)}), now);
  const auto whole = frame.bytes();
  const auto within = [&](const Record& record) {
    return record.bytes().data() >= whole.data() && record.bytes().data() < whole.data() + whole.size();
  };
  const auto read = decode(frame, now);
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(within(read->records[0]));
  EXPECT_TRUE(within(read->records[1]));
  EXPECT_LT(read->records[0].pinned_bytes(), whole.size());
  EXPECT_GE(read->records[1].pinned_bytes(), whole.size());
}

TEST(RecordCodecTest, SlicesOutliveTheFrame) {
  auto frame = encode(of({sample(5000)}), now);
  auto read = decode(frame, now);
  frame = {};
  EXPECT_EQ(read->records[0].text(), std::string(5000, 'p'));
}

TEST(RecordCodecTest, WritesTheseBytes) {
  RecordHeader header;
  header.id = {1, 2};
  header.key = "k";
  header.deadline = now + 255ns;
  const auto frame = encode({1, 2, 3, {Record(header, Payload::json("{}"))}}, now);
  std::vector<std::uint64_t> words(frame.bytes().size() / 8);
  std::memcpy(words.data(), frame.bytes().data(), frame.bytes().size());
  const std::vector<std::uint64_t> golden = {
      0x0000001500000000,  // one segment of 21 words
      0x0001000300000000,  // to the envelope: 3 words, 1 pointer
      0x0000000000000001,  // edge
      0x0000000000000002,  // epoch
      0x0000000000000003,  // sequence
      0x0000005F00000001,  // to the records: a list of structs, 11 words
      0x0007000400000004,  // one, of 4 words and 7 pointers
      0x0000000000000000,  // event time
      0x00000000000000FF,  // remaining time
      0x0000000000000001,  // content: json
      0x0000000000000000,  // schema
      0x0000000000000000,  // root: none
      0x0000000200000014,  // to the id
      0x0000000A00000019,  // to the key: 1 byte
      0x0000000000000000,  // origin: none
      0x0000000000000000,  // trace: none
      0x0000000000000000,  // headers: none
      0x000000120000000D,  // to the payload: 2 bytes
      0x0000000000000001,  // id.high
      0x0000000000000002,  // id.low
      0x000000000000006B,  // "k"
      0x0000000000007D7B,  // "{}"
  };
  EXPECT_EQ(words, golden);
}

TEST(RecordCodecTest, ACapnpBuilderCouldHaveWrittenIt) {
  const auto frame = encode(of({sample(), sample(100)}), now);
  const auto words = kj::arrayPtr(reinterpret_cast<const capnp::word*>(frame.bytes().data()), frame.bytes().size() / 8);
  capnp::FlatArrayMessageReader reader(words);
  const auto record = reader.getRoot<wire::Envelope>().getRecords()[1];
  EXPECT_EQ(record.getPayload().size(), 100u);
  EXPECT_EQ(record.getHeaders()[0].getName(), "tenant");
  EXPECT_EQ(reader.getEnd(), words.end());
}

TEST(RecordCodecTest, RefusesEveryTruncation) {
  const auto frame = encode(of({sample(), sample(2000)}), now);
  for (std::size_t size = 0; size < frame.bytes().size(); ++size) {
    EXPECT_FALSE(decode(Buffer::copy_of(frame.bytes().first(size)), now).ok()) << size;
  }
  EXPECT_FALSE(decode(Buffer(), now).ok());
}

TEST(RecordCodecTest, SurvivesEveryFlippedBit) {
  const auto frame = encode(of({sample(), sample(40)}), now);
  for (std::size_t bit = 0; bit < frame.bytes().size() * 8; ++bit) {
    auto copy = Buffer::copy_of(frame.bytes());
    copy.writable()[bit / 8] ^= std::byte{1} << (bit % 8);
    const auto read = decode(copy, now);
    if (!read) continue;
    for (const auto& record : read->records) EXPECT_LE(record.size(), frame.bytes().size());
  }
}

TEST(RecordCodecTest, RefusesAKeyOverKeyBytesMax) {
  EXPECT_EQ(problem([](auto record) { record.initKey(limits::key_bytes_max); }), "accepted");
  EXPECT_EQ(problem([](auto record) { record.initKey(limits::key_bytes_max + 1); }),
            "malformed envelope: the key has 1025 bytes; the limit key_bytes_max is 1024");
}

TEST(RecordCodecTest, RefusesMoreHeadersThanHeaderCountMax) {
  const auto with_headers = [](unsigned count) {
    return problem([&](auto record) {
      for (auto header : record.initHeaders(count)) header.setName("n");
    });
  };
  EXPECT_EQ(with_headers(limits::header_count_max), "accepted");
  EXPECT_EQ(with_headers(limits::header_count_max + 1),
            "malformed envelope: the record has 33 headers; the limit header_count_max is 32");
}

TEST(RecordCodecTest, RefusesHeadersOverHeaderBytesMax) {
  EXPECT_EQ(problem([](auto record) {
              auto header = record.initHeaders(1)[0];
              header.setName("n");
              header.initValue(limits::header_bytes_max);
            }),
            "malformed envelope: a header without a name, or with a NUL in it");
  EXPECT_EQ(problem([](auto record) {
              auto header = record.initHeaders(1)[0];
              header.setName("n");
              header.setValue(std::string(limits::header_bytes_max, 'v'));
            }),
            "malformed envelope: the headers are larger than header_bytes_max, which is 8192 bytes");
}

TEST(RecordCodecTest, RefusesHeadersWithoutANameOrWithANul) {
  const std::string expected = "malformed envelope: a header without a name, or with a NUL in it";
  EXPECT_EQ(problem([](auto record) { record.initHeaders(1); }), expected);
  EXPECT_EQ(problem([](auto record) { record.initHeaders(1)[0].initName(3); }), expected);
}

TEST(RecordCodecTest, SaysInItsOwnWordsWhatIsWrongWithABrokenFrame) {
  const auto frame = encode(of({sample()}), now);
  auto broken = Buffer::copy_of(frame.bytes());
  broken.writable()[9] = std::byte{0xFF};  // where its root is
  EXPECT_EQ(decode(broken, now).error().message, "malformed envelope: a pointer, a size or a text in it is wrong");
}

TEST(RecordCodecTest, RefusesUnknownContent) {
  EXPECT_EQ(problem([](auto record) { record.setContent(static_cast<wire::ContentKind>(5)); }),
            "malformed envelope: content of unknown kind 5");
  EXPECT_EQ(problem([](auto record) { record.setSchema(1); }),
            "malformed envelope: a schema beside content that has none");
}

TEST(RecordCodecTest, RefusesMoreRecordsThanBatchRecordsMax) {
  const auto batch = [](unsigned count) {
    capnp::MallocMessageBuilder message;
    message.initRoot<wire::Envelope>().initRecords(count);
    return decode(Payload::message(message, {}).owner, now);
  };
  EXPECT_EQ(batch(limits::batch_records_max)->records.size(), limits::batch_records_max);
  EXPECT_EQ(batch(limits::batch_records_max + 1).error().message,
            "malformed envelope: the batch has 4097 records; the limit batch_records_max is 4096");
}

TEST(RecordCodecTest, RefusesMoreRecordsThanItsBytesCanHold) {
  // A list of 4,096 structs without size: two words in all, of which a reader would make 4,096 records.
  constexpr std::uint64_t list_of_structs = 1 | std::uint64_t{7} << 32;
  const std::vector<std::uint64_t> words = {
      std::uint64_t{7} << 32, std::uint64_t{3} << 32 | std::uint64_t{1} << 48, 0, 0, 0, list_of_structs, 4096u << 2, 0};
  EXPECT_FALSE(decode(Buffer::copy_of(std::as_bytes(std::span(words))), now).ok());
}

Record arbitrary_record() {
  using rc::gen::arbitrary;
  HeaderBuilder headers;
  for (auto& text : *arbitrary<std::vector<std::string>>()) {
    std::erase(text, '\0');
    headers.add("n" + text, text);
  }
  const auto key = *arbitrary<std::string>();
  const auto payload = *arbitrary<std::string>();
  RecordHeader header;
  header.root = {*arbitrary<std::uint64_t>(), *arbitrary<std::uint64_t>()};
  header.id = {*arbitrary<std::uint64_t>(), *arbitrary<std::uint64_t>()};
  header.key = key;
  header.event_time = EventTime(std::chrono::nanoseconds(*arbitrary<std::int64_t>()));
  header.deadline = now + std::chrono::nanoseconds(*arbitrary<std::int32_t>());
  header.trace = {*arbitrary<std::uint64_t>(), *arbitrary<std::uint64_t>(), *arbitrary<std::uint64_t>(), 1};
  header.headers = headers.view();
  header.origin = {*arbitrary<std::uint32_t>(), *arbitrary<std::uint32_t>(), *arbitrary<std::uint64_t>(),
                   *arbitrary<std::uint64_t>(), *arbitrary<std::uint64_t>()};
  header.revision = *arbitrary<std::uint32_t>();
  return Record(header, Payload::raw(payload));
}

TEST(RecordCodecTest, EveryBatchReadsBackAndEncodesAgainToTheSameBytes) {
  EXPECT_TRUE(rc::check("envelope -> bytes -> envelope -> bytes", [] {
    auto sent = of({});
    const auto count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) sent.records.push_back(arbitrary_record());
    const auto frame = encode(sent, now);
    const auto read = decode(frame, now);
    RC_ASSERT(read.ok());
    const auto again = encode(*read, now);
    RC_ASSERT(again.bytes().size() == frame.bytes().size());
    RC_ASSERT(std::memcmp(again.bytes().data(), frame.bytes().data(), frame.bytes().size()) == 0);
    for (std::size_t i = 0; i < sent.records.size(); ++i) expect_same(read->records[i], sent.records[i]);
  }));
}

}  // namespace
}  // namespace skep
