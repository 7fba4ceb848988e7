#include "../../gateways/src/reply_sequencer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace skep {
namespace reply_sequencer_test {

using namespace std::chrono_literals;
using Accepted = ReplySequencer::Accepted;
using Time = ReplySequencer::Time;

Answer answer(const std::string& text) {
  return Record(RecordHeader{}, Payload::raw(text));
}

std::string text_of(const std::optional<Answer>& answer) {
  if (!answer) return "none";
  if (const auto* record = std::get_if<Record>(&*answer)) return std::string(record->text());
  return "error: " + std::get<Failure>(*answer).message;
}

TEST(ReplySequencerTest, CountsTheBytesOfRequestsUntilTheirAnswersAreTaken) {
  ReplySequencer replies;
  const auto first = replies.open(Time(1s), 100);
  (void)replies.open(Time(1s), 20);
  replies.refuse({errc::overloaded, "no", true});
  EXPECT_EQ(replies.bytes(), 120u);
  EXPECT_EQ(replies.awaits(first)->bytes, 100u);
  EXPECT_EQ(replies.answer(first, answer("first")), Accepted::yes);
  EXPECT_EQ(replies.answer(first, answer("again")), Accepted::late);
  EXPECT_EQ(replies.bytes(), 120u) << "its answer is still here";
  (void)replies.next();
  EXPECT_EQ(replies.bytes(), 20u);
  EXPECT_EQ(replies.expire_all({errc::deadline_exceeded, "late"}), 1u);
  (void)replies.next();
  EXPECT_EQ(replies.bytes(), 0u);
}

TEST(ReplySequencerTest, CountsWhatAnswersHaveMoreThanTheirRequests) {
  ReplySequencer replies;
  const auto first = replies.open(Time(1s), 3);
  const auto second = replies.open(Time(1s), 100);
  EXPECT_EQ(replies.answer(first, answer("first")), Accepted::yes);
  EXPECT_EQ(replies.answer(second, answer("second")), Accepted::yes);
  replies.refuse({errc::overloaded, "no", true});
  EXPECT_EQ(replies.excess_bytes(), 2u + 0u + 2u);
  (void)replies.next();
  EXPECT_EQ(replies.excess_bytes(), 2u);
  (void)replies.next();
  (void)replies.next();
  EXPECT_EQ(replies.excess_bytes(), 0u);
}

TEST(ReplySequencerTest, KnowsWhatIsOpen) {
  ReplySequencer replies;
  const auto first = replies.open(Time(1s));
  EXPECT_TRUE(replies.awaits(first));
  EXPECT_FALSE(replies.awaits(first + 1));
  EXPECT_EQ(replies.answer(first, answer("first")), Accepted::yes);
  EXPECT_FALSE(replies.awaits(first));
  (void)replies.next();
  EXPECT_FALSE(replies.awaits(first));
}

TEST(ReplySequencerTest, HoldsAnAnswerUntilThoseBeforeItHaveLeft) {
  ReplySequencer replies;
  const auto first = replies.open(Time(1s));
  const auto second = replies.open(Time(1s));
  EXPECT_EQ(replies.answer(second, answer("second")), Accepted::yes);
  EXPECT_EQ(text_of(replies.next()), "none");
  EXPECT_EQ(replies.held_bytes(), 6u);
  EXPECT_EQ(replies.answer(first, answer("first")), Accepted::yes);
  EXPECT_EQ(text_of(replies.next()), "first");
  EXPECT_EQ(text_of(replies.next()), "second");
  EXPECT_EQ(text_of(replies.next()), "none");
  EXPECT_EQ(replies.held_bytes(), 0u);
  EXPECT_EQ(replies.places(), 0u);
}

TEST(ReplySequencerTest, WhatLeadsMayLeaveAtOnce) {
  ReplySequencer replies;
  const auto first = replies.open(Time(1s), 10);
  const auto second = replies.open(Time(2s), 20);
  const auto third = replies.open(Time(3s), 30);
  EXPECT_TRUE(replies.leads(first));
  EXPECT_FALSE(replies.leads(second));
  EXPECT_EQ(replies.answer(second, answer("second")), Accepted::yes);
  replies.pass(first, *replies.awaits(first));
  EXPECT_EQ(replies.taken(), first);
  EXPECT_EQ(replies.bytes(), 50u);
  EXPECT_EQ(replies.open_count(), 1u);
  EXPECT_EQ(replies.places(), 2u);
  EXPECT_EQ(replies.earliest_deadline(), Time(3s)) << "the second has its answer";
  EXPECT_EQ(replies.answer(first, answer("again")), Accepted::late);
  EXPECT_FALSE(replies.leads(third)) << "the second has not left";
  EXPECT_EQ(text_of(replies.next()), "second");
  EXPECT_TRUE(replies.leads(third));
}

TEST(ReplySequencerTest, LetsTheFirstAnswerWin) {
  ReplySequencer replies;
  const auto request = replies.open(Time(1s));
  EXPECT_EQ(replies.answer(request, answer("one")), Accepted::yes);
  EXPECT_EQ(replies.answer(request, answer("two")), Accepted::late);
  EXPECT_EQ(text_of(replies.next()), "one");
  EXPECT_EQ(replies.answer(request, answer("three")), Accepted::late);
}

TEST(ReplySequencerTest, KnowsNoRequestThatWasNeverMade) {
  ReplySequencer replies;
  EXPECT_EQ(replies.answer(0, answer("x")), Accepted::late);
  EXPECT_EQ(replies.answer(1, answer("x")), Accepted::late);
  EXPECT_EQ(replies.answer(~0ull, answer("x")), Accepted::late);
}

TEST(ReplySequencerTest, GivesARefusalItsPlace) {
  ReplySequencer replies;
  const auto first = replies.open(Time(1s));
  replies.refuse({errc::overloaded, "full", true});
  EXPECT_EQ(replies.open_count(), 1u);
  EXPECT_EQ(replies.places(), 2u);
  EXPECT_EQ(text_of(replies.next()), "none");
  EXPECT_EQ(replies.answer(first, answer("first")), Accepted::yes);
  EXPECT_EQ(text_of(replies.next()), "first");
  EXPECT_EQ(text_of(replies.next()), "error: full");
}

TEST(ReplySequencerTest, ExpiresInOrderOfDeadlinesAndOnlyWhatIsOpen) {
  ReplySequencer replies;
  const auto first = replies.open(Time(1s));
  const auto second = replies.open(Time(2s));
  const auto third = replies.open(Time(3s));
  EXPECT_EQ(replies.answer(second, answer("second")), Accepted::yes);
  EXPECT_EQ(replies.earliest_deadline(), Time(1s));
  const Failure late{errc::deadline_exceeded, "late"};
  EXPECT_EQ(replies.expire(Time(999ms), late), 0u);
  EXPECT_EQ(replies.expire(Time(2s), late), 1u);
  EXPECT_EQ(replies.earliest_deadline(), Time(3s));
  EXPECT_EQ(replies.answer(first, answer("first")), Accepted::late);
  EXPECT_EQ(text_of(replies.next()), "error: late");
  EXPECT_EQ(text_of(replies.next()), "second");
  EXPECT_EQ(replies.answer(third, answer("third")), Accepted::yes);
  EXPECT_EQ(replies.earliest_deadline(), std::nullopt);
  EXPECT_EQ(text_of(replies.next()), "third");
}

TEST(ReplySequencerTest, AnswersEverythingOpenAtOnce) {
  ReplySequencer replies;
  for (int i = 0; i < 20; ++i) replies.open(Time(1s));
  EXPECT_EQ(replies.answer(3, answer("3")), Accepted::yes);
  EXPECT_EQ(replies.expire_all({errc::unavailable, "end"}), 19u);
  EXPECT_EQ(replies.open_count(), 0u);
}

/// Random requests, refusals and answers: what comes out is what went in, in order, each once.
TEST(ReplySequencerTest, KeepsTheOrderUnderAnyInterleaving) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    ReplySequencer replies;
    std::vector<std::string> expected;
    std::vector<std::string> left;
    std::vector<std::uint64_t> open;
    for (int step = 0; step < 300; ++step) {
      const auto choice = random() % 8;
      if (choice < 3) {
        expected.push_back(std::to_string(replies.next_request()));
        open.push_back(replies.open(Time(1s)));
      } else if (choice == 3) {
        expected.push_back("error: no");
        replies.refuse({errc::overloaded, "no", true});
      } else if (!open.empty() && choice < 7) {
        const auto at = open.begin() + static_cast<std::ptrdiff_t>(random() % open.size());
        ASSERT_EQ(replies.leads(*at), *at == left.size() + 1);
        if (replies.leads(*at) && random() % 2 == 0) {
          replies.pass(*at, *replies.awaits(*at));
          left.push_back(std::to_string(*at));
        } else {
          ASSERT_EQ(replies.answer(*at, answer(std::to_string(*at))), Accepted::yes);
        }
        open.erase(at);
      }
      ASSERT_EQ(replies.open_count(), open.size());
      ASSERT_EQ(replies.earliest_deadline().has_value(), !open.empty());
      for (std::optional<Answer> next; random() % 2 == 0 && (next = replies.next());) left.push_back(text_of(next));
      ASSERT_EQ(replies.places(), expected.size() - left.size());
    }
    ASSERT_LE(left.size(), expected.size());
    ASSERT_TRUE(std::equal(left.begin(), left.end(), expected.begin()));
  }
}

}  // namespace reply_sequencer_test
}  // namespace skep
