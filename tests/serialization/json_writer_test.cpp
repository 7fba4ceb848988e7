#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "skep/serialization/json.hpp"

namespace skep {
namespace json_writer_test {

template <class T>
std::string written(const T& value) {
  return JsonWriter().value(value).take();
}

template <class T>
std::string tensor_text(DType dtype, std::vector<std::int64_t> shape, const std::vector<T>& values) {
  return written(TensorView(dtype, shape, std::as_bytes(std::span(values))));
}

TEST(JsonWriterTest, WritesNestedValues) {
  JsonWriter json;
  json.begin_object().key("a").value(1).key("b").begin_array().value("x").null().value(true).begin_object();
  json.end_object().end_array().key("c").begin_object().key("d").value(1.5).end_object().end_object();
  EXPECT_EQ(json.text(), R"({"a":1,"b":["x",null,true,{}],"c":{"d":1.5}})");
}

TEST(JsonWriterTest, WritesWhatIsAlreadyJson) {
  JsonWriter json;
  json.begin_array().raw("{}").raw("[1]").end_array();
  EXPECT_EQ(json.take(), "[{},[1]]");
}

TEST(JsonWriterTest, EscapesStrings) {
  EXPECT_EQ(written("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(written("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(written(std::string_view("\0\x1F\x7F", 3)), "\"\\u0000\\u001f\x7F\"");
  EXPECT_EQ(written("h\u00F6nig \U0001F41D"), "\"h\u00F6nig \U0001F41D\"");
}

TEST(JsonWriterTest, RepairsInvalidUtf8) {
  EXPECT_EQ(written("a\xFFz"), "\"a\uFFFDz\"");
  EXPECT_EQ(written("\xC3"), "\"\uFFFD\"");                                // ends within a sequence
  EXPECT_EQ(written("\xC0\x80"), "\"\uFFFD\uFFFD\"");                      // overlong
  EXPECT_EQ(written("\xED\xA0\x80"), "\"\uFFFD\uFFFD\uFFFD\"");            // a surrogate
  EXPECT_EQ(written("\xF4\x90\x80\x80"), "\"\uFFFD\uFFFD\uFFFD\uFFFD\"");  // past U+10FFFF
}

TEST(JsonWriterTest, WritesIntegersAsDigits) {
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(3u), "3");
  EXPECT_EQ(written(-3LL), "-3");
  EXPECT_EQ(written(static_cast<unsigned char>(200)), "200");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(JsonWriterTest, WritesTheShortestDigits) {
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(0.1f), "0.1");
  EXPECT_EQ(written(-0.0), "-0.0");
  EXPECT_EQ(written(1e300), "1e+300");
}

TEST(JsonWriterTest, LargeDoublesAreNotTakenForIntegers) {
  for (const double number : {1e15, 123456789012345680000.0, 18446744073709551616.0, -1e22}) {
    const auto document = JsonDocument::parse(written(number));
    ASSERT_TRUE(document.ok()) << written(number);
    EXPECT_EQ(document->number("$"), number);
  }
}

TEST(JsonWriterTest, RefusesNumbersThatHaveNoJson) {
  EXPECT_THROW((void)written(std::nan("")), BadRecord);
  EXPECT_THROW((void)written(-std::numeric_limits<double>::infinity()), BadRecord);
  EXPECT_THROW((void)written(std::numeric_limits<float>::infinity()), BadRecord);
  EXPECT_THROW((void)tensor_text<float>(DType::f32, {1}, {std::nanf("")}), BadRecord);
}

TEST(JsonWriterTest, ShowsATensorWithItsTypeAndShape) {
  const std::array<std::byte, 2> truths{std::byte{1}, std::byte{0}};
  const std::array<std::int64_t, 2> shape{1, 2};
  EXPECT_EQ(tensor_json(TensorView(DType::boolean, shape, truths)),
            R"({"dtype":"bool","shape":[1,2],"data":[[true,false]]})");
}

TEST(JsonWriterTest, WritesTensorsOfEveryDType) {
  EXPECT_EQ(tensor_text<std::uint8_t>(DType::boolean, {2}, {1, 0}), "[true,false]");
  EXPECT_EQ(tensor_text<std::uint8_t>(DType::u8, {1}, {255}), "[255]");
  EXPECT_EQ(tensor_text<std::int8_t>(DType::i8, {1}, {-128}), "[-128]");
  EXPECT_EQ(tensor_text<std::uint16_t>(DType::u16, {1}, {65535}), "[65535]");
  EXPECT_EQ(tensor_text<std::int16_t>(DType::i16, {1}, {-2}), "[-2]");
  EXPECT_EQ(tensor_text<std::uint32_t>(DType::u32, {1}, {4294967295u}), "[4294967295]");
  EXPECT_EQ(tensor_text<std::int32_t>(DType::i32, {1}, {-3}), "[-3]");
  EXPECT_EQ(tensor_text<std::uint64_t>(DType::u64, {1}, {UINT64_MAX}), "[18446744073709551615]");
  EXPECT_EQ(tensor_text<std::int64_t>(DType::i64, {1}, {-4}), "[-4]");
  EXPECT_EQ(tensor_text<std::uint16_t>(DType::f16, {3}, {0x3C00, 0xC000, 0x0001}), "[1,-2,5.9604645e-08]");
  EXPECT_EQ(tensor_text<std::uint16_t>(DType::bf16, {2}, {0x3F80, 0xC040}), "[1,-3]");
  EXPECT_EQ(tensor_text<float>(DType::f32, {2}, {0.5f, 16777216.f}), "[0.5,16777216]");
  EXPECT_EQ(tensor_text<double>(DType::f64, {1}, {0.25}), "[0.25]");
}

TEST(JsonWriterTest, WritesNoMoreThanPayloadBytesMaxForATensor) {
  EXPECT_THROW((void)tensor_text<float>(DType::f32, {std::int64_t{1} << 40, 0}, {}), BadRecord);
}

TEST(JsonWriterTest, NestsTensorsByTheirShape) {
  EXPECT_EQ(tensor_text<std::uint8_t>(DType::u8, {}, {7}), "7");
  EXPECT_EQ(tensor_text<std::uint8_t>(DType::u8, {2, 0}, {}), "[[],[]]");
  EXPECT_EQ(tensor_text<std::uint8_t>(DType::u8, {2, 1, 2}, {1, 2, 3, 4}), "[[[1,2]],[[3,4]]]");
}

TEST(JsonWriterTest, EveryDoubleReadsBackToTheSameBits) {
  const bool held = rc::check("double -> JSON -> double", [](std::uint64_t bits) {
    const auto number = std::bit_cast<double>(bits);
    RC_PRE(std::isfinite(number));
    const auto document = JsonDocument::parse(written(number));
    RC_ASSERT(document.ok());
    const auto read = document->number("$");
    RC_ASSERT(read && std::bit_cast<std::uint64_t>(*read) == bits);
  });
  EXPECT_TRUE(held);
}

TEST(JsonWriterTest, EveryFloatReadsBackToTheSameBits) {
  const bool held = rc::check("float -> JSON -> float", [](std::uint32_t bits) {
    const auto number = std::bit_cast<float>(bits);
    RC_PRE(std::isfinite(number));
    const auto document = JsonDocument::parse(written(number));
    RC_ASSERT(document.ok());
    const auto array = document->array("$", DType::f32, {});
    RC_ASSERT(array.ok());
    float read = 0;
    std::memcpy(&read, array->bytes.data(), sizeof read);
    RC_ASSERT(std::bit_cast<std::uint32_t>(read) == bits);
  });
  EXPECT_TRUE(held);
}

TEST(JsonWriterTest, EveryIntegerReadsBack) {
  EXPECT_TRUE(rc::check("int64 -> JSON -> int64", [](std::int64_t number) {
    const auto document = JsonDocument::parse(written(number));
    RC_ASSERT(document.ok());
    RC_ASSERT(document->integer("$") == number);
  }));
}

TEST(JsonWriterTest, EveryStringBecomesJson) {
  EXPECT_TRUE(rc::check("bytes -> JSON string", [](const std::string& text) {
    const auto document = JsonDocument::parse(written(std::string_view(text)));
    RC_ASSERT(document.ok());
    RC_ASSERT(document->string("$").has_value());
  }));
}

TEST(JsonWriterTest, EveryHalfReadsBackToTheSameBits) {
  for (const auto dtype : {DType::f16, DType::bf16}) {
    for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
      const auto half = static_cast<std::uint16_t>(bits);
      const auto exponent = dtype == DType::f16 ? 0x7C00 : 0x7F80;
      if ((half & exponent) == exponent) continue;  // NaN and infinities
      const auto document = JsonDocument::parse(tensor_text<std::uint16_t>(dtype, {}, {half}));
      ASSERT_TRUE(document.ok());
      const auto array = document->array("$", dtype, {});
      ASSERT_TRUE(array.ok());
      ASSERT_EQ(std::memcmp(array->bytes.data(), &half, sizeof half), 0) << bits;
    }
  }
}

}  // namespace json_writer_test
}  // namespace skep
