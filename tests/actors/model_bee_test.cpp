#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "actors/model_fixture.hpp"
#include "skep/actors/limits.hpp"
#include "skep/serialization/failure.hpp"
#include "skep/serialization/tensor.hpp"

namespace skep::testing {
namespace model_bee_test {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ModelBeeTest : public ::testing::Test, public ModelFixture {};

Record tensor_record(std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return make_record(tensor_payload<float>(shape, values));
}

std::vector<std::string> texts(const std::vector<Record>& records) {
  std::vector<std::string> all;
  for (const auto& record : records) all.emplace_back(record.text());
  return all;
}

Failure only_failure(const BeeHarnessBase& bee) {
  if (bee.failures().size() != 1) throw std::logic_error("not one failure");
  return bee.failures().front();
}

TEST_F(ModelBeeTest, AnswersAJsonRecordWithItsOutputsByName) {
  auto bee = start();
  bee.send(R"({"pixels": [1, 2, 3]})");
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[6]})"));
  EXPECT_EQ(bee.emitted().front().content().kind, ContentKind::json);
}

TEST_F(ModelBeeTest, RunsWhatArrivedTogetherAsOneBatchAndKeepsItsOrder) {
  auto bee = start();
  bee.send_batch({make_record(R"({"pixels": [1, 1, 1]})"), make_record(R"({"pixels": [2, 2, 2]})"),
                  tensor_record({3}, {3, 3, 3})});
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{3, 3})));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[3]})", R"({"sum":[6]})", R"({"sum":[9]})"));
}

TEST_F(ModelBeeTest, AnswersWithATensorWhereAsked) {
  auto bee = start(with(options, "answer", option("tensor")));
  bee.send_batch({tensor_record({3}, {1, 2, 3}), tensor_record({3}, {4, 5, 6})});
  ASSERT_THAT(bee.emitted(), SizeIs(2));
  const auto tensor = bee.emitted()[1].tensor();
  EXPECT_THAT(tensor.shape(), ElementsAre(1));
  EXPECT_THAT(tensor.values<float>(), ElementsAre(15));
}

TEST_F(ModelBeeTest, NamesTheFirstOfTheGreatestElementsAsArgmax) {
  engine.forward = [](auto) -> std::vector<OwnedTensor> { return {FakeEngine::tensor({2, 3}, {1, 7, 7, 9, 0, 1})}; };
  auto bee = start(with(options, "argmax", option("class")));
  bee.send_batch({tensor_record({3}, {0, 0, 0}), tensor_record({3}, {0, 0, 0})});
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[1,7,7],"class":1})", R"({"sum":[9,0,1],"class":0})"));
}

TEST_F(ModelBeeTest, GivesSeveralInputsInTheOrderTheyAreNamedIn) {
  auto bee = start(with(options, "inputs",
                        list(table({{"name", option("b")}, {"field", option("$.deep.b")}, {"shape", list(2)}}),
                             table({{"name", option("a")}, {"shape", list(1)}}))));
  bee.send(R"({"a": [5], "deep": {"b": [1, 2]}})");
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{1, 2}, Shape{1, 1})));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[8]})"));
}

TEST_F(ModelBeeTest, TellsOneClientOfItsBadInputAndRunsTheRestOfTheBatch) {
  auto bee = start();
  bee.send_batch({make_record(R"({"pixels": [1, 1, 1]})"), make_record(R"({"pixels": [1, 1]})"),
                  make_record(R"({"pixels": [2, 2, 2]})")});
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{2, 3})));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[3]})", R"({"sum":[6]})"));
  EXPECT_EQ(only_failure(bee).code, errc::bad_record);
  EXPECT_THAT(only_failure(bee).message, HasSubstr("input 'pixels': $.pixels: 2 elements, not 3"));
}

struct BadInput {
  const char* name;
  Record record;
  const char* said;
};

class ModelBeeBadInputTest : public ::testing::TestWithParam<BadInput>, public ModelFixture {};

