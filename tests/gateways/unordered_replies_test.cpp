#include "unordered_replies.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace skep {
namespace unordered_replies_test {

using namespace std::chrono_literals;
using Accepted = OpenRequests::Accepted;
using Time = OpenRequests::Time;

Answer answer(const std::string& text) {
  return Record(RecordHeader{}, Payload::raw(text));
}

/// As "request: text".
std::string next(UnorderedReplies& replies) {
  const auto answer = replies.next();
  if (!answer) return "none";
  const auto* record = std::get_if<Record>(&*answer);
  return std::to_string(replies.taken()) + ": " +
         (record != nullptr ? std::string(record->text()) : std::get<Failure>(*answer).message);
}

TEST(UnorderedRepliesTest, AnswersLeaveAsTheyCome) {
  UnorderedReplies replies;
  for (int i = 0; i < 3; ++i) static_cast<void>(replies.open(Time(1s), 10));
  EXPECT_EQ(replies.answer(3, answer("third")), Accepted::yes);
  replies.refuse({errc::overloaded, "no", true});
  EXPECT_EQ(replies.answer(1, answer("first")), Accepted::yes);
  EXPECT_EQ(replies.answer(1, answer("again")), Accepted::late);
  EXPECT_EQ(next(replies), "3: third");
  EXPECT_EQ(next(replies), "4: no");
  EXPECT_EQ(next(replies), "1: first");
  EXPECT_EQ(next(replies), "none");
  EXPECT_EQ(replies.answer(3, answer("late")), Accepted::late);
  EXPECT_EQ(replies.open_count(), 1u);
  EXPECT_EQ(replies.bytes(), 10u);
}

TEST(UnorderedRepliesTest, TheOldestHoldsNothingUp) {
  UnorderedReplies replies;
  static_cast<void>(replies.open(Time(1s)));
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(replies.answer(replies.open(Time(1s)), answer("x")), Accepted::yes);
    static_cast<void>(replies.next());
    ASSERT_EQ(replies.places(), 1u);
  }
  EXPECT_TRUE(replies.awaits(1));
}

TEST(UnorderedRepliesTest, ExpiresInOrderOfDeadlinesAndOnlyWhatIsOpen) {
  UnorderedReplies replies;
  for (int i = 1; i <= 3; ++i) static_cast<void>(replies.open(Time(std::chrono::seconds(i))));
  EXPECT_EQ(replies.answer(2, answer("second")), Accepted::yes);
  const Failure late{errc::deadline_exceeded, "late"};
  EXPECT_EQ(replies.expire(Time(999ms), late), 0u);
  EXPECT_EQ(replies.expire(Time(2s), late), 1u);
  EXPECT_EQ(replies.earliest_deadline(), Time(3s));
  EXPECT_EQ(next(replies), "2: second");
  EXPECT_EQ(next(replies), "1: late");
  EXPECT_EQ(replies.expire_all(late), 1u);
  EXPECT_EQ(replies.earliest_deadline(), std::nullopt);
}

/// Random requests, refusals and answers: what comes out is what was answered, in that order, and all adds up.
TEST(UnorderedRepliesTest, CountsAddUpUnderAnyInterleaving) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    UnorderedReplies replies;
    std::vector<std::uint64_t> open, answered;
    for (int step = 0; step < 300; ++step) {
      const auto choice = random() % 8;
      if (choice < 3) {
        open.push_back(replies.open(Time(1s), 2));
      } else if (choice == 3) {
        answered.push_back(replies.next_request());
        replies.refuse({errc::overloaded, "no", true});
      } else if (!open.empty() && choice < 7) {
        const auto at = open.begin() + static_cast<std::ptrdiff_t>(random() % open.size());
        ASSERT_EQ(replies.leads(*at), answered.empty());
        if (replies.leads(*at) && random() % 2 == 0) {
          replies.pass(*at, *replies.awaits(*at));
          ASSERT_EQ(replies.taken(), *at);
        } else {
          ASSERT_EQ(replies.answer(*at, answer("four")), Accepted::yes);
          answered.push_back(*at);
        }
        open.erase(at);
      } else {
        for (const auto request : std::exchange(answered, {})) {
          ASSERT_TRUE(replies.next());
          ASSERT_EQ(replies.taken(), request);
        }
      }
      ASSERT_EQ(replies.open_count(), open.size());
      ASSERT_EQ(replies.places(), open.size() + answered.size());
    }
    EXPECT_EQ(replies.expire_all({errc::unavailable, "end"}), open.size());
    while (replies.next()) continue;
    EXPECT_EQ(replies.bytes() + replies.held_bytes() + replies.excess_bytes() + replies.places(), 0u);
  }
}

}  // namespace unordered_replies_test
}  // namespace skep
