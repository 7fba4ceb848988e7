// What a throw costs a bee that holds records.
#include <gtest/gtest.h>

#include "bee_runner_fixture.hpp"
#include "skep/actors/limits.hpp"
#include "skep/serialization/failure.hpp"

namespace skep {
namespace bee_runner_held_test {

class BeeRunnerHeldTest : public BeeRunnerFixture {
 protected:
  /// Holds what it gets; "all" lets go of everything, "throw" and "bad" throw after they have done as much.
  BeeRunnerHeldTest() {
    script_.on_record = [this](Record record, Outbox& out) {
      const std::string text(record.text());
      if (text == "all" || text == "lose") {
        for (auto& held : held_) {
          if (held) out.emit(held.release());
        }
        held_.clear();
      } else {
        held_.push_back(out.hold(std::move(record)));
      }
      if (text == "throw") throw std::runtime_error("thrown");
      if (text == "bad" || text == "lose") throw BadRecord("bad");
    };
    script_.on_batch = [this](std::span<Record> batch, Outbox& out) {
      for (auto& record : batch) script_.on_record(std::move(record), out);
    };
    script_.on_start = [this](BeeContext&) { held_.clear(); };
  }
  void start(bool takes_batches = false, HeldLimits limits = {}) {
    BeeRunnerFixture::start({takes_batches, true, limits});
  }
  std::vector<Failure> losses() {
    std::vector<Failure> all;
    for (const auto& entry : runner_->outbox().entries()) {
      if (entry.kind == Outbox::Kind::lose) all.push_back(entry.record.as_failure());
    }
    return all;
  }
  void give(std::vector<std::string> texts) {
    auto given = records(texts);
    EXPECT_EQ(runner_->run(given), given.size());
  }

  std::vector<Held> held_;
};

TEST_F(BeeRunnerHeldTest, HoldsAcrossCallsAndSendsWhatItLetsGo) {
  start();
  give({"1", "2"});
  EXPECT_EQ(runner_->held(), 2u);
  EXPECT_EQ(output(), "");
  give({"all"});
  EXPECT_EQ(runner_->held(), 0u);
  EXPECT_EQ(output(), "1 2");
  EXPECT_EQ(runner_->counts().held_lost, 0u);
}

TEST_F(BeeRunnerHeldTest, HoldingInAClassThatDoesNotSayItDoesIsAFailureOfTheBee) {
  BeeRunnerFixture::start({});
  give({"1"});
  ASSERT_EQ(losses().size(), 1u);
  EXPECT_EQ(losses()[0].code, errc::bee_failed);
  EXPECT_NE(losses()[0].message.find("describe() must say holds_records()"), std::string::npos) << losses()[0].message;
  EXPECT_EQ(script_.built, 2);
}

TEST_F(BeeRunnerHeldTest, ARebuildLosesWhatIsHeldAndTellsItsClients) {
  start();
  give({"1", "2", "throw"});
  EXPECT_EQ(runner_->held(), 0u);
  EXPECT_EQ(runner_->counts().held_lost, 2u) << "the third was never held";
  EXPECT_EQ(runner_->counts().failed, 1u);
  const auto lost = losses();
  ASSERT_EQ(lost.size(), 3u);
  EXPECT_EQ(lost[0].message, "bee 'tester' failed: thrown");
  EXPECT_EQ(lost[1].code, errc::bee_failed);
  EXPECT_EQ(lost[1].message, "bee 'tester' failed while it held this record: thrown");
  EXPECT_EQ(host_.losses, (std::vector<std::string>{"throw: thrown"})) << "dead letters";
  EXPECT_EQ(host_.held_lost, 2u);
}

TEST_F(BeeRunnerHeldTest, ABadRecordIsNotHeldAndCostsNoOther) {
  start();
  give({"1", "bad", "all"});
  EXPECT_EQ(output(), "lose 1");
  EXPECT_EQ(runner_->counts().held_lost, 0u);
  EXPECT_EQ(runner_->counts().bad, 1u);
}

TEST_F(BeeRunnerHeldTest, WhatACallLetGoOfIsLostWithItsOutput) {
  start();
  give({"1", "2", "lose"});
  EXPECT_EQ(output(), "lose lose lose");
  EXPECT_EQ(runner_->counts().held_lost, 2u);
  EXPECT_EQ(losses()[0].message, "bee 'tester' failed on what it did with this record: bad");
  EXPECT_EQ(losses()[2].code, errc::bad_record);
  EXPECT_EQ(script_.built, 1);
}

TEST_F(BeeRunnerHeldTest, ABatchThatIsRunAgainHoldsEachRecordOnce) {
  start(true);
  give({"1", "bad", "3"});
  EXPECT_EQ(runner_->held(), 2u);
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{3, 1, 1, 1}));
  give({"all"});
  EXPECT_EQ(output(), "lose 1 3");
  EXPECT_EQ(runner_->counts().held_lost, 0u);
}

