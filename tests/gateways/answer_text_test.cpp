#include "../../gateways/src/answer_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "skep/serialization/tensor.hpp"

namespace skep {
namespace answer_text_test {

using ::testing::HasSubstr;

Answer record(const Payload& payload) {
  return Record(RecordHeader{}, payload);
}

std::string shown(const Answer& answer, WireContent content) {
  std::string scratch;
  return std::string(answer_text(answer, content, scratch).bytes);
}

TEST(AnswerTextTest, ShowsJsonAndRawAsTheyAre) {
  EXPECT_EQ(shown(record(Payload::json("{\"a\":1}")), WireContent::json), "{\"a\":1}");
  EXPECT_EQ(shown(record(Payload::raw("\x00\xff")), WireContent::raw), std::string("\x00\xff"));
}

TEST(AnswerTextTest, ShowsATensorAsJsonOnlyToJsonClients) {
  const std::vector<std::int64_t> shape{2};
  const std::vector<std::int64_t> values{1, std::numeric_limits<std::int64_t>::max()};
  const auto payload = tensor_payload<std::int64_t>(shape, values);
  EXPECT_EQ(shown(record(payload), WireContent::json),
            "{\"dtype\":\"i64\",\"shape\":[2],\"data\":[1,9223372036854775807]}");
  EXPECT_EQ(shown(record(payload), WireContent::tensor).size(), payload.bytes.size());
}

TEST(AnswerTextTest, MakesAnErrorOfWhatJsonCannotSay) {
  const std::vector<std::int64_t> shape{1};
  const std::vector<float> nan{std::numeric_limits<float>::quiet_NaN()};
  std::string scratch;
  const auto answer = record(tensor_payload<float>(shape, nan));
  const auto text = answer_text(answer, WireContent::json, scratch);
  EXPECT_TRUE(text.failed);
  EXPECT_THAT(std::string(text.bytes), HasSubstr("bee_failed"));
  EXPECT_THAT(shown(record(Payload::raw("x")), WireContent::json), HasSubstr("bee_failed"));
}

TEST(AnswerTextTest, KnowsWhatCannotGoOutOneWay) {
  const auto why = [](const Payload& payload, WireContent content, Framing framing) {
    return why_unfit(std::get<Record>(record(payload)), content, framing).value_or("");
  };
  EXPECT_EQ(why(Payload::json("{\n}"), WireContent::json, Framing::line), "");
  EXPECT_EQ(why(Payload::raw("a\nb"), WireContent::raw, Framing::length), "");
  EXPECT_THAT(why(Payload::raw("a\nb"), WireContent::raw, Framing::line), HasSubstr("a line end"));
  EXPECT_THAT(why(Payload::raw("1"), WireContent::json, Framing::line), HasSubstr("it is raw"));
  const std::vector<std::int64_t> shape{1};
  const auto tensor = [&](float value) { return tensor_payload<float>(shape, std::vector<float>{value}); };
  EXPECT_EQ(why(tensor(1), WireContent::json, Framing::line), "");
  EXPECT_THAT(why(tensor(std::numeric_limits<float>::infinity()), WireContent::json, Framing::line),
              HasSubstr("JSON cannot show"));
}

TEST(AnswerTextTest, ShowsFailuresAsJsonEverywhere) {
  const Failure failure{errc::overloaded, "later", true};
  for (const auto content : {WireContent::json, WireContent::raw, WireContent::tensor}) {
    EXPECT_EQ(shown(failure, content), failure.to_json());
  }
  const auto request = std::get<Record>(record(Payload::raw("x")));
  EXPECT_THAT(shown(request.failure(errc::rejected, "no"), WireContent::raw), HasSubstr("rejected"));
}

TEST(AnswerTextTest, PutsJsonOfSeveralLinesOnOne) {
  std::string out;
  EXPECT_FALSE(append_answer(Framing::line, {"{\n  \"a\": 1\n}"}, out));
  EXPECT_EQ(out, "{   \"a\": 1 }\n");
}

TEST(AnswerTextTest, MakesAnErrorOfRawBytesThatNoLineCanHold) {
  std::string out;
  EXPECT_TRUE(append_answer(Framing::line, {"a\nb", false}, out));
  EXPECT_THAT(out, HasSubstr("bee_failed"));
  EXPECT_EQ(out.back(), '\n');
}

}  // namespace answer_text_test
}  // namespace skep
