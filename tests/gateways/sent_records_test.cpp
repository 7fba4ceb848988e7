#include "../../gateways/src/sent_records.hpp"

#include <gmock/gmock.h>

#include <map>
#include <random>
#include <set>

namespace skep {
namespace sent_records_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Range = SentRecords::Range;
using Share = SentRecords::Share;

void hand_out(SentRecords& records, std::initializer_list<Share*> sessions) {
  records.hand_out(sessions.size());
  for (auto* session : sessions) records.take(*session);
}

TEST(SentRecordsTest, ARecordIsSentOnceHoweverManyWriteIt) {
  SentRecords records;
  Share a, b;
  for (int i = 0; i < 3; ++i) hand_out(records, {&a, &b});
  EXPECT_THAT(records.written(a, 2), ElementsAre(Range{0, 2}));
  EXPECT_THAT(records.written(b, 3), ElementsAre(Range{2, 3}));
  EXPECT_THAT(records.written(a, 1), IsEmpty());
  EXPECT_EQ(records.runs(), 0u);
}

TEST(SentRecordsTest, WhatALaterPeerWritesSaysNothingOfWhatItNeverHad) {
  SentRecords records;
  Share slow, later;
  for (int i = 0; i < 200; ++i) hand_out(records, {&slow});
  EXPECT_THAT(records.written(slow, 29), ElementsAre(Range{0, 29}));
  hand_out(records, {&slow, &later});
  EXPECT_THAT(records.written(later, 1), ElementsAre(Range{200, 201}));
  EXPECT_THAT(records.left(slow), ElementsAre(Range{29, 200}));
}

TEST(SentRecordsTest, WhatSomebodyStillHasToWriteIsNotWrittenOff) {
  SentRecords records;
  Share a, b;
  for (int i = 0; i < 4; ++i) hand_out(records, {&a, &b});
  EXPECT_EQ(count_of(records.written(b, 1)), 1u);
  EXPECT_THAT(records.left(a), IsEmpty());
  EXPECT_THAT(records.dropped(b, 1), ElementsAre(Range{1, 2}));
  EXPECT_THAT(records.left(b), ElementsAre(Range{2, 4}));
  EXPECT_THAT(records.left(b), IsEmpty());
}

TEST(SentRecordsTest, ASessionThatTakesNoMoreHasNoPartInWhatFollows) {
  SentRecords records;
  Share closing, other;
  hand_out(records, {&closing, &other});
  for (int i = 0; i < 3; ++i) hand_out(records, {&other});
  EXPECT_THAT(records.left(other), ElementsAre(Range{1, 4}));
  EXPECT_THAT(records.written(closing, 1), ElementsAre(Range{0, 1}));
}

/// The same by the record.
class Reference {
 public:
  void hand_out(const std::set<int>& sessions) {
    for (const auto session : sessions) owed_[session].push_back(records_.size());
    records_.push_back({sessions.size(), false});
  }
  std::vector<std::uint64_t> settle(int session, std::size_t count, bool sent) {
    std::vector<std::uint64_t> found;
    auto& mine = owed_[session];
    for (std::size_t i = 0; i < count; ++i) {
      auto& record = records_[mine[i]];
      --record.owed;
      if (record.decided || !(sent || record.owed == 0)) continue;
      record.decided = true;
      found.push_back(mine[i]);
    }
    mine.erase(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(count));
    return found;
  }
  [[nodiscard]] std::size_t owed(int session) { return owed_[session].size(); }

 private:
  struct Record {
    std::size_t owed = 0;
    bool decided = false;
  };
  std::vector<Record> records_;
  std::map<int, std::vector<std::uint64_t>> owed_;
};

std::vector<std::uint64_t> numbers(const SentRecords::Ranges& ranges) {
  std::vector<std::uint64_t> all;
  for (const auto& range : ranges) {
    for (auto number = range.first; number < range.end; ++number) all.push_back(number);
  }
  return all;
}

/// Sessions come, write, stop to take, drop and leave as they like.
class RandomSessions {
 public:
  explicit RandomSessions(unsigned seed) : random_(seed) {}

  void step() {
    switch (draw(8)) {
      case 0:
        if (shares_.size() < sessions_max) taking_.insert(next_), shares_[next_++];
        return;
      case 1:
        if (!taking_.empty()) taking_.erase(any(taking_));
        return;
      case 2:
        return leave();
      case 3:
      case 4:
        return settle(draw(4) != 0);
      default:
        return hand_out();
    }
  }
  void end() {
    while (!shares_.empty()) leave();
    EXPECT_EQ(records_.runs(), 0u);
    EXPECT_EQ(decided_, handed_) << "each record is sent or written off, once";
  }
  [[nodiscard]] bool is_compact() const { return records_.runs() <= 3 * sessions_max; }

 private:
  static constexpr std::size_t sessions_max = 6;  // at once

  std::size_t draw(std::size_t below) { return random_() % below; }
  template <class Set>
  typename Set::iterator any(Set& set) {
    return std::next(set.begin(), static_cast<std::ptrdiff_t>(draw(set.size())));
  }

  void hand_out() {
    if (taking_.empty()) return;
    records_.hand_out(taking_.size());
    for (const auto session : taking_) records_.take(shares_[session]);
    reference_.hand_out(taking_);
    ++handed_;
  }
  void settle(bool sent) {
    if (shares_.empty()) return;
    auto& [session, share] = *any(shares_);
    ASSERT_EQ(share.owed(), reference_.owed(session));
    const auto count = draw(share.owed() + 1);
    expect_same(sent ? records_.written(share, count) : records_.dropped(share, count),
                reference_.settle(session, count, sent));
  }
  void leave() {
    if (shares_.empty()) return;
    const auto session = any(shares_)->first;
    expect_same(records_.left(shares_[session]), reference_.settle(session, reference_.owed(session), false));
    shares_.erase(session);
    taking_.erase(session);
  }
  void expect_same(const SentRecords::Ranges& ranges, const std::vector<std::uint64_t>& expected) {
    EXPECT_EQ(numbers(ranges), expected);
    decided_ += expected.size();
  }

  std::mt19937 random_;
  SentRecords records_;
  Reference reference_;
  std::map<int, Share> shares_;
  std::set<int> taking_;
  int next_ = 0;
  std::size_t handed_ = 0;
  std::size_t decided_ = 0;
};

TEST(SentRecordsTest, AgreesWithCountingByTheRecord) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    RandomSessions sessions(seed);
    for (int step = 0; step < 300; ++step) {
      sessions.step();
      ASSERT_TRUE(sessions.is_compact()) << seed;
    }
    sessions.end();
    if (::testing::Test::HasFailure()) FAIL() << "seed " << seed;
  }
}

}  // namespace sent_records_test
}  // namespace skep