TEST_F(BeeRunnerHeldTest, ABatchThatThrowsLosesWhatWasHeldBeforeAndHoldsTheRestAnew) {
  start(true);
  give({"1"});
  give({"2", "throw", "4"});
  EXPECT_EQ(runner_->held(), 1u) << "2 was held by the object that the throw alone ended";
  EXPECT_EQ(runner_->counts().held_lost, 2u);
  give({"all"});
  EXPECT_EQ(output(), "lose lose lose 4");
}

TEST_F(BeeRunnerHeldTest, ARecordWithoutRoomIsRefusedAndTheOthersStay) {
  start(false, {.records_max = 2});
  give({"1", "2", "3"});
  EXPECT_EQ(runner_->held(), 2u);
  EXPECT_EQ(script_.built, 1);
  ASSERT_EQ(losses().size(), 1u);
  EXPECT_EQ(losses()[0].code, errc::overloaded);
  EXPECT_EQ(losses()[0].message, "bee 'tester': no room to hold the record: 2 are held (held_records_max = 2)");
  EXPECT_EQ(runner_->counts().failed, 1u);
  EXPECT_EQ(host_.losses.size(), 1u);
}

TEST_F(BeeRunnerHeldTest, AFullBeeIsNoFailedOne) {
  start(false, {.records_max = 1});
  give(std::vector<std::string>(2 * limits::throws_in_row_max, "1"));
  EXPECT_TRUE(runner_->running());
  EXPECT_EQ(runner_->held(), 1u);
}

TEST_F(BeeRunnerHeldTest, ATimerLetsGoAndOneThatThrowsLosesEverything) {
  script_.on_timer = [this](TimerId timer, Outbox& out) {
    out.emit(held_.front().release());
    held_.erase(held_.begin());
    if (timer.value == 2) throw std::runtime_error("tock");
  };
  start();
  give({"1", "2", "3"});
  runner_->fire({1});
  EXPECT_EQ(output(), "1");
  runner_->fire({2});
  EXPECT_FALSE(runner_->running());
  EXPECT_EQ(output(), "1 lose lose");
  EXPECT_EQ(runner_->counts().held_lost, 2u);
  EXPECT_EQ(losses()[1].message, "bee 'tester' failed while it held this record: on_timer failed: tock");
}

TEST_F(BeeRunnerHeldTest, OnStopMayLetGoAndWhatIsLeftIsLost) {
  script_.on_stop = [this](Outbox& out) { out.emit(held_.front().release()); };
  start();
  give({"1", "2"});
  runner_->stop();
  EXPECT_EQ(output(), "1 lose");
  EXPECT_EQ(losses()[0].code, errc::unavailable);
  EXPECT_EQ(runner_->counts().held_lost, 1u);
}

TEST_F(BeeRunnerHeldTest, AHaltLosesWhatIsHeld) {
  start();
  give({"1"});
  runner_->halt();
  ASSERT_EQ(losses().size(), 1u);
  EXPECT_EQ(losses()[0].code, errc::unavailable);
  EXPECT_FALSE(held_[0]);
}

}  // namespace bee_runner_held_test
}  // namespace skep
