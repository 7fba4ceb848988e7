#include "submissions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace skep {
namespace submissions_test {

using namespace std::chrono_literals;

Submission submission(std::string_view text, GatewaySession session = GatewaySession::none) {
  return {.payload = Payload::raw(text), .session = session};
}

TEST(SubmissionsTest, TellsOnceUntilTheyAreTaken) {
  int told = 0;
  Submissions submissions({10, 100, 100, 10}, [&] { ++told; });
  ASSERT_TRUE(submissions.submit(submission("a")));
  ASSERT_TRUE(submissions.submit(submission("b")));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(submissions.take().items.size(), 2u);
  ASSERT_TRUE(submissions.submit(submission("c")));
  EXPECT_EQ(told, 2);
}

TEST(SubmissionsTest, OwnTheirBytes) {
  Submissions submissions({10, 100, 100, 10}, [] {});
  std::string text = "before";
  ASSERT_TRUE(submissions.submit(submission(text)));
  text = "after!";
  const auto taken = submissions.take();
  const auto bytes = taken.items[0].submission.payload.bytes;
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), "before");
}

TEST(SubmissionsTest, ARefusalCountsAndAWaitDoesNot) {
  for (const bool blocks : {false, true}) {
    Submissions submissions({1, 100, 100, 10, blocks}, [] {});
    ASSERT_TRUE(submissions.submit(submission("a")));
    EXPECT_EQ(submissions.submit(submission("b")).error().code, errc::overloaded);
    EXPECT_EQ(submissions.refused(), blocks ? 0u : 1u);
    EXPECT_FALSE(submissions.await_room(0s));
    submissions.left(1);
    EXPECT_TRUE(submissions.await_room(0s));
  }
}

TEST(SubmissionsTest, RoomIsForWhatFoundNone) {
  Submissions submissions({10, 10, 100, 10, true}, [] {});
  ASSERT_TRUE(submissions.submit(submission("12345")));
  ASSERT_TRUE(submissions.submit(submission("1")));
  EXPECT_TRUE(submissions.await_room(0s));
  EXPECT_EQ(submissions.submit(submission("123456")).error().code, errc::overloaded);
  EXPECT_FALSE(submissions.has_room()) << "there are 4 bytes left, and 6 are wanted";
  EXPECT_FALSE(submissions.await_room(0s));
  submissions.left(1);
  EXPECT_FALSE(submissions.has_room());
  submissions.left(5);
  EXPECT_TRUE(submissions.await_room(0s));
  EXPECT_TRUE(submissions.submit(submission("123456")));
}

TEST(SubmissionsTest, SessionsHaveTheirPlacesUntilTheirEndIsTakenUp) {
  Submissions submissions({10, 100, 100, 2}, [] {});
  const auto one = *submissions.open_session();
  ASSERT_TRUE(submissions.open_session());
  for (int i = 0; i < 1000; ++i) submissions.close_session(one);
  EXPECT_FALSE(submissions.open_session());
  EXPECT_EQ(submissions.submit(submission("a", one)).error().code, errc::unavailable);
  EXPECT_EQ(submissions.take().items.size(), 3u) << "two that open, one that closes";
  submissions.session_ended();
  EXPECT_TRUE(submissions.open_session());
}

TEST(SubmissionsTest, WhatWasNeverSubmittedIsNotCancelled) {
  Submissions submissions({10, 100, 100, 2}, [] {});
  const auto id = *submissions.submit(submission("a"));
  for (std::uint64_t i = 0; i < 1000; ++i) submissions.cancel(SubmissionId{i});
  EXPECT_EQ(submissions.take().cancelled, std::vector{id});
  EXPECT_TRUE(submissions.take().cancelled.empty());
}

TEST(SubmissionsTest, ThreadsLoseNothing) {
  constexpr int threads = 4, each = 2000;
  std::atomic<bool> told = false;
  Submissions submissions({16, 1000, 100, 10, true}, [&] { told = true; });
  std::vector<std::thread> senders;
  for (int i = 0; i < threads; ++i) {
    senders.emplace_back([&] {
      for (int sent = 0; sent < each;) {
        if (submissions.submit(submission("x"))) {
          ++sent;
        } else if (!submissions.await_room(20s)) {
          return;
        }
      }
    });
  }
  std::size_t taken = 0;
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (taken < threads * each && std::chrono::steady_clock::now() < until) {
    if (!told.exchange(false)) std::this_thread::yield();
    for (const auto& item : submissions.take().items) {
      submissions.left(item.submission.payload.bytes.size());
      ++taken;
    }
  }
  submissions.close("over");
  for (auto& sender : senders) sender.join();
  EXPECT_EQ(taken, std::size_t{threads} * each);
}

/// Submits until that is refused, while `end` is called: what was taken is there by then, and nothing comes after it.
template <class End>
void end_while_a_thread_submits(End end) {
  const std::string text(256u << 10, 'x');
  for (int round = 0; round < 200; ++round) {
    Submissions submissions({100, 1u << 30, 1u << 20, 10}, [] {});
    const auto session = *submissions.open_session();
    static_cast<void>(submissions.take());
    std::atomic<std::size_t> taken = 0;
    std::thread sender([&] {
      while (submissions.submit(submission(text, session))) ++taken;
    });
    while (taken == 0) std::this_thread::yield();
    end(submissions, session);
    const auto items = submissions.take().items;
    sender.join();
    const auto rest = std::ranges::count(items, Submissions::Kind::submit, &Submissions::Item::kind);
    EXPECT_EQ(rest, static_cast<std::ptrdiff_t>(taken));
    EXPECT_TRUE(submissions.take().items.empty());
    for (auto i = rest; i > 0; --i) submissions.left(text.size());
    EXPECT_TRUE(submissions.has_room());
  }
}

TEST(SubmissionsTest, WhatIsCopiedWhileItEndsIsRefusedOrTakenWithTheRest) {
  end_while_a_thread_submits([](Submissions& submissions, GatewaySession) { submissions.close("it is over"); });
  end_while_a_thread_submits(
      [](Submissions& submissions, GatewaySession session) { submissions.close_session(session); });
}

TEST(SubmissionsTest, AfterTheEndNothingIsTaken) {
  Submissions submissions({10, 100, 100, 10}, [] {});
  std::thread waits([&] { EXPECT_TRUE(submissions.await_room(20s)); });
  waits.join();
  submissions.close("it is over");
  submissions.close("again");
  EXPECT_EQ(submissions.submit(submission("a")).error().message, "it is over");
  EXPECT_FALSE(submissions.open_session());
  EXPECT_FALSE(submissions.await_room(20s));
  EXPECT_TRUE(submissions.closed());
}

}  // namespace submissions_test
}  // namespace skep
