#include "skep/actors/bee_runner.hpp"

#include <gtest/gtest.h>
#include <kj/debug.h>

#include "bee_runner_fixture.hpp"
#include "skep/actors/limits.hpp"
#include "skep/serialization/failure.hpp"

namespace skep {
namespace bee_runner_test {

class BeeRunnerTest : public BeeRunnerFixture {};

TEST_F(BeeRunnerTest, RunsRecordsInOrder) {
  start({});
  auto batch = records(4);
  EXPECT_EQ(runner_->run(batch), 4u);
  EXPECT_EQ(output(), "0 1 2 3");
}

TEST_F(BeeRunnerTest, AThrowTakesBackTheOutputOfThatRecordAndReplacesTheObject) {
  script_.on_record = [](Record record, Outbox& out) {
    const bool bad = record.text() == "1";
    out.emit(record);
    if (bad) throw std::runtime_error("one");
  };
  start({});
  auto batch = records(3);
  EXPECT_EQ(runner_->run(batch), 3u);
  EXPECT_EQ(output(), "0 lose 2");
  EXPECT_EQ(script_.built, 2);
  EXPECT_EQ(host_.cancelled, 1);
  EXPECT_EQ(host_.losses, (std::vector<std::string>{"1: one"}));
  EXPECT_EQ(runner_->outbox().entries()[1].record.as_failure().message, "bee 'tester' failed: one");
}

TEST_F(BeeRunnerTest, BadRecordsAndCapnpErrorsKeepTheObject) {
  script_.on_record = [](Record record, Outbox&) {
    if (record.text() == "0") throw BadRecord("no image");
    KJ_FAIL_REQUIRE("a pointer leads nowhere");
  };
  start({});
  auto batch = records(2);
  EXPECT_EQ(runner_->run(batch), 2u);
  EXPECT_EQ(runner_->counts().bad, 2u);
  EXPECT_EQ(runner_->counts().failed, 0u);
  EXPECT_EQ(script_.built, 1);
  EXPECT_EQ(runner_->outbox().entries()[1].record.as_failure().code, errc::bad_record);
}

TEST_F(BeeRunnerTest, AThrowOfAnythingIsAFailure) {
  script_.on_record = [](Record, Outbox&) { throw 7; };
  start({});
  auto batch = records(1);
  EXPECT_EQ(runner_->run(batch), 1u);
  EXPECT_EQ(runner_->counts().failed, 1u);
}

TEST_F(BeeRunnerTest, ABatchThatThrowsLosesOnlyTheRecordToBlame) {
  script_.on_batch = [](std::span<Record> batch, Outbox& out) {
    for (auto& record : batch) {
      const bool bad = record.text() == "2";
      out.emit(std::move(record));
      if (bad) throw std::runtime_error("two");
    }
  };
  start({.takes_batches = true});
  auto batch = records(4);
  EXPECT_EQ(runner_->run(batch), 4u);
  EXPECT_EQ(output(), "0 1 lose 3");
  EXPECT_EQ(script_.batch_sizes, (std::vector<std::size_t>{4, 1, 1, 1, 1}));
  EXPECT_EQ(script_.built, 3) << "after the batch, and after the record";
  EXPECT_EQ(runner_->counts().failed, 1u);
}

TEST_F(BeeRunnerTest, ABadRecordInABatchIsFoundWithoutARebuild) {
  script_.on_batch = [](std::span<Record> batch, Outbox& out) {
    for (auto& record : batch) {
      if (record.text() == "0") throw BadRecord("zero");
      out.emit(std::move(record));
    }
  };
  start({.takes_batches = true});
  auto batch = records(3);
  EXPECT_EQ(runner_->run(batch), 3u);
  EXPECT_EQ(output(), "lose 1 2");
  EXPECT_EQ(script_.built, 1);
}

TEST_F(BeeRunnerTest, AFailedRebuildLeavesTheRestAsItWas) {
  for (const bool takes_batches : {false, true}) {
    Script script;
    script.on_start = [&](BeeContext&) {
      if (script.built == 2) throw std::runtime_error("no disk");
    };
    script.on_record = [&](Record record, Outbox& out) {
      if (record.text() == "1") throw std::runtime_error("one");
      out.emit(std::move(record));
    };
    script.on_batch = [&](std::span<Record> batch, Outbox& out) {
      for (auto& record : batch) script.on_record(std::move(record), out);
    };
    BeeRunner runner(factory_of(script), {.takes_batches = takes_batches}, host_);
    ASSERT_TRUE(runner.start().ok());
    auto batch = records(4);
    const auto first = runner.run(batch);
    EXPECT_EQ(first, takes_batches ? 0u : 2u);
    EXPECT_FALSE(runner.running());
    for (auto rest = first; rest < batch.size(); ++rest) EXPECT_EQ(batch[rest].text(), std::to_string(rest));
    ASSERT_TRUE(runner.start().ok());
    EXPECT_EQ(runner.run(std::span(batch).subspan(first)), 4 - first);
    EXPECT_EQ(runner.outbox().entries().size(), 4u);
  }
}

TEST_F(BeeRunnerTest, AFaultCostsItsRecordAndLeavesTheObjectAndTheRestOfTheCall) {
  script_.on_batch = [](std::span<Record> batch, Outbox& out) {
    for (auto& record : batch) {
      if (record.text() == "1") {
        out.fail(record, BeeFault{"out of memory"});
      } else {
        out.emit(std::move(record));
      }
    }
  };
  start({.takes_batches = true});
  auto batch = records(3);
  EXPECT_EQ(runner_->run(batch), 3u);
  EXPECT_EQ(output(), "0 2 lose");
  EXPECT_EQ(host_.losses, std::vector<std::string>{"1: out of memory"});
  EXPECT_EQ(runner_->counts().failed, 1u);
  EXPECT_EQ(script_.built, 1);
}

TEST_F(BeeRunnerTest, FaultsInARowAreAFailureOfTheBeeAndASuccessBetweenThemIsNot) {
  bool good_too = true;
  script_.on_batch = [&](std::span<Record> batch, Outbox& out) {
    for (auto& record : batch.subspan(good_too ? 1 : 0)) out.fail(record, BeeFault{"always"});
  };
  start({.takes_batches = true});
  auto batch = records(60);
  EXPECT_EQ(runner_->run(std::span(batch).first(60)), 60u);
  EXPECT_EQ(runner_->run(std::span(batch).first(60)), 60u);
  EXPECT_TRUE(runner_->running());
  good_too = false;
  EXPECT_EQ(runner_->run(std::span(batch).first(60)), 60u);
  EXPECT_FALSE(runner_->running());
  EXPECT_NE(runner_->failure().find("throws in a row (throws_in_row_max), the last: always"), std::string::npos);
}

TEST_F(BeeRunnerTest, AFailedStartSaysWhy) {
  script_.on_start = [](BeeContext&) { throw std::runtime_error("no model"); };
  runner_.emplace(factory_of(script_), BeeRunner::Settings{}, host_);
  const auto started = runner_->start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message, "on_start failed: no model");
  EXPECT_FALSE(runner_->running());
  EXPECT_EQ(runner_->counts().rebuilds, 0u);
}

TEST_F(BeeRunnerTest, AConstructorThatThrowsIsNotCalledOnStart) {
  const BeeFactory throws = []() -> std::unique_ptr<Bee> { throw std::runtime_error("no weights"); };
  runner_.emplace(throws, BeeRunner::Settings{}, host_);
  const auto started = runner_->start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().message, "its constructor failed: no weights");
}

