#include "skep/serialization/record_codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>

#include "skep/schema/record.capnp.h"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/malformed.hpp"
#include "skep/serialization/result.hpp"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace record_codec_test {

using namespace std::chrono_literals;

const Deadline now{1000s};

using Batch = std::vector<Record>;

/// A message that holds these records and nothing else.
Buffer encode(const Batch& records, Deadline at = now) {
  const auto inner = size_of(records);
  const auto size = MessageSize{segment_table_words + pointer_words, 0} + inner.words;
  auto frame = Buffer::allocate(size.bytes());
  write_message<wire::Records>(frame.writable(), size,
                               [&](wire::Records::Builder out) { write_records(records, inner, at, kj::mv(out)); });
  return frame;
}

Result<Batch> decode(const Buffer& frame, Deadline at = now) {
  try {
    const auto words = message_words(frame.bytes());
    capnp::FlatArrayMessageReader message(words, reader_options(words.size()));
    return read_records(message.getRoot<wire::Records>(), frame, at);
  } catch (const kj::Exception&) {
    return Error{errc::bad_record, why_malformed};
  } catch (const BadRecord& bad) {
    return Error{errc::bad_record, bad.what()};
  }
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

/// One record as a foreign encoder writes it: its head is there.
template <class Change>
Result<Batch> foreign(Change&& change) {
  capnp::MallocMessageBuilder message;
  auto records = message.initRoot<wire::Records>();
  records.initHeads(1);
  change(records);
  return decode(Payload::message(message, {}).owner);
}

template <class Change>
std::string problem(Change&& change) {
  const auto records = foreign(change);
  return records ? "accepted" : records.error().message;
}

Batch decoded(const Batch& records) {
  auto read = decode(encode(records));
  EXPECT_TRUE(read.ok()) << (read ? "" : read.error().message);
  return std::move(read).value();
}

TEST(RecordCodecTest, ReadsBackWhatItWrote) {
  const Batch sent = {sample(), Record({}, Payload::raw("")), sample(5000)};
  const auto read = decoded(sent);
  ASSERT_EQ(read.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) expect_same(read[i], sent[i]);
}

TEST(RecordCodecTest, ReadsBackAnEmptyBatch) {
  EXPECT_TRUE(decoded({}).empty());
}

TEST(RecordCodecTest, ReadsBackEveryKindOfContent) {
  for (const auto content :
       {Content{ContentKind::raw, 0}, Content{ContentKind::json, 0}, Content{ContentKind::tensor, 0},
        Content{ContentKind::capnp, 0xABCD}, Content{ContentKind::error, 0}}) {
    const Record record({}, Payload::borrow({}, content));
    EXPECT_EQ(decoded({record})[0].content(), content);
  }
}

TEST(RecordCodecTest, CarriesDeadlinesAsRemainingTime) {
  const auto frame = encode({sample()});
  const auto later = now + 100s;
  EXPECT_EQ((*decode(frame, later))[0].deadline(), later + 6s);
  EXPECT_EQ((*decode(encode({Record({}, Payload::raw(""))}), later))[0].deadline(), no_deadline);
  EXPECT_EQ((*decode(encode({sample()}, now + 7s), later))[0].deadline(), later - 1s);
}

TEST(RecordCodecTest, ADeadlineThatOverflowsIsNoneOrOver) {
  const auto at = [](std::int64_t remaining) {
    return (*foreign([&](auto records) { records.initCommons(1)[0].setDeadlineRemainingNs(remaining); }))[0].deadline();
  };
  EXPECT_EQ(at(INT64_MAX - 1), no_deadline);
  EXPECT_LT(at(INT64_MIN), now);
}

TEST(RecordCodecTest, WritesOnceWhatRecordsHaveAlike) {
  const auto other = [](std::uint64_t session) {
    RecordHeader header;
    header.id = header.root = {session, session};
    header.event_time = EventTime(5ns);
    header.deadline = now + 6s;
    header.origin = {10, 11, 12, session, 14};
    header.revision = 15;
    return Record(header, Payload::raw("x"));
  };
  const auto bytes_of = [](const Batch& records) { return size_of(records).words.bytes(); };
  EXPECT_EQ(bytes_of({other(1), other(2)}) - bytes_of({other(1)}), 40u) << "5 words, and room beside the other payload";
  const auto differs = Record({}, Payload::json("{}"));
  const auto read = decoded({other(1), other(2), differs, other(3), sample(), other(4)});
  ASSERT_EQ(read.size(), 6u);
  expect_same(read[1], other(2));
  expect_same(read[2], differs);
  expect_same(read[3], other(3));
  expect_same(read[4], sample());
  expect_same(read[5], other(4));
}

TEST(RecordCodecTest, SlicesLargePayloadsAndCopiesSmallOnes) {
  const auto frame = encode({sample(1023), sample(1024)});
  const auto whole = frame.bytes();
  const auto within = [&](const Record& record) {
    return record.bytes().data() >= whole.data() && record.bytes().data() < whole.data() + whole.size();
  };
  const auto read = decode(frame);
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(within((*read)[0]));
  EXPECT_TRUE(within((*read)[1]));
  EXPECT_LT((*read)[0].pinned_bytes(), whole.size());
  EXPECT_GE((*read)[1].pinned_bytes(), whole.size());
}

TEST(RecordCodecTest, SlicesOutliveTheFrame) {
  auto frame = encode({sample(5000)});
  auto read = decode(frame);
  frame = {};
  EXPECT_EQ((*read)[0].text(), std::string(5000, 'p'));
}

TEST(RecordCodecTest, WritesTheseBytes) {
  RecordHeader header;
  header.root = header.id = {1, 2};
  header.key = "k";
  header.deadline = now + 255ns;
  const Record first(header, Payload::json("{}"));
  header.id = {3, 4};
  header.root = {1, 2};
  const auto frame = encode({first, Record(header, Payload::json("[]"))});
  std::vector<std::uint64_t> words(frame.bytes().size() / 8);
  std::memcpy(words.data(), frame.bytes().data(), frame.bytes().size());
  const std::vector<std::uint64_t> golden = {
      0x0000001E00000000,  // one segment of 30 words
      0x0004000000000000,  // to the records: 4 pointers
      0x000000570000000D,  // to the heads: a list of structs, 10 words
      0x0000003200000069,  // to the bytes: 6
      0x0000003700000031,  // to the commons: a list of structs, 6 words
      0x0000002F00000049,  // to the mores: a list of structs, 5 words
      0x0000000500000008,  // two heads, of 5 words
      0x0000000000000001,  // id.high
      0x0000000000000002,  // id.low
      0x0000000000000000,  // session
      0x0000000000000000,  // request: nobody waits
      0x0000000200000001,  // bytes of the key, of the payload
      0x0000000000000003,  // id.high
      0x0000000000000004,  // id.low
      0x0000000000000000,  // session
      0x0000000000000000,  // request
      0x0000000200000001,  // bytes of the key, of the payload
      0x0000000600000004,  // one common, of 6 words
      0x0000000000000000,  // event time
      0x7FFFFFFFFFFFFF00,  // remaining time: 255, as what it differs in from the default
      0x0000000000000000,  // incarnation
      0x0000000000000000,  // node, gateway
      0x0000000000000000,  // schema
      0x0000000000000001,  // content: json; from record 0 on; revision
      0x0002000300000004,  // one more, of 3 words and 2 pointers
      0x0000000000000001,  // root.high
      0x0000000000000002,  // root.low
      0x0000000000000001,  // of record 1
      0x0000000000000000,  // trace: none
      0x0000000000000000,  // headers: none
      0x00005D5B6B7D7B6B,  // "k", "{}", "k", "[]"
  };
  EXPECT_EQ(words, golden);
}

TEST(RecordCodecTest, ACapnpBuilderCouldHaveWrittenIt) {
  const auto frame = encode({sample(), sample(100)});
  const auto words = kj::arrayPtr(reinterpret_cast<const capnp::word*>(frame.bytes().data()), frame.bytes().size() / 8);
  capnp::FlatArrayMessageReader reader(words);
  const auto records = reader.getRoot<wire::Records>();
  EXPECT_EQ(records.getHeads()[1].getPayloadBytes(), 100u);
  EXPECT_EQ(records.getBytes().size(), 3u + 3 + 3 + 100);
  EXPECT_EQ(records.getMores()[1].getHeaders()[0].getName(), "tenant");
  EXPECT_EQ(reader.getEnd(), words.end());
}

TEST(RecordCodecTest, LargePayloadsBeginAtAWordAndSmallOnesAnywhere) {
  const auto frame = encode({sample(1023), sample(1024), sample(1)});
  capnp::FlatArrayMessageReader reader(
      kj::arrayPtr(reinterpret_cast<const capnp::word*>(frame.bytes().data()), frame.bytes().size() / 8));
  const auto bytes = reader.getRoot<wire::Records>().getBytes();
  constexpr std::size_t key = 3, gap = 3;  // behind 3 + 1023 + 3 bytes
  EXPECT_EQ(bytes.size(), (key + 1023) + (key + gap + 1024) + (key + 1));
  EXPECT_EQ(std::string(bytes.begin() + key + 1023 + key, bytes.begin() + key + 1023 + key + gap),
            std::string(gap, '\0'));
  const auto read = decode(frame);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>((*read)[1].bytes().data()) % sizeof(capnp::word), 0u);
}

