#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cstring>

#include "skep/serialization/json.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace json_array_test {

Result<JsonDocument::Array> array(std::string_view text, DType dtype, std::vector<std::int64_t> shape,
                                  std::string_view path = "$") {
  const auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document.ok()) << text;
  return document->array(path, dtype, shape);
}

std::string problem(std::string_view text, DType dtype, std::vector<std::int64_t> shape, std::string_view path = "$") {
  const auto read = array(text, dtype, std::move(shape), path);
  if (read) return "accepted";
  EXPECT_EQ(read.error().code, errc::bad_record);
  return read.error().message;
}

template <class T>
std::vector<T> values(const JsonDocument::Array& read) {
  std::vector<T> out(read.bytes.size() / sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), read.bytes.data(), read.bytes.size());
  return out;
}

template <class T>
std::vector<T> numbers(std::string_view text) {
  const auto read = array(text, dtype_of<T>, {-1});
  EXPECT_TRUE(read.ok()) << text << ": " << (read ? "" : read.error().message);
  return read ? values<T>(*read) : std::vector<T>();
}

TEST(JsonArrayTest, FillsFreeDimensions) {
  const auto read = array("[[1,2,3],[4,5,6]]", DType::i32, {-1, 3});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->shape, (Shape{2, 3}));
  EXPECT_EQ(values<std::int32_t>(*read), (std::vector<std::int32_t>{1, 2, 3, 4, 5, 6}));
}

TEST(JsonArrayTest, ReadsAtAPath) {
  const auto read = array(R"({"a": {"pixels": [9]}})", DType::u8, {1}, "$.a.pixels");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->bytes, std::vector<std::byte>{std::byte{9}});
}

TEST(JsonArrayTest, ReadsScalarsAndEmptyArrays) {
  EXPECT_EQ(values<float>(*array("2.5", DType::f32, {})), std::vector<float>{2.5f});
  EXPECT_EQ(array("[]", DType::f32, {-1, 64})->shape, (Shape{0, 64}));
  EXPECT_EQ(array("[[],[]]", DType::f32, {-1, -1})->shape, (Shape{2, 0}));
}

TEST(JsonArrayTest, HoldsTheBoundsOfEveryIntegerType) {
  EXPECT_EQ(numbers<std::uint8_t>("[0,255]"), (std::vector<std::uint8_t>{0, 255}));
  EXPECT_EQ(numbers<std::int8_t>("[-128,127]"), (std::vector<std::int8_t>{-128, 127}));
  EXPECT_EQ(numbers<std::uint16_t>("[65535]"), (std::vector<std::uint16_t>{65535}));
  EXPECT_EQ(numbers<std::int16_t>("[-32768]"), (std::vector<std::int16_t>{-32768}));
  EXPECT_EQ(numbers<std::uint32_t>("[4294967295]"), (std::vector<std::uint32_t>{UINT32_MAX}));
  EXPECT_EQ(numbers<std::int32_t>("[-2147483648]"), (std::vector<std::int32_t>{INT32_MIN}));
  EXPECT_EQ(numbers<std::uint64_t>("[18446744073709551615]"), (std::vector<std::uint64_t>{UINT64_MAX}));
  EXPECT_EQ(numbers<std::int64_t>("[-9223372036854775808]"), (std::vector<std::int64_t>{INT64_MIN}));
}

TEST(JsonArrayTest, TakesAWholeNumberHoweverItIsWritten) {
  EXPECT_EQ(numbers<std::uint8_t>("[3.0, 2e1]"), (std::vector<std::uint8_t>{3, 20}));
  EXPECT_EQ(numbers<std::int64_t>("[-9223372036854775808.0]"), (std::vector<std::int64_t>{INT64_MIN}));
}

TEST(JsonArrayTest, RefusesIntegersThatDoNotFitAndNamesTheElement) {
  EXPECT_EQ(problem(R"({"pixels": [0, 1, 2, 300]})", DType::u8, {-1}, "$.pixels"), "$.pixels[3]: 300 does not fit u8");
  EXPECT_EQ(problem("[[1],[-1]]", DType::u64, {-1, -1}), "$[1][0]: -1 does not fit u64");
  EXPECT_EQ(problem("[1.5]", DType::i32, {-1}), "$[0]: 1.5 does not fit i32");
  EXPECT_EQ(problem("[9223372036854775808]", DType::i64, {-1}), "$[0]: 9223372036854775808 does not fit i64");
  EXPECT_NE(problem("[9223372036854775808.0]", DType::i64, {-1}), "accepted");
  EXPECT_NE(problem("[18446744073709551616.0]", DType::u64, {-1}), "accepted");
  EXPECT_NE(problem("[-129]", DType::i8, {-1}), "accepted");
}

