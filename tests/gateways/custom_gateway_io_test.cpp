// Custom gateways on the I/O thread, with threads and descriptors of their own.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateways/gateway_fixture.hpp"
#include "skep/actors/bee_calls.hpp"
#include "skep/actors/departed_sessions.hpp"
#include "skep/gateways/gateway_class.hpp"

namespace skep::testing {
namespace custom_gateway_io_test {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// What the test and the object share.
struct Stage {
  std::atomic<GatewayContext*> context = nullptr;
  std::atomic<std::uint64_t> answered = 0, failed = 0;
  std::atomic<bool> stays = false;  ///< in on_answer
  std::atomic<bool> inside = false;
  std::atomic<bool> gone = false;
  int watched = -1;
  std::function<void(GatewayContext&, int)> read;
};

class OnStage final : public Gateway {
 public:
  static void describe(GatewayClass<OnStage>& c) { c.answers(); }
  explicit OnStage(Stage& stage) : stage_(stage) {}
  ~OnStage() override { stage_.gone = true; }

  void on_start(GatewayContext& context) override {
    stage_.context = context_ = &context;
    if (stage_.watched >= 0) context.watch(stage_.watched);
  }
  void on_answer(const Answered& answer) override {
    stage_.inside = true;
    while (stage_.stays) std::this_thread::yield();
    ++(answer.ok() ? stage_.answered : stage_.failed);
  }
  void on_readable(int descriptor) override { stage_.read(*context_, descriptor); }