TEST_P(ModelBeeBadInputTest, IsRefusedBeforeTheModelSeesIt) {
  auto bee = start();
  bee.send(GetParam().record);
  EXPECT_THAT(engine.asked, IsEmpty());
  EXPECT_EQ(only_failure(bee).code, errc::bad_record);
  EXPECT_THAT(only_failure(bee).message, HasSubstr(GetParam().said));
  EXPECT_EQ(bee.rebuilds(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    All, ModelBeeBadInputTest,
    ::testing::Values(
        BadInput{"MissingField", make_record(R"({"pixel": [1, 2, 3]})"), "pixels"},
        BadInput{"Ragged", make_record(R"({"pixels": [1, [2], 3]})"), "pixels"},
        BadInput{"WrongType", make_record(R"({"pixels": [1, "2", 3]})"), "pixels"},
        BadInput{"NoArray", make_record(R"({"pixels": {"a": 1}})"), "pixels"},
        BadInput{"TooDeep", make_record(R"({"pixels": [[1, 2, 3]]})"), "pixels"},
        BadInput{"Overflow", make_record(R"({"pixels": [1, 2, 1e60]})"), "pixels"},
        BadInput{"MalformedJson", make_record(Payload::json(R"({"pixels": [1, 2,)")), "malformed JSON: byte"},
        BadInput{"RawBytes", make_record(Payload::raw("abc")), "this one is raw"},
        BadInput{"OtherShape", tensor_record({4}, {1, 2, 3, 4}), "expected shape [3], got [4]"},
        BadInput{"OtherRank", tensor_record({1, 3}, {1, 2, 3}), "expected shape [3], got [1, 3]"},
        BadInput{"OtherDtype",
                 make_record(tensor_payload<double>(std::vector<std::int64_t>{3}, std::vector<double>(3))),
                 "expected f32, got f64"},
        BadInput{"NaN", tensor_record({3}, {1, std::nanf(""), 3}), "element 1 is not a finite number"},
        BadInput{"Infinity", tensor_record({3}, {1, 2, -std::numeric_limits<float>::infinity()}), "element 2"}),
    [](const auto& test) { return test.param.name; });

TEST_F(ModelBeeTest, LetsNaNThroughWhereFiniteIsOff) {
  auto bee = start(with(with(options, "finite", option(false)), "answer", option("tensor")));
  bee.send(tensor_record({3}, {1, std::nanf(""), 3}));
  ASSERT_THAT(bee.emitted(), SizeIs(1));
  EXPECT_TRUE(std::isnan(bee.emitted().front().tensor().values<float>()[0]));
}

/// As many elements as steps of a search for one that is not finite leave over, and none.
constexpr int long_row = 300;

OptionValue one_input(const OptionValue& options, std::string_view dtype) {
  return with(
      options, "inputs",
      list(table({{"name", option("pixels")}, {"dtype", option(std::string(dtype))}, {"shape", list(long_row)}})));
}

/// A record of `long_row` elements of `Bits`: all of `usual`, but one.
template <class Bits>
Record tensor_of_bits(DType dtype, Bits usual, std::int64_t at, Bits other) {
  std::vector<Bits> elements(long_row, usual);
  elements[static_cast<std::size_t>(at)] = other;
  return make_record(tensor_payload(dtype, Shape{long_row}, std::as_bytes(std::span(elements))));
}

/// Of `exponent`, which is all ones: the bit patterns next to it are finite, whatever their other bits.
template <class Bits>
void expect_only_not_finite_is_refused(ModelFixture& fixture, DType dtype, Bits exponent) {
  const auto sign = static_cast<Bits>(Bits{1} << (8 * sizeof(Bits) - 1));
  const auto lowest = static_cast<Bits>(exponent & -exponent);
  const auto greatest = static_cast<Bits>(exponent - 1);  // the greatest finite number
  fixture.engine.forward = [](std::span<const TensorView> inputs) -> std::vector<OwnedTensor> {
    return {FakeEngine::tensor({inputs[0].shape()[0], 1}, {0})};
  };
  auto bee = fixture.start(one_input(fixture.options, to_string(dtype)));
  std::size_t refused = 0;
  for (std::int64_t at = 0; at < long_row; ++at) {
    for (const auto bad : {exponent, static_cast<Bits>(exponent | sign), static_cast<Bits>(exponent + 1),
                           static_cast<Bits>(sign | exponent | (lowest - 1))}) {
      bee.send(tensor_of_bits<Bits>(dtype, greatest, at, bad));
      ASSERT_EQ(bee.failures().size(), ++refused) << to_string(dtype) << " at " << at;
      EXPECT_THAT(bee.failures().back().message,
                  HasSubstr("input 'pixels': element " + std::to_string(at) + " is not a finite number"));
    }
    bee.send(tensor_of_bits<Bits>(dtype, lowest, at, static_cast<Bits>(greatest | sign)));
    ASSERT_EQ(bee.failures().size(), refused) << to_string(dtype) << " at " << at;
  }
}

TEST_F(ModelBeeTest, FindsWhatIsNotFiniteWhereverItStands) {
  expect_only_not_finite_is_refused<std::uint16_t>(*this, DType::f16, 0x7c00);
  expect_only_not_finite_is_refused<std::uint16_t>(*this, DType::bf16, 0x7f80);
  expect_only_not_finite_is_refused<std::uint32_t>(*this, DType::f32, 0x7f800000);
  expect_only_not_finite_is_refused<std::uint64_t>(*this, DType::f64, 0x7ff0000000000000);
}

std::string sum_text(int sum) {
  return "{\"sum\":[" + std::to_string(sum) + "]}";
}

TEST_F(ModelBeeTest, EveryRecordOfLargeAndSmallBatchesHasItsOwnAnswer) {
  auto bee = start();
  std::vector<std::string> expected;
  int number = 0;
  for (const std::size_t size : {1, 100, 3, 257}) {
    std::vector<Record> records;
    for (std::size_t i = 0; i < size; ++i, ++number) {
      const auto first = std::to_string(number);
      switch (number % 3) {
        case 0:
          records.push_back(make_record(R"({"pixels": [)" + first + ", 1, 0]}"));
          break;
        case 1:
          records.push_back(tensor_record({3}, {static_cast<float>(number), 0, 1}));
          break;
        default:
          records.push_back(make_record(R"({"pixels": [9, 9, "x"]})"));
      }
      if (number % 3 < 2) expected.push_back(sum_text(number + 1));
    }
    bee.send_batch(std::move(records));
  }
  EXPECT_EQ(texts(bee.emitted()), expected);
  EXPECT_EQ(bee.failures().size(), static_cast<std::size_t>(number / 3));
}

TEST_F(ModelBeeTest, ASecondInputThatIsBadLeavesNothingOfTheFirst) {
  auto bee = start(with(
      options, "inputs",
      list(table({{"name", option("a")}, {"shape", list(2)}}), table({{"name", option("b")}, {"shape", list(1)}}))));
  bee.send_batch({make_record(R"({"a": [1, 2], "b": [3]})"), make_record(R"({"a": [50, 50], "b": [true]})"),
                  make_record(R"({"a": [4, 5], "b": [6]})")});
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{2, 2}, Shape{2, 1})));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[6]})", R"({"sum":[15]})"));
  EXPECT_THAT(only_failure(bee).message, HasSubstr("input 'b': $.b[0]: true does not fit f32"));
}

