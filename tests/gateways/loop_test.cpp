#include "net/loop.hpp"

#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <pthread.h>

#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <csignal>
#include <cstring>
#include <functional>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "gateways/gateway_fixture.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace loop_test {

using skep::testing::eventually;
using skep::testing::patience;

/// Runs on the loop, as a gateway's actor does.
class OnLoop final : public caf::event_based_actor {
 public:
  OnLoop(caf::actor_config& config, IoThreads::Loop& loop, std::function<caf::behavior(caf::event_based_actor*)> make)
      : caf::event_based_actor(config), loop_(loop), make_(std::move(make)) {}

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* unit) override {
    caf::scheduled_actor::enqueue(std::move(message), loop_.unit_for(unit));
  }
  void launch(caf::execution_unit*, bool lazy, bool hide) override { caf::scheduled_actor::launch(&loop_, lazy, hide); }
  [[nodiscard]] subtype_t subtype() const override { return io_actor; }

 protected:
  caf::behavior make_behavior() override { return make_(this); }

 private:
  IoThreads::Loop& loop_;
  std::function<caf::behavior(caf::event_based_actor*)> make_;
};

/// A loop with a gateway on it, which passes numbers on to a bee. The bee tells the gateway of each number, and then
/// does as the test says.
class LoopTest : public ::testing::Test {
 protected:
  struct Config : caf::actor_system_config {
    Config() { set("scheduler.max-threads", 2); }
  };

  LoopTest() {
    caf::actor_config config(&loop_);
    gateway_ = system_.spawn_class<OnLoop, caf::no_spawn_options>(
        config, loop_, [this](caf::event_based_actor* self) -> caf::behavior {
          return {[this, self](int number) { self->send(bee_, number); },
                  [this](const std::string&) {
                    EXPECT_TRUE(loop_.handles_here());
                    ++heard_;
                  }};
        });
    bee_ = system_.spawn([this](caf::event_based_actor* self) -> caf::behavior {
      return {[this, self](int number) {
        if (loop_.runs_here()) ++inline_;
        if (loop_.handles_here()) ++taken_for_handlers_;
        pthread_sigmask(SIG_BLOCK, nullptr, &blocked_);
        thread_ = std::this_thread::get_id();
        self->send(gateway_, "number " + std::to_string(number));
        if (number == stays) (void)released_.wait_for(patience);
        if (number == quits) self->quit();
        ++handled_;
      }};
    });
  }

  /// Once the bee runs inline: there is somebody to stand by.
  void await_inline() {
    eventually(
        [this] {
          const int before = inline_, handled = handled_;
          caf::anon_send(gateway_, 0);
          eventually([&] { return handled_ > handled && heard_ == handled_; }, "the bee");
          return inline_ > before;
        },
        "a bee that runs inline");
  }
  /// The loop does something.
  void turn() {
    std::promise<void> done;
    boost::asio::post(loop_.context(), [&done] { done.set_value(); });
    ASSERT_EQ(done.get_future().wait_for(patience), std::future_status::ready);
  }
  /// The bee stays, inline, and another thread has the loop.
  void get_stuck() {
    await_inline();
    const int heard = heard_;
    caf::anon_send(gateway_, stays);
    eventually([&] { return heard_ > heard; }, "what it has sent before");
    turn();
  }

  static constexpr int stays = -1, quits = -2;

  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
  std::atomic<int> inline_{0}, handled_{0}, heard_{0}, taken_for_handlers_{0}, plays_{0};
  sigset_t blocked_{};
  std::atomic<std::thread::id> thread_{};
  Config config_;
  caf::actor_system system_{config_};
  IoThreads::Loop loop_{system_, "test-io", 0, 1, [](const caf::resumable&) { return true; }};
  caf::actor gateway_, bee_;
};

TEST_F(LoopTest, AGatewayHearsWhatABeeHasSentBeforeItGotStuck) {
  get_stuck();
  release_.set_value();
}

TEST_F(LoopTest, WhileABeeIsStuckOthersGoToTheScheduler) {
  get_stuck();
  const int before = inline_;
  std::promise<bool> here;
  auto other = system_.spawn(
      [&](caf::event_based_actor*) -> caf::behavior { return {[&](int) { here.set_value(loop_.runs_here()); }}; });
  boost::asio::post(loop_.context(),
                    [&] { other->enqueue(nullptr, caf::make_message_id(), caf::make_message(1), &loop_); });
  auto was_here = here.get_future();
  ASSERT_EQ(was_here.wait_for(patience), std::future_status::ready);
  EXPECT_FALSE(was_here.get());
  EXPECT_EQ(inline_, before);
  release_.set_value();
}

