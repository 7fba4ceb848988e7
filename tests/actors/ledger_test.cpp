#include "skep/actors/ledger.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace ledger_test {

constexpr InEdges::Session session{3, 1};

TEST(LedgerTest, AnInputIsDoneWhenItsWorkHasEndedAndItsOutputsAreAcknowledged) {
  Ledger ledger;
  const auto cause = ledger.open({session, 7, 1});
  ledger.depend(cause);
  ledger.depend(cause);
  ledger.settle(cause);  // the call has ended
  ledger.settle(cause);
  EXPECT_TRUE(ledger.take_done().empty());
  ledger.settle(cause);
  const auto done = ledger.take_done();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].first, 7u);
  EXPECT_EQ(done[0].session, session);
  EXPECT_EQ(ledger.size(), 0u);
}

TEST(LedgerTest, InputsAreDoneInAnyOrder) {
  Ledger ledger;
  const auto first = ledger.open({session, 1, 1}), second = ledger.open({session, 2, 1});
  ledger.settle(second);
  EXPECT_EQ(ledger.take_done().at(0).first, 2u);
  EXPECT_EQ(ledger.size(), 2u) << "the first is still open";
  ledger.settle(first);
  EXPECT_EQ(ledger.size(), 0u);
}

TEST(LedgerTest, TheInputsOfABatchAreDoneTogether) {
  Ledger ledger;
  const auto cause = ledger.open({session, 1, 4});
  ledger.add(cause, {{4, 1}, 9, 2});
  ledger.depend(cause);
  ledger.settle(cause);
  EXPECT_TRUE(ledger.take_done().empty());
  ledger.settle(cause);
  EXPECT_EQ(ledger.take_done().size(), 2u);
}

TEST(LedgerTest, TheInputsOfACallMayBecomeKnownAtItsEnd) {
  Ledger ledger;
  const auto cause = ledger.open();
  ledger.depend(cause, 2);
  ledger.add(cause, {session, 5, 2});
  ledger.settle(cause);
  ledger.settle(cause);
  EXPECT_TRUE(ledger.take_done().empty());
  ledger.settle(cause);
  EXPECT_EQ(ledger.take_done().at(0).first, 5u);
}

TEST(LedgerTest, WhatNobodyCausedSettlesNothing) {
  Ledger ledger;
  ledger.settle(Cause{});
  EXPECT_TRUE(ledger.take_done().empty());
}

TEST(LedgerTest, WhatTheBeeHoldsIsDoneWhenTheHoldHasEndedAndItsOutputsAreAcknowledged) {
  Ledger ledger;
  const auto cause = ledger.open({session, 7, 1});
  const auto held = ledger.hold(cause);
  ledger.settle(cause);  // the call has ended
  EXPECT_TRUE(ledger.take_done().empty());
  ledger.depend(held);
  ledger.settle(held);  // the hold has ended
  EXPECT_TRUE(ledger.take_done().empty());
  ledger.settle(held);
  EXPECT_EQ(ledger.take_done().at(0).first, 7u);
  EXPECT_EQ(ledger.size(), 0u);
}

TEST(LedgerTest, WithEarlyDoneNobodyWaitsForWhatIsHeld) {
  Ledger ledger({.early_done = true});
  const auto cause = ledger.open({session, 7, 1});
  EXPECT_EQ(ledger.hold(cause), Cause{});
  ledger.settle(cause);
  EXPECT_EQ(ledger.take_done().size(), 1u);
}

}  // namespace ledger_test
}  // namespace skep
