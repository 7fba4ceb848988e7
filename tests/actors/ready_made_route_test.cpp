#include <gmock/gmock.h>

#include "actors/option_values.hpp"
#include "skep/actors/ready_made.hpp"
#include "skep/serialization/failure.hpp"
#include "skep/testing/bee_harness.hpp"

namespace skep::testing {
namespace ready_made_route_test {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ReadyMadeRouteTest : public ::testing::Test {
 protected:
  ReadyMadeRouteTest() { add_ready_made_bees(bees_); }
  BeeHarnessBase start() { return {bees_, "skep.route", options_}; }

  BeeRegistry bees_;
  OptionValue options_ = table({{"field", option("$.kind")}, {"ports", list("order", "7", "true")}});
};

TEST_F(ReadyMadeRouteTest, SendsARecordToThePortItsFieldNames) {
  auto bee = start();
  bee.send(R"({"kind": "order"})");
  EXPECT_THAT(bee.emitted("order"), SizeIs(1));
  EXPECT_THAT(bee.emitted(), SizeIs(0));
}

TEST_F(ReadyMadeRouteTest, TakesNumbersAndBoolsForTheirText) {
  auto bee = start();
  bee.send(R"({"kind": 7})");
  bee.send(R"({"kind": true})");
  EXPECT_THAT(bee.emitted("7"), SizeIs(1));
  EXPECT_THAT(bee.emitted("true"), SizeIs(1));
}

TEST_F(ReadyMadeRouteTest, SendsTheOthersToTheDefaultPort) {
  auto bee = start();
  bee.send(R"({"kind": "unknown"})");
  bee.send(R"({"no": "kind"})");
  EXPECT_THAT(bee.emitted(), SizeIs(2));
}

TEST_F(ReadyMadeRouteTest, TakesMalformedJsonForABadRecord) {
  auto bee = start();
  bee.send(make_record(Payload::json("[")));
  ASSERT_THAT(bee.failures(), SizeIs(1));
  EXPECT_EQ(bee.failures().front().code, errc::bad_record);
}

TEST_F(ReadyMadeRouteTest, RefusesOnePortTwice) {
  const auto bee = bees_.find("skep.route")->configure(with(options_, "ports", list("a", "a")), {9, 1});
  ASSERT_THAT(bee.problems, SizeIs(1));
  EXPECT_THAT(bee.problems.front().message, HasSubstr("'a'"));
  EXPECT_FALSE(bee.factory);
}

TEST_F(ReadyMadeRouteTest, RefusesAFieldThatIsNoPath) {
  const auto bee = bees_.find("skep.route")->configure(with(options_, "field", option("kind")), {9, 1});
  ASSERT_THAT(bee.problems, SizeIs(1));
  EXPECT_THAT(bee.problems.front().message, HasSubstr("no JSON path"));
  EXPECT_FALSE(bee.factory);
}

}  // namespace ready_made_route_test
}  // namespace skep::testing