TEST_F(ModelBeeTest, ReadsATextThatLeavesNoMemoryBehind) {
  auto bee = start();
  bee.send_batch({make_record(R"({"pixels": [1, 2, 3]})"),
                  make_record(R"({"pixels": [4, 5,)" + std::string(1 << 20, ' ') + "6]}"),
                  make_record(R"({"pixels": [7, 8, 9]})")});
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[6]})", R"({"sum":[15]})", R"({"sum":[24]})"));
}

TEST_F(ModelBeeTest, RefusesAnAnswerThatJsonCannotHold) {
  auto bee = start(with(options, "finite", option(false)));
  bee.send_batch({tensor_record({3}, {1, std::nanf(""), 3}), tensor_record({3}, {1, 1, 1})});
  EXPECT_EQ(only_failure(bee).code, errc::rejected) << "the client's own NaN may be the reason";
  EXPECT_THAT(only_failure(bee).message, HasSubstr("output 'sum'"));
  EXPECT_THAT(bee.emitted(), SizeIs(1));
}

TEST_F(ModelBeeTest, GroupsRecordsByTheirFreeDimensions) {
  auto bee = start(with(options, "inputs", list(table({{"name", option("pixels")}, {"shape", list(-1)}}))));
  bee.send_batch({tensor_record({2}, {1, 1}), tensor_record({3}, {1, 1, 1}), tensor_record({2}, {2, 2})});
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{2, 2}), ElementsAre(Shape{1, 3})));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[2]})", R"({"sum":[3]})", R"({"sum":[4]})"));
}

TEST_F(ModelBeeTest, SplitsABatchThatIsLargerThanItsLimitInBytes) {
  auto bee = start(with(options, "batch_bytes_max", option(24)));  // two records of three floats
  bee.send_batch(std::vector<Record>(5, tensor_record({3}, {1, 1, 1})));
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{2, 3}), ElementsAre(Shape{2, 3}), ElementsAre(Shape{1, 3})));
  EXPECT_THAT(bee.emitted(), SizeIs(5));
}

TEST_F(ModelBeeTest, RunsRecordsAloneWhenTheModelFailsOnTheirBatchAndLosesOnlyTheOffender) {
  engine.forward = [](std::span<const TensorView> inputs) {
    for (const float value : inputs.front().values<float>()) {
      if (value == 13) throw std::runtime_error("thirteen");
    }
    return sums(inputs);
  };
  auto bee = start();
  bee.send_batch({tensor_record({3}, {1, 1, 1}), tensor_record({3}, {13, 0, 0}), tensor_record({3}, {2, 2, 2})});
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[3]})", R"({"sum":[6]})"));
  EXPECT_EQ(only_failure(bee).code, errc::rejected);
  EXPECT_EQ(only_failure(bee).message, "the model failed: thirteen");
  EXPECT_EQ(bee.rebuilds(), 0u) << "a rebuild would load the model again";
}

