#include "skep/actors/held.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "skep/actors/bee.hpp"

namespace skep {
namespace held_test {

using namespace std::chrono_literals;

class Clock final : public BeeContext {
 public:
  std::string_view name() const override { return "tester"; }
  std::uint32_t replica() const override { return 0; }
  std::chrono::steady_clock::time_point now() const override { return time; }
  EventTime wall_clock() const override { return {}; }
  std::mt19937_64& random() override { return random_; }
  void log(LogLevel, std::string_view) override {}
  TimerId start_timer(std::chrono::nanoseconds) override { return {}; }
  void cancel_timer(TimerId) override {}

  std::chrono::steady_clock::time_point time{1h};

 private:
  std::mt19937_64 random_;
};

Record record(int number, Deadline deadline = no_deadline) {
  RecordHeader header;
  header.id = {1, static_cast<std::uint64_t>(number)};
  header.deadline = deadline;
  return Record(header, Payload::json(std::to_string(number)));
}

std::string texts(const std::vector<Record>& records) {
  std::string all;
  for (const auto& each : records) all += (all.empty() ? "" : " ") + std::string(each.text());
  return all;
}

class HeldTest : public ::testing::Test {
 protected:
  Clock clock_;
  std::optional<HeldRecords> records_{std::in_place, HeldLimits{}, clock_};
};

TEST_F(HeldTest, ARecordIsHeldUntilItsHandleGivesItBack) {
  auto held = records_->hold(record(1));
  records_->commit();
  ASSERT_TRUE(held);
  EXPECT_EQ(held->text(), "1");
  EXPECT_EQ(records_->size(), 1u);
  EXPECT_EQ(records_->bytes(), held->pinned_bytes());
  EXPECT_EQ(held.release().text(), "1");
  EXPECT_FALSE(held);
  EXPECT_EQ(records_->size(), 0u);
  EXPECT_EQ(records_->bytes(), 0u);
  EXPECT_THROW(static_cast<void>(held.release()), std::logic_error);
  EXPECT_THROW(static_cast<void>(held.record()), std::logic_error);
  EXPECT_THROW(static_cast<void>(Held().expired()), std::logic_error);
}

TEST_F(HeldTest, AHandleMovesAndLetsGoOfWhatItHadAndAtItsEnd) {
  auto first = records_->hold(record(1));
  {
    auto second = records_->hold(record(2));
    first = std::move(second);
    EXPECT_FALSE(second);  // NOLINT(bugprone-use-after-move): that is what is tested
    EXPECT_EQ(first->text(), "2");
    EXPECT_EQ(records_->size(), 1u);
    auto& same = first;
    first = std::move(same);
    EXPECT_TRUE(first);
  }
  EXPECT_EQ(records_->size(), 1u);
  first = Held();
  EXPECT_EQ(records_->size(), 0u);
}

TEST_F(HeldTest, PastItsDeadlineARecordShowsThat) {
  const auto held = records_->hold(record(1, clock_.time + 2s));
  const auto endless = records_->hold(record(2));
  clock_.time += 2s;
  EXPECT_FALSE(held.expired()) << "not past it";
  clock_.time += 1ns;
  EXPECT_TRUE(held.expired());
  EXPECT_FALSE(endless.expired());
}

TEST_F(HeldTest, ACallThatIsUndoneHoldsNothingAndLosesWhatItLetGoOf) {
  auto early = records_->hold(record(1)), kept = records_->hold(record(2));
  records_->commit();
  auto late = records_->hold(record(3)), both = records_->hold(record(4));
  static_cast<void>(early.release());
  static_cast<void>(both.release());
  EXPECT_EQ(texts(records_->roll_back()), "1") << "what one call holds and lets go of was never held";
  EXPECT_FALSE(late);
  EXPECT_TRUE(kept);
  EXPECT_EQ(records_->size(), 1u);
  EXPECT_EQ(records_->bytes(), kept->pinned_bytes());
}

TEST_F(HeldTest, WhatACommittedCallLetGoOfIsDone) {
  auto held = records_->hold(record(1));
  records_->commit();
  static_cast<void>(held.release());
  records_->commit();
  EXPECT_EQ(texts(records_->roll_back()), "");
}

TEST_F(HeldTest, AllIsTakenInTheOrderInWhichItWasHeld) {
  std::vector<Held> all;
  for (int number = 1; number <= 4; ++number) all.push_back(records_->hold(record(number)));
  records_->commit();
  all.erase(all.begin() + 1);
  EXPECT_EQ(texts(records_->take_all()), "1 3 4");
  for (const auto& held : all) EXPECT_FALSE(held);
  EXPECT_EQ(records_->size(), 0u);
}

TEST_F(HeldTest, AHandleMayOutliveEverything) {
  auto held = records_->hold(record(1));
  records_.reset();
  EXPECT_FALSE(held);
}

TEST_F(HeldTest, OneRecordMoreThanHeldRecordsMaxIsRefused) {
  EXPECT_EQ(HeldLimits{}.records_max, limits::held_records_max);
  records_->limit({.records_max = 2});
  auto one = records_->hold(record(1)), two = records_->hold(record(2));
  try {
    static_cast<void>(records_->hold(record(3)));
    FAIL() << "held";
  } catch (const TooManyHeld& full) {
    EXPECT_STREQ(full.what(), "no room to hold the record: 2 are held (held_records_max = 2)");
  }
  one = Held();
  EXPECT_TRUE(records_->hold(record(3)));
}

TEST_F(HeldTest, MoreMemoryThanHeldBytesMaxIsRefused) {
  EXPECT_EQ(HeldLimits{}.bytes_max, limits::held_bytes_max);
  const auto bytes = record(1).pinned_bytes();
  records_->limit({.bytes_max = 2 * bytes});
  const auto one = records_->hold(record(1)), two = records_->hold(record(2));
  EXPECT_THROW(static_cast<void>(records_->hold(record(3))), TooManyHeld);
  records_->limit({.bytes_max = bytes});
  EXPECT_THROW(static_cast<void>(records_->hold(record(3))), TooManyHeld) << "less than there is already";
}

/// Against a list that does the same slowly.
RC_GTEST_PROP(HeldPropertyTest, CountsWhatAListWouldCount, ()) {
  Clock clock;
  HeldRecords records({.records_max = 8}, clock);
  struct Entry {
    int number;
    Held held;
    bool of_this_call;
  };
  std::vector<Entry> list;
  std::vector<int> let_go;
  const auto steps = *rc::gen::inRange(1, 60);
  for (int step = 1; step <= steps; ++step) {
    const auto what = *rc::gen::inRange(0, 8);
    if (what < 4) {
      RC_ASSERT(records.size() == list.size());
      if (list.size() == 8) {
        RC_ASSERT_THROWS_AS(static_cast<void>(records.hold(record(step))), TooManyHeld);
      } else {
        list.push_back({step, records.hold(record(step)), true});
      }
    } else if (what < 6 && !list.empty()) {
      const auto which = *rc::gen::inRange<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(list.size()));
      auto& entry = list[static_cast<std::size_t>(which)];
      RC_ASSERT(entry.held.release().text() == std::to_string(entry.number));
      if (!entry.of_this_call) let_go.push_back(entry.number);
      list.erase(list.begin() + which);
    } else if (what == 6) {
      records.commit();
      let_go.clear();
      for (auto& entry : list) entry.of_this_call = false;
    } else if (what == 7) {
      std::string expected;
      for (const auto number : let_go) expected += (expected.empty() ? "" : " ") + std::to_string(number);
      RC_ASSERT(texts(records.roll_back()) == expected);
      let_go.clear();
      for (const auto& entry : list) RC_ASSERT(static_cast<bool>(entry.held) != entry.of_this_call);
      std::erase_if(list, [](const Entry& entry) { return entry.of_this_call; });
    }
  }
  std::string expected;
  for (const auto& entry : list) expected += (expected.empty() ? "" : " ") + std::to_string(entry.number);
  RC_ASSERT(texts(records.take_all()) == expected);
  RC_ASSERT(records.bytes() == 0u);
}

}  // namespace held_test
}  // namespace skep
