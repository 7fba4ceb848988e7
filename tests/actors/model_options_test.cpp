#include <gmock/gmock.h>

#include "actors/model_fixture.hpp"

namespace skep::testing {
namespace model_options_test {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ModelOptionsTest : public ::testing::Test, public ModelFixture {
 protected:
  OptionValue with_input(OptionValue input) { return with(options, "inputs", list(std::move(input))); }
};

auto says(const char* text) {
  return Field("message", &OptionProblem::message, HasSubstr(text));
}

TEST_F(ModelOptionsTest, AcceptTheOptionsOfTheFixture) {
  EXPECT_THAT(problems(options), IsEmpty());
}

TEST_F(ModelOptionsTest, NeedAModelAndInputs) {
  EXPECT_THAT(problems(table({})), ElementsAre(says("model"), says("inputs")));
}

TEST_F(ModelOptionsTest, PlaceAMistakeInsideAnInputWhereItStands) {
  const auto found = problems(with_input(table({{"name", option("x")}, {"shpe", list(3)}, {"shape", list(3)}})));
  ASSERT_THAT(found, ElementsAre(says("shpe")));
  EXPECT_EQ(found.front().position.line, 11u);
  EXPECT_THAT(found.front().suggestion, HasSubstr("shape"));
}

TEST_F(ModelOptionsTest, FindEveryMistakeAtOnce) {
  const auto wrong =
      with(with(with(with_input(table({{"name", option("x")}, {"shape", list(0)}})), "argmax", option("sum")), "sha256",
                option("12")),
           "warm_up", list(0));
  EXPECT_THAT(problems(wrong), ElementsAre(says("shape [0]"), says("already an output"), says("64 hex digits"),
                                           says("a batch size is 1 to")));
}

TEST_F(ModelOptionsTest, FindMistakesBesideMissingInputs) {
  EXPECT_THAT(problems(table({{"model", option("m.pt")}, {"sha256", option("12")}})),
              ElementsAre(says("missing required option 'inputs'"), says("64 hex digits")));
}

TEST_F(ModelOptionsTest, RefuseAnUnknownDtype) {
  EXPECT_THAT(problems(with_input(table({{"name", option("x")}, {"dtype", option("f33")}, {"shape", list(1)}}))),
              ElementsAre(says("f33")));
}

TEST_F(ModelOptionsTest, RefuseAPathThatIsNone) {
  EXPECT_THAT(problems(with_input(table({{"name", option("x")}, {"field", option("pixels")}, {"shape", list(1)}}))),
              ElementsAre(says("no JSON path")));
}

TEST_F(ModelOptionsTest, RefuseTwoInputsOfOneName) {
  const auto input = table({{"name", option("x")}, {"shape", list(1)}});
  EXPECT_THAT(problems(with(options, "inputs", list(input, input))), ElementsAre(says("there twice")));
}

TEST_F(ModelOptionsTest, RefuseAShapeThatNoRecordCanHold) {
  EXPECT_THAT(problems(with_input(table({{"name", option("x")}, {"shape", list(1 << 20, 1 << 20)}}))),
              ElementsAre(says("more than a record can hold (64MiB)")));
}

TEST_F(ModelOptionsTest, RefuseATensorAnswerOfSeveralOutputs) {
  EXPECT_THAT(problems(with(with(options, "answer", option("tensor")), "outputs", list("a", "b"))),
              ElementsAre(says("a tensor answer is one output")));
}

}  // namespace model_options_test
}  // namespace skep::testing