TEST_F(LoopTest, ABeeThatHasReturnedLeavesItsThreadToStandBy) {
  await_inline();
  const auto first = thread_.load();
  get_stuck();
  release_.set_value();
  await_inline();
  EXPECT_NE(thread_.load(), first) << "the other thread has the loop";
}

TEST_F(LoopTest, ABeeThatEndsInlineIsGoneAndTheLoopGoesOn) {
  await_inline();
  const caf::actor_addr address = bee_.address();
  const int heard = heard_;
  caf::anon_send(gateway_, quits);
  eventually([&] { return heard_ > heard; }, "its last word");
  bee_ = nullptr;
  eventually([&] { return caf::actor_cast<caf::actor>(address) == nullptr; }, "its last reference");
  turn();
}

TEST_F(LoopTest, ABeeThatRunsInlineIsNoHandler) {
  await_inline();
  EXPECT_EQ(taken_for_handlers_, 0);
}

TEST_F(LoopTest, ABeeThatRunsInlineMayHandleFaultsAndHaveChildren) {
  await_inline();
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGCHLD, SIGALRM, SIGUSR1}) {
    EXPECT_EQ(sigismember(&blocked_, signal), 0) << strsignal(signal);
  }
  EXPECT_EQ(sigismember(&blocked_, SIGPIPE), 1) << "an error of the write";
}

TEST_F(LoopTest, OfManyBeesAtOnceMostGoToTheScheduler) {
  await_inline();
  constexpr std::size_t many = 16;
  std::atomic<std::size_t> here{0}, all{0};
  std::vector<caf::actor> bees;
  for (std::size_t i = 0; i < many; ++i) {
    bees.push_back(system_.spawn([&](caf::event_based_actor*) -> caf::behavior {
      return {[&](int) {
        if (loop_.runs_here()) ++here;
        ++all;
      }};
    }));
  }
  int rounds = 0;  // in which any ran inline
  eventually(
      [&] {
        here = all = 0;
        boost::asio::post(loop_.context(), [&] {
          for (auto& bee : bees) bee->enqueue(nullptr, caf::make_message_id(), caf::make_message(1), &loop_);
        });
        eventually([&] { return all == many; }, "all of them");
        EXPECT_LE(here, limits::inline_bees_max);
        return here > 0 && ++rounds == 3;
      },
      "some that run inline");
}

/// Each has a message for the other, inline and as long as the test wants.
TEST_F(LoopTest, AStopWaitsForNoBeesThatKeepEachOtherBusy) {
  await_inline();
  const auto plays = [this](caf::event_based_actor* self) -> caf::behavior {
    return {[this, self](const caf::actor& other) {
      if (!loop_.runs_here()) return;
      ++plays_;
      self->send(other, caf::actor_cast<caf::actor>(self));
    }};
  };
  auto first = system_.spawn(plays), second = system_.spawn(plays);
  eventually(
      [&] {
        boost::asio::post(loop_.context(),
                          [&] { first->enqueue(nullptr, caf::make_message_id(), caf::make_message(second), &loop_); });
        turn();
        return plays_ > 0;
      },
      "one that runs inline");
  eventually([this, before = plays_.load()] { return plays_ > before; }, "the next one");
  auto stops = std::async(std::launch::async, [this] { loop_.stop(); });
  EXPECT_EQ(stops.wait_for(patience), std::future_status::ready);
  const std::array addresses{first.address(), second.address()};
  first = second = nullptr;
  for (const auto& each : addresses) {
    eventually([&] { return caf::actor_cast<caf::actor>(each) == nullptr; }, "its end: it looks at the loop");
  }
}

TEST_F(LoopTest, ABusyLoopLeavesBeesToTheScheduler) {
  await_inline();
  const int before = inline_, handled = handled_;
  boost::asio::post(loop_.context(), [this] {
    for (int handler = 0; handler < 8; ++handler) boost::asio::post(loop_.context(), [] {});
    boost::asio::post(loop_.context(), [this] { caf::anon_send(gateway_, 1); });
  });
  eventually([&] { return handled_ > handled; }, "the bee");
  EXPECT_EQ(inline_, before);
}

TEST_F(LoopTest, AStopWaitsForABeeThatIsStuckAndRunsWhatIsQueued) {
  get_stuck();
  auto stops = std::async(std::launch::async, [this] { loop_.stop(); });
  release_.set_value();
  ASSERT_EQ(stops.wait_for(patience), std::future_status::ready);
  EXPECT_TRUE(loop_.context().stopped());
}

}  // namespace loop_test
}  // namespace skep