TEST_F(BeeRunnerTest, StopsEarlyWhenTheOutboxHasReachedItsMark) {
  script_.on_record = [](Record record, Outbox& out) {
    for (int i = 0; i < 1000; ++i) out.reply(record);
  };
  start({});
  auto batch = records(10);
  const auto done = runner_->run(batch);
  EXPECT_EQ(done, (limits::outbox_records_mark + 999) / 1000);
  runner_->outbox().clear();
  EXPECT_EQ(runner_->run(std::span(batch).subspan(done)), done);
}

TEST_F(BeeRunnerTest, TooManyOutputsOfOneCallAreAFailureOfTheBee) {
  script_.on_record = [](Record record, Outbox& out) {
    for (;;) out.reply(record);
  };
  start({});
  auto batch = records(1);
  EXPECT_EQ(runner_->run(batch), 1u);
  EXPECT_EQ(output(), "lose");
}

TEST_F(BeeRunnerTest, AThrowFromOnStopIsLoggedAndItsOutputTakenBack) {
  script_.on_stop = [](Outbox& out) {
    out.emit(records(1)[0]);
    throw std::runtime_error("half way");
  };
  start({});
  runner_->stop();
  EXPECT_EQ(output(), "");
  EXPECT_EQ(host_.lines.size(), 1u);
}

TEST_F(BeeRunnerTest, ShowsThatItIsInsideACallAndThatEachRecordIsAnotherOne) {
  std::vector<std::uint64_t> seen;
  script_.on_record = [&](Record, Outbox&) { seen.push_back(runner_->calls().count()); };
  script_.on_timer = [&](TimerId, Outbox&) { seen.push_back(runner_->calls().count()); };
  script_.on_stop = [&](Outbox&) { seen.push_back(runner_->calls().count()); };
  start({});
  auto given = records(2);
  EXPECT_EQ(runner_->run(given), 2u);
  EXPECT_EQ(runner_->calls().count() % 2, 0u);
  runner_->fire({1});
  EXPECT_EQ(runner_->calls().count() % 2, 0u);
  runner_->stop();
  EXPECT_EQ(runner_->calls().count() % 2, 0u);
  ASSERT_EQ(seen.size(), 4u);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i] % 2, 1u);
    if (i > 0) {
      EXPECT_NE(seen[i], seen[i - 1]);
    }
  }
}

TEST_F(BeeRunnerTest, ABatchIsOneCallAndEachRecordOfOneThatRunsAgainAnother) {
  std::vector<std::uint64_t> seen;
  script_.on_batch = [&](std::span<Record> batch, Outbox&) {
    seen.push_back(runner_->calls().count());
    if (batch.size() > 1) throw std::runtime_error("one by one");
  };
  start({.takes_batches = true});
  auto given = records(2);
  EXPECT_EQ(runner_->run(given), 2u);
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_NE(seen[0], seen[1]);
  EXPECT_NE(seen[1], seen[2]);
  EXPECT_EQ(runner_->calls().count() % 2, 0u);
}

}  // namespace bee_runner_test
}  // namespace skep