TEST(RecordCodecTest, RefusesEveryTruncation) {
  const auto frame = encode({sample(), sample(2000)});
  for (std::size_t size = 0; size < frame.bytes().size(); ++size) {
    EXPECT_FALSE(decode(Buffer::copy_of(frame.bytes().first(size))).ok()) << size;
  }
  EXPECT_FALSE(decode(Buffer()).ok());
}

TEST(RecordCodecTest, SurvivesEveryFlippedBit) {
  const auto frame = encode({sample(), sample(40)});
  for (std::size_t bit = 0; bit < frame.bytes().size() * 8; ++bit) {
    auto copy = Buffer::copy_of(frame.bytes());
    copy.writable()[bit / 8] ^= std::byte{1} << (bit % 8);
    const auto read = decode(copy);
    if (!read) continue;
    for (const auto& record : *read) EXPECT_LE(record.size(), frame.bytes().size());
  }
}

TEST(RecordCodecTest, RefusesAKeyOverKeyBytesMax) {
  const auto with_key = [](unsigned size) {
    return problem([&](auto records) {
      records.getHeads()[0].setKeyBytes(size);
      records.initBytes(size);
    });
  };
  EXPECT_EQ(with_key(limits::key_bytes_max), "accepted");
  EXPECT_EQ(with_key(limits::key_bytes_max + 1), "the key has 1025 bytes; the limit key_bytes_max is 1024");
}