TEST_F(ModelBeeTest, RecordsThatAModelFailsOnNeverEndItsBeeWhileItAnswersZeros) {
  engine.forward = [](std::span<const TensorView> inputs) -> std::vector<OwnedTensor> {
    const auto values = inputs.front().values<float>();
    if (values[0] == 13) throw std::runtime_error("thirteen");
    if (values[0] > 1e38f) return {FakeEngine::tensor({1, 1}, {std::nanf("")})};
    return sums(inputs);
  };
  auto bee = start();
  for (std::size_t i = 0; i <= limits::throws_in_row_max; ++i) {
    bee.send(tensor_record({3}, {13, 0, 0}));
    bee.send(tensor_record({3}, {3.4e38f, 0, 0}));
  }
  bee.advance(std::chrono::nanoseconds(0));
  EXPECT_EQ(bee.rebuilds(), 0u);
  bee.send(tensor_record({3}, {1, 1, 1}));
  EXPECT_THAT(texts(bee.emitted()), ElementsAre(R"({"sum":[3]})"));
  ASSERT_EQ(bee.failures().size(), 2 * (limits::throws_in_row_max + 1));
  for (const auto& failure : bee.failures()) EXPECT_EQ(failure.code, errc::rejected);
  EXPECT_THAT(bee.failures().back().message, HasSubstr("the model's answer is of no use: output 'sum'"));
}

TEST_F(ModelBeeTest, NaNOutOfZerosIsTheModelsFault) {
  engine.forward = [](auto) -> std::vector<OwnedTensor> { return {FakeEngine::tensor({1, 1}, {std::nanf("")})}; };
  auto bee = start();
  bee.send(tensor_record({3}, {1, 1, 1}));
  EXPECT_EQ(only_failure(bee).code, errc::bee_failed);
  EXPECT_THAT(only_failure(bee).message, HasSubstr("output 'sum'"));
}

TEST_F(ModelBeeTest, AModelThatFailsOnEverythingIsAFailedBee) {
  engine.forward = [](auto) -> std::vector<OwnedTensor> { throw std::runtime_error("out of memory"); };
  auto bee = start();
  bee.send_batch(std::vector<Record>(limits::throws_in_row_max - 1, tensor_record({3}, {1, 1, 1})));
  bee.advance(std::chrono::nanoseconds(0));
  EXPECT_EQ(bee.rebuilds(), 0u);
  bee.send(tensor_record({3}, {1, 1, 1}));
  bee.advance(std::chrono::nanoseconds(0));
  EXPECT_EQ(bee.rebuilds(), 1u) << "the harness restarts what has failed";
}

TEST_F(ModelBeeTest, IsWarmForEveryBatchSizeBeforeItIsReady) {
  auto bee = start(with(with(options, "warm_up", list(1, 4)), "inputs",
                        list(table({{"name", option("x")}, {"shape", list(2, -1)}}))));
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{1, 2, 1}), ElementsAre(Shape{4, 2, 1})));
}

TEST_F(ModelBeeTest, SkipsWarmingUpBatchesThatItNeverRuns) {
  auto bee = start(with(with(options, "warm_up", list(1, 2, 3)), "batch_bytes_max", option(24)));
  EXPECT_THAT(engine.asked, ElementsAre(ElementsAre(Shape{1, 3}), ElementsAre(Shape{2, 3})));
}

TEST_F(ModelBeeTest, PassesItsSettingsAndTheWholeFileToTheEngine) {
  auto bee = start(with(options, "threads", option(2)));
  EXPECT_THAT(engine.loaded, ElementsAre("weights"));
  EXPECT_EQ(engine.load_options.threads, 2);
  EXPECT_EQ(engine.load_options.device, "cpu");
}

std::string start_error(ModelFixture& fixture, const OptionValue& options) {
  try {
    const auto bee = fixture.start(options);
  } catch (const std::runtime_error& problem) {
    return problem.what();
  }
  return "it started";
}

TEST_F(ModelBeeTest, DoesNotStartWithAModelThatDropsTheBatchDimension) {
  engine.forward = [](auto) -> std::vector<OwnedTensor> { return {FakeEngine::tensor({1}, {0})}; };
  EXPECT_THAT(start_error(*this, with(options, "warm_up", list(2))),
              AllOf(HasSubstr("sum.model"), HasSubstr("batch of 2"), HasSubstr("'sum' has shape [1]")));
}

TEST_F(ModelBeeTest, DoesNotStartWithAnotherNumberOfOutputs) {
  EXPECT_THAT(start_error(*this, with(with(options, "outputs", list("sum", "more")), "warm_up", list(1))),
              HasSubstr("returns 1 tensor, 'outputs' names 2"));
}

TEST_F(ModelBeeTest, DoesNotStartWithoutItsEngine) {
  EXPECT_THAT(start_error(*this, with(options, "engine", option("other"))), HasSubstr("no engine 'other'"));
}

}  // namespace model_bee_test
}  // namespace skep::testing
