#include "skep/actors/departed_sessions.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace skep {
namespace departed_sessions_test {

using namespace std::chrono_literals;
using Time = DepartedSessions::Time;

constexpr Time now{1h};

Origin session(std::uint64_t number, std::uint64_t incarnation = 0xC0FFEE) {
  return {1, 2, incarnation, number, 1};
}

TEST(DepartedSessionsTest, OnlyRequestsOfASessionThatLeftAreItsOwn) {
  DepartedSessions departed;
  departed.add(session(7), now);
  EXPECT_TRUE(departed.has(session(7)));
  EXPECT_FALSE(departed.has(session(8)));
  EXPECT_FALSE(departed.has(session(7, 0xBEE))) << "another start of the gateway";
  auto one_way = session(7);
  one_way.request = 0;
  EXPECT_FALSE(departed.has(one_way)) << "its client does not wait";
}

TEST(DepartedSessionsTest, OneRequestMayBeUnwantedAndOthersOfItsSessionStay) {
  DepartedSessions departed;
  auto request = session(7);
  request.request = 5;
  departed.add_request(request, now);
  EXPECT_TRUE(departed.any(now));
  EXPECT_TRUE(departed.has(request));
  for (const auto& other : {session(7), session(8), session(7, 0xBEE)}) EXPECT_FALSE(departed.has(other));
}

TEST(DepartedSessionsTest, NobodyHasLeftAtFirst) {
  const DepartedSessions departed;
  EXPECT_FALSE(departed.any(Time::min() + 1ns));
  EXPECT_FALSE(departed.has(session(0, 0)));
  EXPECT_FALSE(departed.has(session(0, 1)));
}

TEST(DepartedSessionsTest, NobodyLooksAnyMoreOnceAllTheirDeadlinesHavePassed) {
  DepartedSessions departed;
  departed.add(session(1), now + 2s);
  departed.add(session(2), now + 1s);
  EXPECT_TRUE(departed.any(now + 2s));
  EXPECT_FALSE(departed.any(now + 2s + 1ns));
}

TEST(DepartedSessionsTest, LaterDeparturesTakeThePlacesOfEarlierOnes) {
  const auto departed = std::make_unique<DepartedSessions>();
  const auto all = 16 * limits::departed_sessions_max;
  for (std::uint64_t number = 1; number <= all; ++number) departed->add(session(number), now);
  std::size_t known = 0;
  for (std::uint64_t number = 1; number <= all; ++number) known += departed->has(session(number)) ? 1 : 0;
  EXPECT_LE(known, limits::departed_sessions_max);
  EXPECT_GT(known, limits::departed_sessions_max / 2) << "places are shared out";
  EXPECT_TRUE(departed->has(session(all)));
}

RC_GTEST_PROP(DepartedSessionsPropertyTest, ASessionThatStaysIsNeverTakenForOneThatLeft, ()) {
  DepartedSessions departed;
  const auto incarnation = *rc::gen::arbitrary<std::uint64_t>();
  const auto left = *rc::gen::arbitrary<std::vector<std::uint64_t>>();
  for (const auto number : left) departed.add(session(number, incarnation), now);
  const auto other = *rc::gen::arbitrary<std::uint64_t>();
  const bool has_left = std::find(left.begin(), left.end(), other) != left.end();
  RC_ASSERT(has_left || !departed.has(session(other, incarnation)));
}

TEST(DepartedSessionsTest, UnwantedIsWhatIsLateOrOfAClientThatLeft) {
  DepartedSessions departed;
  const auto record = [](std::uint64_t number, Deadline deadline) {
    RecordHeader header;
    header.origin = session(number);
    header.deadline = deadline;
    return Record(header, Payload::raw("x"));
  };
  departed.add(session(1), now + 1s);
  EXPECT_TRUE(Unwanted(&departed, now)(record(1, now + 1s)));
  EXPECT_FALSE(Unwanted(&departed, now)(record(2, now + 1s)));
  EXPECT_TRUE(Unwanted(&departed, now)(record(2, now - 1ns)));
  EXPECT_FALSE(Unwanted(nullptr, now)(record(1, now)));
  EXPECT_FALSE(Unwanted(&departed, now + 2s)(record(1, no_deadline))) << "all that left are forgotten by then";
}

}  // namespace departed_sessions_test
}  // namespace skep
