#include "skep/serialization/tensor.hpp"

#include <capnp/message.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>

#include "skep/schema/tensor.capnp.h"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace tensor_test {

using Dimensions = std::vector<std::int64_t>;

constexpr Content tensor_content{ContentKind::tensor, 0};

/// A tensor as a foreign encoder writes it; the fields need not fit each other.
Record foreign(std::uint16_t dtype, const std::vector<std::uint64_t>& shape, std::size_t bytes) {
  capnp::MallocMessageBuilder message;
  auto tensor = message.initRoot<wire::Tensor>();
  tensor.setDtype(static_cast<wire::DType>(dtype));
  auto list = tensor.initShape(static_cast<unsigned>(shape.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.set(i, shape[i]);
  tensor.initData(static_cast<unsigned>(bytes));
  return Record({}, Payload::message(message, tensor_content));
}

TEST(TensorTest, ReadsBackWhatWasWritten) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  const Record record({}, tensor_payload<float>(Dimensions{2, 3}, values));
  EXPECT_EQ(record.content().kind, ContentKind::tensor);
  const auto tensor = record.tensor();
  EXPECT_EQ(tensor.dtype(), DType::f32);
  EXPECT_EQ(to_string(tensor.shape()), "[2, 3]");
  EXPECT_EQ(tensor.elements(), 6u);
  const auto read = tensor.values<float>();
  EXPECT_TRUE(std::equal(read.begin(), read.end(), values.begin(), values.end()));
}

TEST(TensorTest, IsACapnpMessageForOthers) {
  for (std::size_t rank = 0; rank <= limits::tensor_rank_max; ++rank) {
    const Record record({}, tensor_payload<std::uint8_t>(Dimensions(rank, 1), std::vector<std::uint8_t>{7}));
    const auto tensor = record.as<wire::Tensor>();
    EXPECT_EQ(tensor.getDtype(), wire::DType::U8);
    EXPECT_EQ(tensor.getShape().size(), rank);
    ASSERT_EQ(tensor.getData().size(), 1u);
    EXPECT_EQ(tensor.getData()[0], 7);
  }
}

TEST(TensorTest, AlignsItsDataToPayloadAlignment) {
  for (std::size_t rank = 0; rank <= limits::tensor_rank_max; ++rank) {
    const Record record({}, tensor_payload<double>(Dimensions(rank, 1), std::vector<double>{1}));
    const auto at = reinterpret_cast<std::uintptr_t>(record.tensor().bytes().data());
    EXPECT_EQ(at % limits::payload_alignment, 0u);
  }
}

TEST(TensorTest, HoldsEveryDType) {
  for (std::uint16_t number = 0; number <= static_cast<std::uint16_t>(DType::f64); ++number) {
    const auto dtype = static_cast<DType>(number);
    EXPECT_EQ(dtype_from(to_string(dtype)), dtype);
    const auto record = foreign(number, {3}, 3 * size_of(dtype));
    EXPECT_EQ(record.tensor().dtype(), dtype);
    EXPECT_EQ(record.tensor().elements(), 3u);
  }
  EXPECT_EQ(dtype_from("float32"), std::nullopt);
}

TEST(TensorTest, MayBeEmptyOrAScalar) {
  const Record empty({}, tensor_payload<float>(Dimensions{0, 5}, {}));
  EXPECT_EQ(empty.tensor().elements(), 0u);
  EXPECT_EQ(empty.tensor().values<float>().size(), 0u);
  const Record scalar({}, tensor_payload<float>({}, std::vector<float>{4}));
  EXPECT_EQ(scalar.tensor().values<float>()[0], 4);
  EXPECT_TRUE(scalar.tensor().shape().empty());
}

TEST(TensorTest, KeepsTheRecordAlive) {
  Record record({}, tensor_payload<int>(Dimensions{1}, std::vector<int>{9}));
  const auto tensor = record.tensor();
  record = {};
  EXPECT_EQ(tensor.values<int>()[0], 9);
}

TEST(TensorTest, CopiesAMisalignedPayload) {
  const auto payload = tensor_payload<double>(Dimensions{1}, std::vector<double>{2.5});
  auto buffer = Buffer::allocate(payload.bytes.size() + 1);
  std::memcpy(buffer.writable().data() + 1, payload.bytes.data(), payload.bytes.size());
  const Record record({}, Payload::share(buffer, buffer.bytes().subspan(1), payload.content));
  EXPECT_EQ(record.tensor().values<double>()[0], 2.5);
}

Record tensor_record_at(std::size_t offset, std::span<const std::byte> bytes) {
  auto buffer = Buffer::allocate(offset + bytes.size());
  std::copy(bytes.begin(), bytes.end(), buffer.writable().begin() + static_cast<std::ptrdiff_t>(offset));
  const auto part = buffer.bytes().subspan(offset);
  return {{}, Payload::share(std::move(buffer), part, {ContentKind::tensor, 0})};
}

/// What is read of it, or why it is refused.
std::string outcome(const Record& record) {
  try {
    const auto tensor = record.tensor();
    std::string text(to_string(tensor.dtype()));
    text += to_string(tensor.shape()) + " ";
    for (const auto byte : tensor.bytes()) text += std::to_string(std::to_integer<int>(byte)) + " ";
    return text;
  } catch (const BadRecord& problem) {
    return problem.what();
  }
}

std::vector<std::byte> random_tensor() {
  const auto dtype = static_cast<DType>(*rc::gen::inRange(0, 13));
  const auto shape = *rc::gen::container<Shape>(*rc::gen::inRange<std::size_t>(0, 5), rc::gen::inRange(0, 5));
  const auto size = element_count(shape).value() * size_of(dtype);
  const auto data = *rc::gen::container<std::vector<std::byte>>(
      size, rc::gen::map(rc::gen::inRange(0, 256), [](int byte) { return static_cast<std::byte>(byte); }));
  const auto payload = tensor_payload(dtype, shape, data);
  return {payload.bytes.begin(), payload.bytes.end()};
}

/// Mostly in what comes before the data.
void change_a_byte(std::vector<std::byte>& bytes) {
  const auto at = *rc::gen::inRange<std::size_t>(0, std::min<std::size_t>(bytes.size(), 80));
  bytes[at] ^= static_cast<std::byte>(*rc::gen::element(1, 2, 4, 8, 16, 128, 255));
}

TEST(TensorTest, WhatItWroteItselfIsReadAsTheReaderOfCapnpReadsIt) {
  EXPECT_TRUE(rc::check("aligned is misaligned", [] {
    auto bytes = random_tensor();
    for (auto changes = *rc::gen::inRange(0, 3); changes > 0; --changes) change_a_byte(bytes);
    const auto words = static_cast<std::ptrdiff_t>(bytes.size() / 8) +
                       *rc::gen::weightedElement<std::ptrdiff_t>({{10, 0}, {1, -1}, {1, 1}, {1, -8}});
    bytes.resize(static_cast<std::size_t>(std::max<std::ptrdiff_t>(words, 0)) * 8);
    RC_ASSERT(outcome(tensor_record_at(0, bytes)) == outcome(tensor_record_at(1, bytes)));
  }));
}

TEST(TensorTest, RefusesOtherContent) {
  const auto payload = tensor_payload<int>(Dimensions{1}, std::vector<int>{9});
  EXPECT_THROW((void)Record({}, Payload::borrow(payload.bytes)).tensor(), BadRecord);
  EXPECT_THROW((void)Record({}, Payload::json("[1]")).tensor(), BadRecord);
  EXPECT_NO_THROW((void)Record({}, Payload::borrow(payload.bytes, {ContentKind::capnp, 0})).tensor());
}

TEST(TensorTest, RefusesDataThatDoesNotFitTheShape) {
  const auto f32 = static_cast<std::uint16_t>(DType::f32);
  EXPECT_NO_THROW((void)foreign(f32, {2, 2}, 16).tensor());
  EXPECT_THROW((void)foreign(f32, {2, 2}, 15).tensor(), BadRecord);
  EXPECT_THROW((void)foreign(f32, {2, 2}, 17).tensor(), BadRecord);
  EXPECT_THROW((void)foreign(f32, {}, 0).tensor(), BadRecord);
}

TEST(TensorTest, RefusesShapesThatOverflow) {
  const auto u8 = static_cast<std::uint16_t>(DType::u8);
  EXPECT_THROW((void)foreign(u8, {UINT64_MAX}, 8).tensor(), BadRecord);
  EXPECT_THROW((void)foreign(u8, {std::uint64_t{1} << 62, 4}, 0).tensor(), BadRecord);
  EXPECT_THROW((void)foreign(static_cast<std::uint16_t>(DType::f64), {std::uint64_t{1} << 61}, 0).tensor(), BadRecord);
}

TEST(TensorTest, AnEmptyOneHasNoEndlessDimensions) {
  const auto u8 = static_cast<std::uint16_t>(DType::u8);
  EXPECT_NO_THROW((void)foreign(u8, {0, 3, 224, 224}, 0).tensor());
  EXPECT_THROW((void)foreign(u8, {std::uint64_t{1} << 40, 0}, 0).tensor(), BadRecord);
}

TEST(TensorTest, RefusesAnUnknownDType) {
  try {
    (void)foreign(13, {1}, 1).tensor();
    FAIL() << "dtype 13 was taken";
  } catch (const BadRecord& problem) {
    EXPECT_STREQ(problem.what(), "the tensor has the unknown dtype 13");
  }
}

TEST(TensorTest, RefusesARankOverTensorRankMax) {
  const auto u8 = static_cast<std::uint16_t>(DType::u8);
  EXPECT_NO_THROW((void)foreign(u8, std::vector<std::uint64_t>(limits::tensor_rank_max, 1), 1).tensor());
  EXPECT_THROW((void)foreign(u8, std::vector<std::uint64_t>(limits::tensor_rank_max + 1, 1), 1).tensor(), BadRecord);
}

TEST(TensorTest, RefusesToWriteMoreThanPayloadBytesMax) {
  const std::vector<std::byte> bytes(limits::payload_bytes_max + 1);
  EXPECT_THROW((void)tensor_payload(DType::u8, Dimensions{static_cast<std::int64_t>(bytes.size())}, bytes), BadRecord);
}

TEST(TensorTest, ShowsItsValuesOnlyAsTheirOwnType) {
  const Record record({}, tensor_payload<float>(Dimensions{1}, std::vector<float>{1}));
  try {
    (void)record.tensor().values<std::uint8_t>();
    FAIL() << "floats were read as bytes";
  } catch (const BadRecord& problem) {
    EXPECT_STREQ(problem.what(), "the tensor holds f32, not u8");
  }
}

TEST(TensorTest, ShowsNoMisalignedValues) {
  const std::array<std::byte, 16> memory{};
  const auto* at = memory.data() + (reinterpret_cast<std::uintptr_t>(memory.data()) % 2 == 0 ? 1 : 0);
  const TensorView view(DType::f32, Dimensions{2}, {at, 8});
  EXPECT_THROW((void)view.values<float>(), BadRecord);
}

TEST(TensorTest, ShowsNoBoolThatIsNeitherTrueNorFalse) {
  const std::array<std::byte, 2> good{std::byte{0}, std::byte{1}};
  const std::array<std::byte, 2> bad{std::byte{0}, std::byte{2}};
  EXPECT_TRUE(TensorView(DType::boolean, Dimensions{2}, good).values<bool>()[1]);
  EXPECT_THROW((void)TensorView(DType::boolean, Dimensions{2}, bad).values<bool>(), BadRecord);
}

TEST(ShapeTest, CountsItsElements) {
  EXPECT_EQ(element_count({}), 1u);
  EXPECT_EQ(element_count(Dimensions{2, 3}), 6u);
  EXPECT_EQ(element_count(Dimensions{2, 0}), 0u);
  EXPECT_EQ(element_count(Dimensions{2, -1}), std::nullopt);
  EXPECT_EQ(element_count(Dimensions{INT64_MAX, INT64_MAX}), std::nullopt);
  EXPECT_EQ(to_string(Dimensions{2, -1, 8}), "[2, -1, 8]");
}

}  // namespace tensor_test
}  // namespace skep