 private:
  Stage& stage_;
  GatewayContext* context_ = nullptr;
};

HiveSetup on(Stage& stage, OptionValue::Table options = {}) {
  HiveSetup setup;
  setup.type = "test.stage";
  setup.options.value = std::move(options);
  setup.add = [&stage](GatewayRegistry& registry) {
    registry.add_class(GatewayClass<OnStage>("test.stage").description(), [&stage](const OptionValue&, SourcePosition) {
      return ReadGateway{.problems = {}, .factory = [&stage] { return std::make_unique<OnStage>(stage); }};
    });
  };
  return setup;
}

OptionValue::Member key(const std::string& name, const std::string& value) {
  return {name, {}, {.value = value, .position = {}}};
}

TEST(CustomGatewayIoTest, ManyThreadsSubmitAndEverythingIsAnswered) {
  constexpr std::uint64_t threads = 4, each = 3000;
  Stage stage;
  Hive hive(on(stage, {key("overflow", "block")}));
  ASSERT_EQ(hive.failure(), "");
  std::vector<std::thread> senders;
  for (std::uint64_t i = 0; i < threads; ++i) {
    senders.emplace_back([&] {
      for (std::uint64_t sent = 0; sent < each;) {
        if (stage.context.load()->submit({.payload = Payload::raw("x")})) {
          ++sent;
        } else if (!stage.context.load()->await_room(patience)) {
          return;
        }
      }
    });
  }
  for (auto& sender : senders) sender.join();
  eventually([&] { return stage.answered == threads * each; }, "all answers");
  const auto counters = hive.drain();
  EXPECT_EQ(counters.answered, threads * each);
  EXPECT_EQ(counters.refused, 0u);
  EXPECT_EQ(stage.context.load()->submit({.payload = Payload::raw("x")}).error().code, errc::unavailable);
}

TEST(CustomGatewayIoTest, ACancelledSubmissionIsWantedNoMoreAndOthersAre) {
  Stage stage;
  DepartedSessions departed;
  auto setup = on(stage);
  setup.departed = &departed;
  Hive hive(setup);
  std::mutex mutex;
  std::vector<Origin> origins;
  hive.answer_with([&](const Record& record) {
    const std::lock_guard lock(mutex);
    origins.push_back(record.origin());
    return record;
  });
  hive.script(Script::keep_answers);
  const auto first = stage.context.load()->submit({.payload = Payload::raw("a")});
  ASSERT_TRUE(stage.context.load()->submit({.payload = Payload::raw("b")}));
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  stage.context.load()->cancel(*first);
  eventually([&] { return hive.counters().abandoned == 1; }, "it is cancelled");
  const std::lock_guard lock(mutex);
  EXPECT_TRUE(departed.has(origins.at(0)));
  EXPECT_FALSE(departed.has(origins.at(1)));
  hive.script(Script::echo);
  eventually([&] { return stage.answered == 1; }, "the other's answer");
}

TEST(CustomGatewayIoTest, NobodyWaitsForRoomOnTheLoopThatMakesIt) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  Stage stage;
  stage.watched = ends[0];
  std::atomic<bool> refused = false;
  stage.read = [&](GatewayContext& context, int descriptor) {
    context.unwatch(descriptor);
    try {
      static_cast<void>(context.await_room(patience));
    } catch (const std::logic_error&) {
      refused = true;
    }
  };
  Hive hive(on(stage));
  ASSERT_EQ(hive.failure(), "");
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  eventually([&] { return refused.load(); }, "the refusal");
  static_cast<void>(hive.drain());
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(CustomGatewayIoTest, ADescriptorIsReadUntilItIsUnwatched) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
  Stage stage;
  stage.watched = ends[0];
  stage.read = [](GatewayContext& context, int descriptor) {
    std::string text(1, '\0');
    ASSERT_EQ(::read(descriptor, text.data(), 1), 1);
    if (text == "!") return context.unwatch(descriptor);
    EXPECT_TRUE(context.submit({.payload = Payload::raw(text)}));
  };
  {
    Hive hive(on(stage));
    ASSERT_EQ(hive.failure(), "");
    ASSERT_EQ(::write(ends[1], "ab!c", 4), 4);
    eventually([&] { return stage.answered == 2; }, "two answers");
    EXPECT_THAT(hive.accepted(), ElementsAre("a", "b"));
    EXPECT_EQ(::fcntl(ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  }
  char left = 0;
  EXPECT_EQ(::read(ends[0], &left, 1), 1) << "it stays its owner's";
  EXPECT_EQ(left, 'c');
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(CustomGatewayIoTest, WhatAThreadSubmitsJustBeforeADrainIsToldSo) {
  Stage stage;
  stage.stays = true;
  Hive hive(on(stage));
  ASSERT_TRUE(stage.context.load()->submit({.payload = Payload::raw("keeps the gateway's thread")}));
  eventually([&] { return stage.inside.load(); }, "it is inside a call");
  hive.start_drain();  // and is not looked at yet
  std::thread sender([&] {
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(stage.context.load()->submit({.payload = Payload::raw("x")}));
  });
  sender.join();
  stage.stays = false;
  const auto counters = hive.drain();
  EXPECT_EQ(stage.answered, 1u);
  EXPECT_EQ(stage.failed, 100u);
  EXPECT_EQ(counters.refused, 100u);
}

TEST(CustomGatewayIoTest, EachSubmissionIsToldWhateverADrainComesBetween) {
  Stage stage;
  Hive hive(on(stage));
  std::uint64_t taken = 0;
  std::atomic<bool> begun = false;
  std::thread sender([&] {
    for (bool closed = false; !closed; begun = true) {
      const auto submitted = stage.context.load()->submit({.payload = Payload::raw("x")});
      taken += submitted ? 1 : 0;
      closed = !submitted && submitted.error().code == errc::unavailable;
    }
  });
  eventually([&] { return begun.load(); }, "a first submission");
  static_cast<void>(hive.drain());
  sender.join();
  EXPECT_EQ(stage.answered + stage.failed, taken);
}

TEST(CustomGatewayIoTest, WhatCannotBeWaitedForIsAFailedStart) {
  Stage stage;
  stage.watched = 999'999;
  Hive hive(on(stage));
  EXPECT_THAT(hive.failure(), HasSubstr("cannot wait for descriptor 999999: Bad file descriptor"));
}

TEST(CustomGatewayIoTest, TheWatchdogNamesOneThatDoesNotReturn) {
  Stage stage;
  stage.stays = true;
  BeeCalls calls;
  auto setup = on(stage);
  setup.calls = &calls;
  Hive hive(setup);
  ASSERT_TRUE(stage.context.load()->submit({.payload = Payload::raw("x")}));
  std::vector<CallInProgress> inside;
  eventually([&] { return !(inside = calls.look(std::chrono::steady_clock::now())).empty(); }, "it is inside a call");
  EXPECT_EQ(calls.name(inside[0].bee), "gateway 'in' of swarm 'hive'");
  EXPECT_EQ(inside[0].execution, Execution::shared) << "its thread is that of all gateways";
  stage.stays = false;
  eventually([&] { return calls.look(std::chrono::steady_clock::now()).empty(); }, "it has returned");
}

TEST(CustomGatewayIoTest, ItsObjectGoesBeforeItsContext) {
  Stage stage;
  {
    Hive hive(on(stage));
    ASSERT_EQ(hive.failure(), "");
    EXPECT_FALSE(stage.gone);
  }
  EXPECT_TRUE(stage.gone);
}

}  // namespace custom_gateway_io_test
}  // namespace skep::testing