TEST(JsonArrayTest, RoundsFloatsToNearestButNotToInfinity) {
  EXPECT_EQ(numbers<float>("[0.1, 16777217]"), (std::vector<float>{0.1f, 16777216.f}));
  EXPECT_EQ(numbers<double>("[0.1, 18446744073709551615]"), (std::vector<double>{0.1, 18446744073709551615.0}));
  EXPECT_EQ(problem("[1e39]", DType::f32, {-1}), "$[0]: 1e+39 does not fit f32");
}

TEST(JsonArrayTest, RoundsHalvesToNearestEvenButNotToInfinity) {
  const auto half = [](std::string_view text, DType dtype) {
    return values<std::uint16_t>(*array(text, dtype, {}))[0];
  };
  EXPECT_EQ(half("1", DType::f16), 0x3C00);
  EXPECT_EQ(half("-2", DType::f16), 0xC000);
  EXPECT_EQ(half("65519", DType::f16), 0x7BFF);
  EXPECT_EQ(half("1.00048828125", DType::f16), 0x3C00);  // a tie: down to even
  EXPECT_EQ(half("1.00146484375", DType::f16), 0x3C02);  // a tie: up to even
  EXPECT_EQ(half("1e-9", DType::f16), 0);
  EXPECT_EQ(half("0.99999", DType::f16), 0x3C00);  // carries into the exponent
  EXPECT_EQ(half("1", DType::bf16), 0x3F80);
  EXPECT_EQ(half("1e-45", DType::bf16), 0);
  EXPECT_EQ(problem("65520", DType::f16, {}), "$: 65520 does not fit f16");
  EXPECT_NE(problem("3.4e38", DType::bf16, {}), "accepted");
  EXPECT_NE(problem("1e308", DType::bf16, {}), "accepted");
}

TEST(JsonArrayTest, KeepsBooleansAndNumbersApart) {
  EXPECT_EQ(array("[true,false]", DType::boolean, {2})->bytes, (std::vector{std::byte{1}, std::byte{0}}));
  EXPECT_EQ(problem("[1]", DType::boolean, {1}), "$[0]: 1 does not fit bool");
  EXPECT_EQ(problem("[true]", DType::u8, {1}), "$[0]: true does not fit u8");
}

TEST(JsonArrayTest, RefusesWhatIsNoNumber) {
  EXPECT_EQ(problem(R"(["1"])", DType::u8, {1}), "$[0]: a string does not fit u8");
  EXPECT_EQ(problem("[null]", DType::u8, {1}), "$[0]: null does not fit u8");
  EXPECT_EQ(problem("[{}]", DType::u8, {1}), "$[0]: an object does not fit u8");
  EXPECT_EQ(problem("[[1]]", DType::u8, {1}), "$[0]: an array does not fit u8");
}

TEST(JsonArrayTest, RefusesAnotherShape) {
  EXPECT_EQ(problem("[1,2]", DType::u8, {3}), "$: 2 elements, not 3");
  EXPECT_EQ(problem("[[1,2],[3]]", DType::u8, {-1, -1}), "$[1]: 1 element, not 2");
  EXPECT_EQ(problem("[[1,2],[3]]", DType::u8, {2, 1}), "$[0]: 2 elements, not 1");
  EXPECT_EQ(problem("[1]", DType::u8, {1, 1}), "$[0]: no array, but the shape has 2 dimensions");
  EXPECT_EQ(problem("[[1],2]", DType::u8, {-1, -1}), "$[1]: no array, but the shape has 2 dimensions");
  EXPECT_EQ(problem("{}", DType::u8, {-1}), "$: no array, but the shape has 1 dimension");
  EXPECT_EQ(problem("{}", DType::u8, {-1}, "$.pixels"), "$.pixels is missing");
}

/// `count` arrays, of which the first alone has `count` elements: what it promises it does not hold.
std::string ragged(std::size_t count) {
  std::string text = "[[1";
  for (std::size_t i = 1; i < count; ++i) text += ",1";
  text += "]";
  for (std::size_t i = 1; i < count; ++i) text += ",[]";
  return text + "]";
}

TEST(JsonArrayTest, RefusesARaggedArrayHoweverMuchItPromises) {
  EXPECT_EQ(problem(ragged(2000), DType::f64, {-1, -1}), "$[1]: 0 elements, not 2000");
}

TEST(JsonArrayTest, TakesNoMoreThanPayloadBytesMax) {
  const auto read = array(ragged(3000), DType::f64, {-1, -1});
  static_assert(3000ull * 3000 * 8 > limits::payload_bytes_max);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, errc::too_large);
  EXPECT_EQ(read.error().message,
            "$ of shape [3000, 3000] and dtype f64 is larger than payload_bytes_max, which is 67108864 bytes");
}

