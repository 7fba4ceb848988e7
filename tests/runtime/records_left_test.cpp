#include "records_left.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace skep::detail {
namespace records_left_test {

/// front -> bee -> out.
class RecordsLeftTest : public ::testing::Test {
 protected:
  enum Part : std::size_t { bee, front, out };
  enum Edge : std::size_t { to_bee, to_out };

  RecordsLeftTest() {
    plan_.bees.resize(1);
    plan_.bees[0].spec.name = "bee";
    plan_.gateways.resize(2);
    plan_.gateways[0].spec.name = "front";
    plan_.gateways[1].spec.name = "out";
    plan_.edges.resize(2);
    plan_.edges[to_bee].from = front;
    plan_.edges[to_bee].to = bee;
    plan_.edges[to_out].from = bee;
    plan_.edges[to_out].to = out;
    for (auto* metrics : {&begun_, &known_, &now_}) {
      metrics->bees.resize(1);
      metrics->edges.resize(2);
      metrics->gateways.resize(2);
    }
  }

  /// A bee that has got so many records and is not done with some of them.
  static void has(SwarmMetrics& metrics, std::uint64_t received, std::uint64_t queued) {
    metrics.bees[0].counters.received = received;
    metrics.bees[0].queued = queued;
  }

  std::map<std::string, std::uint64_t> left(std::vector<Part> silent = {}) {
    Silence silence{std::vector<bool>(3), known_};
    for (const auto part : silent) silence.parts[part] = true;
    std::map<std::string, std::uint64_t> all;
    for (const auto& [part, records] : records_left(plan_, silence, {begun_, now_})) all[part] = records;
    return all;
  }

  using Left = std::map<std::string, std::uint64_t>;
  SwarmPlan plan_;
  SwarmMetrics begun_, known_, now_;
};

TEST_F(RecordsLeftTest, NothingIsLeftOfWhatIsDone) {
  now_.edges[to_bee].counters.records = 100;
  has(now_, 100, 0);
  now_.edges[to_out].counters.records = 100;
  now_.edges[to_out].counters.in_flight = 7;  // and has come: nobody has said so yet
  EXPECT_EQ(left(), Left{});
}

TEST_F(RecordsLeftTest, CountsWhatWaitsLiesIsHeldOrCameLate) {
  now_.edges[to_bee].counters.waiting = 1;
  has(now_, 100, 20);
  now_.bees[0].held = 300;
  now_.bees[0].counters.held_at_end = 4000;
  now_.bees[0].counters.late = 50000;
  now_.edges[to_out].counters.waiting = 600000;
  EXPECT_EQ(left(), (Left{{"bee 'bee'", 54321}, {"gateway 'out'", 600000}}));
}

TEST_F(RecordsLeftTest, WhatIsOnItsWayToAGatewayThatDoesNotAnswerIsLeft) {
  now_.edges[to_out].counters.in_flight = 5;
  EXPECT_EQ(left(), Left{});
  EXPECT_EQ(left({out}), (Left{{"gateway 'out'", 5}}));
}

TEST_F(RecordsLeftTest, WhatIsKeptForAPartThatEndsOnAnotherNodeIsLeft) {
  begun_.edges[to_out].counters.unheard = 40;
  now_.edges[to_out].counters.unheard = 44;
  EXPECT_EQ(left(), (Left{{"gateway 'out'", 4}})) << "what was so before has been counted then";
  known_.edges[to_out].counters.unheard = 41;
  EXPECT_EQ(left({bee}), (Left{{"gateway 'out'", 1}})) << "what its sender says late counts there";
}

/// It had 10 of the 14 records that were sent to it, and was done with 3; since then it has come back and sent on 6.
TEST_F(RecordsLeftTest, OfABeeThatCeasesLateCountsWhatWasKnownBefore) {
  now_.edges[to_bee].counters.records = 14;
  has(known_, 10, 7);
  has(now_, 14, 1);
  known_.edges[to_out].counters.records = 3;
  now_.edges[to_out].counters.records = 9;
  now_.edges[to_out].counters.waiting = 6;
  EXPECT_EQ(left({bee}), (Left{{"bee 'bee'", 11}})) << "the 6 that went on late are among them, and counted once";
}

TEST_F(RecordsLeftTest, ABeeThatSaidNothingAtAllHasAllThatWasSentToIt) {
  now_.edges[to_bee].counters.records = 14;
  now_.edges[to_bee].counters.waiting = 2;
  EXPECT_EQ(left({bee}), (Left{{"bee 'bee'", 16}}));
}

TEST_F(RecordsLeftTest, ARecordThatWentToSeveralIsNeverLessThanNone) {
  now_.edges[to_bee].counters.records = 3;
  has(known_, 9, 1);  // six were replayed, or came before its sender was replaced
  EXPECT_EQ(left({bee}), (Left{{"bee 'bee'", 1}}));
}

TEST_F(RecordsLeftTest, WithoutMetersNothingIsKnown) {
  now_.measured = false;
  now_.bees.clear();
  now_.edges.clear();
  EXPECT_EQ(left({bee}), Left{});
}

}  // namespace records_left_test
}  // namespace skep::detail