TEST(RecordCodecTest, RefusesMoreHeadersThanHeaderCountMax) {
  const auto with_headers = [](unsigned count) {
    return problem([&](auto records) {
      for (auto header : records.initMores(1)[0].initHeaders(count)) header.setName("n");
    });
  };
  EXPECT_EQ(with_headers(limits::header_count_max), "accepted");
  EXPECT_EQ(with_headers(limits::header_count_max + 1), "the record has 33 headers; the limit header_count_max is 32");
}

TEST(RecordCodecTest, RefusesHeadersOverHeaderBytesMax) {
  EXPECT_EQ(problem([](auto records) {
              auto header = records.initMores(1)[0].initHeaders(1)[0];
              header.setName("n");
              header.initValue(limits::header_bytes_max);
            }),
            "a header without a name, or with a NUL in it");
  EXPECT_EQ(problem([](auto records) {
              auto header = records.initMores(1)[0].initHeaders(1)[0];
              header.setName("n");
              header.setValue(std::string(limits::header_bytes_max, 'v'));
            }),
            "the headers are larger than header_bytes_max, which is 8192 bytes");
}

TEST(RecordCodecTest, RefusesHeadersWithoutANameOrWithANul) {
  const std::string expected = "a header without a name, or with a NUL in it";
  EXPECT_EQ(problem([](auto records) { records.initMores(1)[0].initHeaders(1); }), expected);
  EXPECT_EQ(problem([](auto records) { records.initMores(1)[0].initHeaders(1)[0].initName(3); }), expected);
}

TEST(RecordCodecTest, SaysInItsOwnWordsWhatIsWrongWithABrokenFrame) {
  const auto frame = encode({sample()});
  auto broken = Buffer::copy_of(frame.bytes());
  broken.writable()[9] = std::byte{0xFF};  // where its root is
  EXPECT_EQ(decode(broken).error().message, "a pointer, a size or a text in it is wrong");
}

TEST(RecordCodecTest, RefusesUnknownContent) {
  EXPECT_EQ(problem([](auto records) { records.initCommons(1)[0].setContent(static_cast<wire::ContentKind>(5)); }),
            "content of unknown kind 5");
  EXPECT_EQ(problem([](auto records) { records.initCommons(1)[0].setSchema(1); }),
            "a schema beside content that has none");
}