/// Into memory of the caller: what it holds then, or the message.
std::string read_into(std::string_view text, DType dtype, const Shape& shape, std::vector<std::byte>& out) {
  out.assign(element_count(shape).value() * size_of(dtype), std::byte{0xAA});
  const auto document = JsonDocument::parse(text);
  EXPECT_TRUE(document.ok()) << text;
  const auto read = document->read_array("$", dtype, shape, out);
  return read ? "read" : read.error().message;
}

TEST(JsonArrayTest, ReadsIntoMemoryOfTheCaller) {
  std::vector<std::byte> out;
  EXPECT_EQ(read_into("[[1,2],[3,4],[5,6]]", DType::u8, {3, 2}, out), "read");
  EXPECT_EQ(out, (std::vector{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{5}, std::byte{6}}));
  EXPECT_EQ(read_into("7", DType::u8, {}, out), "read");
  EXPECT_EQ(out, std::vector{std::byte{7}});
  EXPECT_EQ(read_into("[[],[]]", DType::u8, {2, 0}, out), "read");
  EXPECT_EQ(read_into("[[1,2],[3]]", DType::u8, {2, 2}, out), "$[1]: 1 element, not 2");
  EXPECT_EQ(read_into("[[1,2],[3,4,5]]", DType::u8, {2, 2}, out), "$[1]: 3 elements, not 2");
  EXPECT_EQ(read_into("[[1,2],[3,[4]]]", DType::u8, {2, 2}, out), "$[1][1]: an array does not fit u8");
  EXPECT_EQ(read_into("[[1,2],[3,400]]", DType::u8, {2, 2}, out), "$[1][1]: 400 does not fit u8");
  EXPECT_EQ(JsonDocument::parse("{}")->read_array("$.a", DType::u8, Shape{1}, std::span(out).first(1)).error().message,
            "$.a is missing");
}

/// An element that is mostly a number of `dtype`, and else nearly one.
std::string random_element() {
  return *rc::gen::weightedElement<std::string>({{20, "0"},
                                                 {20, "255"},
                                                 {9, "-128"},
                                                 {3, "65520"},
                                                 {3, "1.5"},
                                                 {2, "3.0"},
                                                 {1, "1e39"},
                                                 {1, "18446744073709551615"},
                                                 {1, "-9223372036854775808"},
                                                 {1, "true"},
                                                 {1, "null"},
                                                 {1, "\"1\""},
                                                 {1, "[1]"},
                                                 {1, "[]"},
                                                 {1, "{}"}});
}

/// Arrays of `shape`, now and then of an element more or less.
std::string random_arrays(std::span<const std::int64_t> shape) {
  if (shape.empty()) return random_element();
  const auto off = *rc::gen::weightedElement<std::int64_t>({{60, 0}, {1, -1}, {1, 1}});
  std::string text = "[";
  for (std::int64_t i = 0; i < shape[0] + off; ++i) text += (i == 0 ? "" : ",") + random_arrays(shape.subspan(1));
  return text + "]";
}

TEST(JsonArrayTest, BothWaysReadTheSameAndRefuseTheSame) {
  EXPECT_TRUE(rc::check("array is read_array", [] {
    const auto shape = *rc::gen::container<Shape>(*rc::gen::inRange<std::size_t>(0, 4), rc::gen::inRange(1, 4));
    const auto dtype = static_cast<DType>(*rc::gen::inRange(0, 13));
    const auto text = random_arrays(shape);
    const auto read = array(text, dtype, shape);
    std::vector<std::byte> out;
    RC_ASSERT(read_into(text, dtype, shape, out) == (read ? "read" : read.error().message));
    if (read) RC_ASSERT(out == read->bytes);
  }));
}

TEST(JsonArrayTest, EveryTensorReadsBack) {
  EXPECT_TRUE(rc::check("tensor -> JSON -> tensor", [] {
    const auto rows = *rc::gen::inRange<std::int64_t>(1, 5);
    const auto columns = *rc::gen::inRange<std::int64_t>(0, 5);
    const auto elements = *rc::gen::container<std::vector<std::int64_t>>(static_cast<std::size_t>(rows * columns),
                                                                         rc::gen::arbitrary<std::int64_t>());
    const std::vector<std::int64_t> shape = {rows, columns};
    const TensorView tensor(DType::i64, shape, std::as_bytes(std::span(elements)));
    const auto read = array(JsonWriter().value(tensor).take(), DType::i64, {-1, -1});
    RC_ASSERT(read.ok());
    RC_ASSERT(read->shape == shape);
    RC_ASSERT(values<std::int64_t>(*read) == elements);
  }));
}

}  // namespace json_array_test
}  // namespace skep
