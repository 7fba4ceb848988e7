#include "skep/serialization/typed.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "skep/schema/record.capnp.h"
#include "skep/schema/tensor.capnp.h"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep {
namespace typed_test {

constexpr Content any_schema{ContentKind::capnp, 0};

Payload common_payload(std::uint32_t node) {
  capnp::MallocMessageBuilder message;
  auto common = message.initRoot<wire::RecordCommon>();
  common.setNode(node);
  common.setIncarnation(77);
  return typed_payload<wire::RecordCommon>(message);
}

Record of_words(std::initializer_list<std::uint64_t> words) {
  const std::vector<std::uint64_t> copy(words);
  return Record({}, Payload::borrow(std::as_bytes(std::span(copy)), any_schema));
}

/// A pointer to a struct that follows at once.
constexpr std::uint64_t struct_pointer(std::uint64_t data_words, std::uint64_t pointers) {
  return data_words << 32 | pointers << 48;
}

constexpr std::uint64_t one_segment(std::uint64_t words) {
  return words << 32;
}

TEST(TypedViewTest, ReadsAStructInPlace) {
  const Record record({}, common_payload(5));
  const auto common = record.as<wire::RecordCommon>();
  EXPECT_EQ(common.getNode(), 5u);
  EXPECT_EQ(common.getIncarnation(), 77u);
}

TEST(TypedViewTest, KeepsTheRecordAlive) {
  Record record({}, common_payload(5));
  const auto common = record.as<wire::RecordCommon>();
  record = {};
  EXPECT_EQ(common.getNode(), 5u);
}

TEST(TypedViewTest, ReadsAFieldThatIsCalledRoot) {
  capnp::MallocMessageBuilder message;
  message.initRoot<wire::RecordMore>().initRoot().setLow(8);
  const Record record({}, typed_payload<wire::RecordMore>(message));
  EXPECT_EQ(record.as<wire::RecordMore>().getRoot().getLow(), 8u);
}

TEST(TypedViewTest, CopiesMisalignedBytes) {
  const auto payload = common_payload(6);
  for (std::size_t shift = 1; shift < 8; ++shift) {
    auto buffer = Buffer::allocate(payload.bytes.size() + shift);
    std::memcpy(buffer.writable().data() + shift, payload.bytes.data(), payload.bytes.size());
    const Record record({}, Payload::share(buffer, buffer.bytes().subspan(shift), payload.content));
    EXPECT_EQ(record.as<wire::RecordCommon>().getNode(), 6u);
  }
}

TEST(TypedViewTest, RefusesOtherContent) {
  const auto payload = common_payload(5);
  EXPECT_THROW((void)Record({}, Payload::borrow(payload.bytes, {ContentKind::raw, 0})).as<wire::RecordCommon>(),
               BadRecord);
  EXPECT_THROW((void)Record({}, payload).as<wire::Trace>(), BadRecord);
  EXPECT_EQ(Record({}, Payload::borrow(payload.bytes, any_schema)).as<wire::RecordCommon>().getNode(), 5u);
}

TEST(TypedViewTest, ATensorIsTheStructTensor) {
  const Record record({}, tensor_payload<float>(std::vector<std::int64_t>{1}, std::vector<float>{1}));
  EXPECT_EQ(record.as<wire::Tensor>().getData().size(), 4u);
  EXPECT_THROW((void)record.as<wire::RecordCommon>(), BadRecord);
}

TEST(TypedViewTest, RefusesAMessageOfAnotherLengthThanItsTableSays) {
  const auto payload = common_payload(5);
  for (std::size_t size = 0; size < payload.bytes.size(); ++size) {
    const Record record({}, Payload::borrow(payload.bytes.first(size), payload.content));
    EXPECT_THROW((void)record.as<wire::RecordCommon>(), BadRecord) << size;
  }
  std::vector<std::byte> longer(payload.bytes.begin(), payload.bytes.end());
  longer.resize(longer.size() + 8);
  EXPECT_THROW((void)Record({}, Payload::borrow(longer, payload.content)).as<wire::RecordCommon>(), BadRecord);
}

TEST(TypedViewTest, RefusesMoreSegmentsThanCapnpSegmentsMax) {
  const auto of_segments = [](std::uint32_t count) {
    std::vector<std::uint32_t> table((count + 2) & ~1u);
    table[0] = count - 1;
    table[1] = 1;
    table.resize(table.size() + 2);  // the one word of the first segment: a null root
    const Record record({}, Payload::borrow(std::as_bytes(std::span(table)), any_schema));
    return record.as<wire::RecordCommon>().getNode();
  };
  EXPECT_EQ(of_segments(limits::capnp_segments_max), 0u);
  EXPECT_THROW((void)of_segments(limits::capnp_segments_max + 1), BadRecord);
}

TEST(TypedViewTest, RefusesASegmentCountThatOverflows) {
  EXPECT_THROW((void)of_words({UINT64_MAX, 0}).as<wire::RecordCommon>(), BadRecord);
}

TEST(TypedViewTest, RefusesARootThatPointsOutside) {
  try {
    (void)of_words({one_segment(1), struct_pointer(100, 0)}).as<wire::RecordCommon>();
    FAIL();
  } catch (const BadRecord& bad) {
    EXPECT_STREQ(bad.what(), "malformed message: a pointer, a size or a text in it is wrong");
  }
}

/// A list of `count` structs without size costs its sender two words.
Record empty_structs(std::uint64_t count) {
  constexpr std::uint64_t list_of_structs = 1 | std::uint64_t{7} << 32;
  return of_words({one_segment(4), struct_pointer(0, 1), list_of_structs, count << 2, 0});
}

TEST(TypedViewTest, AGetterThrowsPastTheTraversalLimit) {
  const auto within = limits::capnp_traversal_words_min / 2;
  const auto few = empty_structs(within);
  EXPECT_EQ(few.as<wire::Records>().getHeads().size(), within);
  const auto many = empty_structs(limits::capnp_traversal_factor * 5 + limits::capnp_traversal_words_min + 1);
  const auto view = many.as<wire::Records>();
  EXPECT_THROW((void)view.getHeads(), kj::Exception);
}

TEST(TypedViewTest, NestsNoDeeperThanCapnpNestingMax) {
  const auto options = reader_options(100);
  EXPECT_EQ(options.nestingLimit, static_cast<int>(limits::capnp_nesting_max));
  EXPECT_EQ(options.traversalLimitInWords, limits::capnp_traversal_factor * 100 + limits::capnp_traversal_words_min);
}

}  // namespace typed_test
}  // namespace skep
