#include "skep/serialization/record.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "skep/serialization/limits.hpp"

namespace skep {
namespace record_test {

using namespace std::chrono_literals;

struct Sample {
  std::string key = "user-7";
  HeaderBuilder headers;
  RecordHeader header;

  Sample() {
    headers.add("tenant", "a");
    headers.add("lang", "");
    header.root = {1, 2};
    header.id = {3, 4};
    header.key = key;
    header.event_time = EventTime(5ns);
    header.deadline = Deadline(6s);
    header.trace = {7, 8, 9, 1};
    header.headers = headers.view();
    header.origin = {10, 11, 12, 13, 14};
    header.revision = 15;
  }
};

void expect_same_but_for_bytes(const Record& record, const Sample& sample) {
  const auto& header = record.header();
  EXPECT_EQ(header.root, sample.header.root);
  EXPECT_EQ(header.id, sample.header.id);
  EXPECT_EQ(header.key, "user-7");
  EXPECT_EQ(header.event_time, sample.header.event_time);
  EXPECT_EQ(header.deadline, sample.header.deadline);
  EXPECT_EQ(header.trace, sample.header.trace);
  EXPECT_EQ(header.headers.find("tenant"), "a");
  EXPECT_EQ(header.headers.find("lang"), "");
  EXPECT_EQ(header.origin, sample.header.origin);
  EXPECT_EQ(header.revision, 15u);
}

TEST(RecordTest, HoldsNothingAtFirst) {
  const Record none;
  EXPECT_FALSE(none);
  const Record copy = none;  // NOLINT: the copy is what is tested
  EXPECT_FALSE(copy);
}

TEST(RecordTest, CopiesWhatItIsMadeFrom) {
  Sample sample;
  std::string text = "payload";
  const Record record(sample.header, Payload::raw(text));
  text = "changed";
  sample.key = "other!";
  sample.headers = {};
  expect_same_but_for_bytes(record, sample);
  EXPECT_EQ(record.text(), "payload");
  EXPECT_EQ(record.content().kind, ContentKind::raw);
}

TEST(RecordTest, AlignsTheBytesItCopies) {
  for (std::size_t key_size = 0; key_size < 70; ++key_size) {
    const std::string key(key_size, 'k');
    RecordHeader header;
    header.key = key;
    const Record record(header, Payload::raw("x"));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(record.bytes().data()) % limits::payload_alignment, 0u);
    EXPECT_EQ(record.key(), key);
  }
}

TEST(RecordTest, SharesAnOwnedPayload) {
  const auto buffer = Buffer::allocate(100);
  const Record record({}, Payload::share(buffer, {}));
  EXPECT_EQ(record.bytes().data(), buffer.bytes().data());
}

TEST(RecordTest, CopiesOfAHandleShareOneBlock) {
  const Record record(Sample().header, Payload::raw("payload"));
  Record copy = record;
  EXPECT_EQ(copy.bytes().data(), record.bytes().data());
  const Record moved = std::move(copy);
  EXPECT_EQ(moved.bytes().data(), record.bytes().data());
}

TEST(RecordTest, AssignsToItself) {
  Record record({}, Payload::raw("payload"));
  const auto& same = record;
  record = same;
  EXPECT_EQ(record.text(), "payload");
}

TEST(RecordTest, WithKeepsAllButTheBytes) {
  const Sample sample;
  const auto changed = Record(sample.header, Payload::raw("old")).with(Payload::json("[]"));
  expect_same_but_for_bytes(changed, sample);
  EXPECT_EQ(changed.text(), "[]");
  EXPECT_EQ(changed.content().kind, ContentKind::json);
}

TEST(RecordTest, WithMayBorrowFromTheRecordItself) {
  Record record({}, Payload::raw("0123456789"));
  record = record.with(Payload::borrow(record.bytes().subspan(3, 4)));
  EXPECT_EQ(record.text(), "3456");
}

TEST(RecordTest, WithIdKeepsTheBytesAndCopiesOnlyFewOfThem) {
  const Sample sample;
  const auto small = Record(sample.header, Payload::raw("few")).with_id({21, 22});
  EXPECT_EQ(small.id(), (RecordId{21, 22}));
  EXPECT_EQ(small.root(), sample.header.root);
  EXPECT_EQ(small.text(), "few");

  const std::string text(5000, 'b');
  const Record large({}, Payload::raw(text));
  const auto other = large.with_id({1, 1}).with_id({2, 2});
  EXPECT_EQ(other.bytes().data(), large.bytes().data());
  EXPECT_EQ(other.id(), (RecordId{2, 2}));
}

TEST(RecordTest, BytesOutliveTheRecordTheyCameFrom) {
  const std::string text(5000, 'b');
  Record record({}, Payload::raw(text));
  const auto other = record.with_key("k");
  record = {};
  EXPECT_EQ(other.text(), text);
  EXPECT_EQ(other.key(), "k");
}

TEST(RecordTest, CountsTheMemoryItPins) {
  const std::string text(5000, 'b');
  const Record record({}, Payload::raw(text));
  EXPECT_GE(record.pinned_bytes(), 5000u);
  EXPECT_LT(record.pinned_bytes(), 6000u);
  EXPECT_GE(record.with_id({1, 1}).pinned_bytes(), record.pinned_bytes());
  const auto buffer = Buffer::allocate(100000);
  const Record slice({}, Payload::share(buffer, buffer.bytes().subspan(8, 16), {}));
  EXPECT_GE(slice.pinned_bytes(), 100000u);
}

TEST(RecordTest, RefusesAKeyOverKeyBytesMax) {
  const std::string key(limits::key_bytes_max + 1, 'k');
  const Record record({}, Payload::raw(""));
  EXPECT_NO_THROW((void)record.with_key(std::string_view(key).substr(1)));
  try {
    (void)record.with_key(key);
    FAIL() << "a key over the limit was taken";
  } catch (const BadRecord& problem) {
    EXPECT_STREQ(problem.what(), "the key has 1025 bytes; the limit key_bytes_max is 1024");
  }
}

TEST(RecordTest, RefusesAPayloadOverPayloadBytesMax) {
  const auto buffer = Buffer::allocate(limits::payload_bytes_max + 1);
  EXPECT_NO_THROW((void)Record({}, Payload::share(buffer, buffer.bytes().subspan(1), {})));
  EXPECT_THROW((void)Record({}, Payload::share(buffer, {})), BadRecord);
}

TEST(RecordTest, RefusesHeadersOverHeaderBytesMax) {
  RecordHeader header;
  const std::string packed = "n" + std::string(1, '\0') + std::string(limits::header_bytes_max, 'v') + '\0';
  header.headers = Headers(packed);
  EXPECT_THROW((void)Record(header, Payload::raw("")), BadRecord);
}

TEST(RecordTest, HandlesAreCopiedAndReleasedOnAnyThread) {
  const Record record(Sample().header, Payload::raw("payload"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([mine = record] {
      for (int round = 0; round < 20000; ++round) {
        Record copy = mine;
        const Record moved = std::move(copy);
        ASSERT_EQ(moved.text(), "payload");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(record.text(), "payload");
}

TEST(RecordTest, TheLastHandleMayDieOnAnotherThread) {
  for (int round = 0; round < 500; ++round) {
    Record record({}, Payload::raw("written here"));
    std::thread other([mine = record] { ASSERT_EQ(mine.text(), "written here"); });
    record = {};
    other.join();
  }
}

TEST(RecordTest, UnsharedCopiesCountLikeOthers) {
  auto buffer = Buffer::allocate(16);
  auto record = Record({}, Payload::share(buffer, {}));
  auto second = record.copy_unshared();  // the only handle becomes two
  auto third = record.copy_unshared();
  second.release_beside(record);
  EXPECT_FALSE(second);
  third.release_beside(record);
  EXPECT_FALSE(third);
  EXPECT_EQ(record.bytes().data(), buffer.bytes().data());
  auto kept = record.copy_unshared();
  record = Record();
  EXPECT_EQ(kept.bytes().size(), 16u);
}

TEST(RecordTest, ReleaseBesideAnotherRecordDoesNothing) {
  auto record = Record({}, Payload::raw("one"));
  auto other = Record({}, Payload::raw("two"));
  auto empty = Record();
  record.release_beside(other);
  record.release_beside(record);
  record.release_beside(empty);
  empty.release_beside(record);
  EXPECT_EQ(record.text(), "one");
  EXPECT_EQ(other.text(), "two");
  EXPECT_FALSE(empty.copy_unshared());
}

TEST(RecordIdTest, DerivesTheSameIdsOnEveryNodeAndForEver) {
  const RecordId id{1, 2};
  EXPECT_EQ(id.derived(3), (RecordId{0x8C959473E6F1CAAB, 0xD3A7C7E2D7916CB3}));
}

TEST(RecordIdTest, DerivesOtherIdsFromOtherParentsAndOrdinals) {
  std::set<RecordId> seen;
  for (std::uint64_t parent = 0; parent < 100; ++parent) {
    for (std::uint64_t ordinal = 0; ordinal < 100; ++ordinal) {
      seen.insert(RecordId{0, parent}.derived(ordinal));
      seen.insert(RecordId{parent + 1, 0}.derived(ordinal));
    }
  }
  EXPECT_EQ(seen.size(), 20000u);
}

TEST(HeadersTest, FindsTheFirstOfAName) {
  HeaderBuilder builder;
  EXPECT_FALSE(builder.add("a", "1"));
  EXPECT_FALSE(builder.add("a", "2"));
  EXPECT_EQ(builder.view().find("a"), "1");
  EXPECT_EQ(builder.view().find("b"), std::nullopt);
  EXPECT_TRUE(Headers().empty());
}

TEST(HeadersTest, VisitsAllInOrder) {
  HeaderBuilder builder;
  builder.add("b", "2");
  builder.add("a", "");
  std::string seen;
  builder.view().each([&](auto name, auto value) { seen.append(name).append("=").append(value).append(";"); });
  EXPECT_EQ(seen, "b=2;a=;");
}

TEST(HeadersTest, RefusesWhatCannotBePacked) {
  HeaderBuilder builder;
  EXPECT_EQ(builder.add("", "x"), errc::bad_record);
  EXPECT_EQ(builder.add(std::string_view("a\0b", 3), "x"), errc::bad_record);
  EXPECT_EQ(builder.add("a", std::string_view("\0", 1)), errc::bad_record);
  EXPECT_TRUE(builder.view().empty());
}

TEST(HeadersTest, TakesNoMoreThanHeaderCountMax) {
  HeaderBuilder builder;
  for (std::size_t i = 0; i < limits::header_count_max; ++i) EXPECT_FALSE(builder.add("n", "v"));
  EXPECT_EQ(builder.add("n", "v"), errc::too_large);
}

TEST(HeadersTest, TakesNoMoreThanHeaderBytesMax) {
  HeaderBuilder builder;
  const std::string value(limits::header_bytes_max - 3, 'v');
  EXPECT_EQ(builder.add("nn", value), errc::too_large);
  EXPECT_EQ(builder.add("n", value + value), errc::too_large);
  EXPECT_FALSE(builder.add("n", value));
  EXPECT_EQ(builder.add("n", ""), errc::too_large);
}

}  // namespace record_test
}  // namespace skep
