#include "skep/serialization/payload.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "skep/schema/record.capnp.h"
#include "skep/serialization/limits.hpp"
#include "skep/serialization/record.hpp"

namespace skep {
namespace payload_test {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST(BufferTest, AllocatesAlignedBytesOfTheSizeAskedFor) {
  for (const std::size_t size : {0, 1, 63, 64, 65, 1000, 100000}) {
    auto buffer = Buffer::allocate(size);
    ASSERT_TRUE(buffer);
    EXPECT_EQ(buffer.bytes().size(), size);
    if (size == 0) continue;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.bytes().data()) % limits::payload_alignment, 0u);
    std::memset(buffer.writable().data(), 0xAB, size);
    EXPECT_EQ(buffer.bytes().back(), std::byte{0xAB});
  }
}

TEST(BufferTest, RefusesASizeThatOverflows) {
  EXPECT_THROW((void)Buffer::allocate(SIZE_MAX - 32), std::bad_alloc);
}

TEST(BufferTest, CopiesShareTheSameBytes) {
  auto buffer = Buffer::copy_of(bytes_of("honey"));
  const Buffer copy = buffer;
  EXPECT_EQ(copy.bytes().data(), buffer.bytes().data());
  buffer = {};
  EXPECT_FALSE(buffer);
  EXPECT_TRUE(buffer.bytes().empty());
  EXPECT_EQ(std::memcmp(copy.bytes().data(), "honey", 5), 0);
}

TEST(BufferTest, AssignsToItself) {
  auto buffer = Buffer::copy_of(bytes_of("wax"));
  const auto& same = buffer;
  buffer = same;
  EXPECT_EQ(buffer.bytes().size(), 3u);
}

TEST(BufferTest, HandlesAreReleasedOnAnyThread) {
  const auto buffer = Buffer::copy_of(bytes_of("shared"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([mine = buffer] {
      for (int round = 0; round < 10000; ++round) {
        const Buffer copy = mine;
        ASSERT_EQ(copy.bytes().size(), 6u);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::memcmp(buffer.bytes().data(), "shared", 6), 0);
}

TEST(PayloadTest, BorrowsText) {
  const std::string text = "{}";
  const auto payload = Payload::json(text);
  EXPECT_EQ(payload.content, (Content{ContentKind::json, 0}));
  EXPECT_EQ(static_cast<const void*>(payload.bytes.data()), text.data());
  EXPECT_FALSE(payload.owner);
  EXPECT_EQ(Payload::raw(text).content, (Content{ContentKind::raw, 0}));
}

TEST(PayloadTest, OwnsTheTextOfATemporary) {
  const auto number = Payload::json(std::to_string(42));
  const auto line = Payload::raw(std::string(100, 'x'));
  EXPECT_TRUE(number.owner);
  EXPECT_EQ(Record({}, number).text(), "42");
  EXPECT_EQ(Record({}, line).text(), std::string(100, 'x'));
  EXPECT_EQ(line.content, (Content{ContentKind::raw, 0}));
}

TEST(PayloadTest, SharesTheWholeOrAPartOfABuffer) {
  const auto buffer = Buffer::copy_of(bytes_of("0123456789"));
  const auto whole = Payload::share(buffer, {});
  EXPECT_EQ(whole.bytes.size(), 10u);
  const auto part = Payload::share(buffer, buffer.bytes().subspan(2, 3), {});
  EXPECT_EQ(static_cast<const void*>(part.bytes.data()), buffer.bytes().data() + 2);
  EXPECT_EQ(part.owner.bytes().data(), buffer.bytes().data());
}

TEST(PayloadTest, FlattensAMessageOfSeveralSegments) {
  capnp::MallocMessageBuilder message(1, capnp::AllocationStrategy::FIXED_SIZE);
  auto error = message.initRoot<wire::Error>();
  error.setMessage("a message that does not fit the first segment");
  ASSERT_GT(message.getSegmentsForOutput().size(), 1u);
  const auto payload = Payload::message(message, {ContentKind::error, 0});
  const auto expected = capnp::messageToFlatArray(message);
  ASSERT_EQ(payload.bytes.size(), expected.asBytes().size());
  EXPECT_EQ(std::memcmp(payload.bytes.data(), expected.begin(), payload.bytes.size()), 0);
}

TEST(PayloadTest, NamesEveryKind) {
  EXPECT_EQ(to_string(ContentKind::raw), "raw");
  EXPECT_EQ(to_string(ContentKind::json), "json");
  EXPECT_EQ(to_string(ContentKind::tensor), "tensor");
  EXPECT_EQ(to_string(ContentKind::capnp), "capnp");
  EXPECT_EQ(to_string(ContentKind::error), "error");
}

}  // namespace payload_test
}  // namespace skep