TEST(RecordCodecTest, RefusesMoreOrFewerBytesThanItsRecordsHave) {
  const auto with = [](std::uint32_t key, std::uint32_t payload, unsigned bytes) {
    return problem([&](auto records) {
      records.getHeads()[0].setKeyBytes(key);
      records.getHeads()[0].setPayloadBytes(payload);
      records.initBytes(bytes);
    });
  };
  EXPECT_EQ(with(2, 3, 5), "accepted");
  EXPECT_EQ(with(2, 3, 6), "bytes that belong to no record");
  EXPECT_EQ(with(0, 0, 1), "bytes that belong to no record");
  const std::string short_of = "records with more bytes than there are";
  EXPECT_EQ(with(2, 3, 4), short_of);
  EXPECT_EQ(with(2, 3, 1), short_of);
  EXPECT_EQ(with(0, UINT32_MAX, 8), short_of);
  EXPECT_EQ(with(1, 1024, 1032), "accepted") << "from byte 8 on";
  EXPECT_EQ(with(1, 1024, 1031), short_of);
  EXPECT_EQ(with(1, 1024, 7), short_of);
}

TEST(RecordCodecTest, RefusesWhatStandsBesideNoRecordOrOutOfOrder) {
  const std::string expected = "what belongs to no record, or not to the next one";
  EXPECT_EQ(problem([](auto records) { records.initCommons(1)[0].setFirst(1); }), expected);
  EXPECT_EQ(problem([](auto records) { records.initMores(1)[0].setRecord(1); }), expected);
  EXPECT_EQ(problem([](auto records) { records.initCommons(2); }), expected) << "twice of record 0";
  const auto mores = [](std::uint16_t first, std::uint16_t second) {
    return problem([&](auto records) {
      records.initHeads(2);
      auto list = records.initMores(2);
      list[0].setRecord(first);
      list[1].setRecord(second);
    });
  };
  const auto commons = [](std::uint16_t first, std::uint16_t second) {
    return problem([&](auto records) {
      records.initHeads(2);
      auto list = records.initCommons(2);
      list[0].setFirst(first);
      list[1].setFirst(second);
    });
  };
  EXPECT_EQ(mores(0, 1), "accepted");
  EXPECT_EQ(mores(1, 0), expected);
  EXPECT_EQ(commons(0, 1), "accepted");
  EXPECT_EQ(commons(1, 0), expected);
  EXPECT_EQ(commons(1, 2), expected);
}

TEST(RecordCodecTest, RefusesMoreRecordsThanBatchRecordsMax) {
  const auto batch = [](unsigned count) {
    capnp::MallocMessageBuilder message;
    message.initRoot<wire::Records>().initHeads(count);
    return decode(Payload::message(message, {}).owner);
  };
  EXPECT_EQ(batch(limits::batch_records_max)->size(), limits::batch_records_max);
  EXPECT_EQ(batch(limits::batch_records_max + 1).error().message,
            "the batch has 4097 records; the limit batch_records_max is 4096");
}

TEST(RecordCodecTest, RefusesMoreRecordsThanItsBytesCanHold) {
  // A list of 4,096 structs without size: two words in all, of which a reader would make 4,096 records.
  constexpr std::uint64_t list_of_structs = 1 | std::uint64_t{7} << 32;
  const std::vector<std::uint64_t> words = {
      std::uint64_t{5} << 32, std::uint64_t{1} << 48, list_of_structs, 4096u << 2, 0, 0};
  EXPECT_FALSE(decode(Buffer::copy_of(std::as_bytes(std::span(words)))).ok());
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
  EXPECT_TRUE(rc::check("records -> bytes -> records -> bytes", [] {
    Batch sent;
    const auto count = *rc::gen::inRange(0, 5);
    for (int i = 0; i < count; ++i) {
      const bool again = i > 0 && *rc::gen::inRange(0, 3) == 0;
      sent.push_back(again ? sent.back() : arbitrary_record());
    }
    const auto frame = encode(sent);
    const auto read = decode(frame);
    RC_ASSERT(read.ok());
    const auto again = encode(*read);
    RC_ASSERT(again.bytes().size() == frame.bytes().size());
    RC_ASSERT(std::memcmp(again.bytes().data(), frame.bytes().data(), frame.bytes().size()) == 0);
    for (std::size_t i = 0; i < sent.size(); ++i) expect_same((*read)[i], sent[i]);
  }));
}

}  // namespace record_codec_test
}  // namespace skep
