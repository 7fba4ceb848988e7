#include "link/link_state.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>

namespace skep {
namespace link_state_test {

using namespace std::chrono_literals;
using Phase = LinkState::Phase;
using Joins = LinkState::Joins;

constexpr auto control = LinkStream::control, data = LinkStream::data;

class LinkStateTest : public ::testing::Test {
 protected:
  LinkState::Time at(std::chrono::milliseconds time) const { return LinkState::Time(1h) + time; }
  /// The dialling end, up at 0.
  LinkState dialled() {
    LinkState state(true, {});
    const auto attempt = state.begin(at(0ms));
    EXPECT_EQ(state.on_hello(control, 7, attempt, at(0ms)), Joins::this_one);
    EXPECT_TRUE(state.wants_data());
    EXPECT_EQ(state.phase(), Phase::down);
    EXPECT_EQ(state.on_hello(data, 7, attempt, at(0ms)), Joins::this_one);
    EXPECT_EQ(state.phase(), Phase::up);
    return state;
  }
  /// The other end, which knows an attempt of incarnation 7.
  LinkState waiting(std::uint64_t attempt) {
    LinkState state(false, {});
    EXPECT_EQ(state.on_hello(control, 7, attempt, at(0ms)), Joins::new_one);
    EXPECT_EQ(state.on_hello(data, 7, attempt, at(0ms)), Joins::this_one);
    EXPECT_EQ(state.phase(), Phase::waiting);
    return state;
  }
  LinkState up(std::uint64_t attempt) {
    auto state = waiting(attempt);
    EXPECT_TRUE(state.on_message(control, at(0ms)));
    EXPECT_EQ(state.phase(), Phase::up);
    return state;
  }
};

TEST_F(LinkStateTest, TheLimitsAreItsDefaults) {
  const LinkSettings settings;
  EXPECT_EQ(settings.heartbeat_interval, limits::link_heartbeat_interval);
  EXPECT_EQ(settings.silence_max, limits::link_silence_max);
  EXPECT_EQ(settings.hello_time_max, limits::link_hello_time_max);
  EXPECT_EQ(settings.delay_min, limits::link_delay_min);
  EXPECT_EQ(settings.delay_max, limits::link_delay_max);
  EXPECT_EQ(settings.lasted, limits::link_lasted_time);
  EXPECT_EQ(settings.output_bytes_max, limits::link_output_bytes_max);
}

TEST_F(LinkStateTest, WhoWasDialledWaitsForAWord) {
  auto state = waiting(3);
  EXPECT_TRUE(state.on_message(data, at(1ms))) << "records may overtake the first heartbeat";
  EXPECT_FALSE(state.on_message(control, at(2ms)));
  EXPECT_FALSE(state.wants_data());
}

TEST_F(LinkStateTest, HeartbeatsGoOutAtOnceAndThenInTheirTime) {
  auto state = dialled();
  EXPECT_TRUE(state.tick(at(0ms)).heartbeat);
  EXPECT_EQ(state.due(), at(500ms));
  EXPECT_FALSE(state.tick(at(499ms)).heartbeat);
  EXPECT_TRUE(state.tick(at(500ms)).heartbeat);
  EXPECT_EQ(state.due(), at(1000ms));
}

TEST_F(LinkStateTest, SilenceOnControlEndsIt) {
  auto state = dialled();
  for (auto time = 0ms; time < 3000ms; time += 500ms) {
    ASSERT_EQ(state.tick(at(time)).dead, "") << time.count();
    EXPECT_FALSE(state.on_message(data, at(time))) << "records are no sign of life";
  }
  EXPECT_EQ(state.due(), at(3000ms));
  EXPECT_EQ(state.tick(at(2999ms)).dead, "");
  EXPECT_EQ(state.tick(at(3000ms)).dead, "nothing was heard for 3s");
}

TEST_F(LinkStateTest, EveryWordOnControlCounts) {
  auto state = dialled();
  for (auto time = 0ms; time < 20000ms; time += 500ms) {
    ASSERT_EQ(state.tick(at(time)).dead, "") << time.count();
    if (time % 2500ms == 0ms) {
      EXPECT_FALSE(state.on_message(control, at(time)));
    }
  }
}

TEST_F(LinkStateTest, ItsOwnStandstillIsNobodysSilence) {
  auto state = dialled();
  EXPECT_EQ(state.tick(at(0ms)).dead, "");
  EXPECT_EQ(state.tick(at(60000ms)).dead, "") << "what has come meanwhile may not have been read";
  for (auto time = 60500ms; time < 62500ms; time += 500ms) EXPECT_EQ(state.tick(at(time)).dead, "") << time.count();
  EXPECT_EQ(state.tick(at(63000ms)).dead, "nothing was heard for 3s");
}

TEST_F(LinkStateTest, AnAttemptHasItsTime) {
  LinkState state(true, {});
  EXPECT_EQ(state.due(), std::nullopt);
  const auto attempt = state.begin(at(0ms));
  EXPECT_EQ(state.due(), at(5000ms));
  EXPECT_EQ(state.on_hello(control, 7, attempt, at(4999ms)), Joins::this_one);
  EXPECT_EQ(state.tick(at(4999ms)).dead, "");
  EXPECT_EQ(state.tick(at(5000ms)).dead, "the other node has not said hello on both connections within 5s");

  auto other = waiting(1);
  EXPECT_EQ(other.due(), at(5000ms));
  EXPECT_NE(other.tick(at(5000ms)).dead, "") << "no word came";
}

TEST_F(LinkStateTest, AnAttemptThatWasGivenUpJoinsNothing) {
  LinkState state(true, {});
  const auto first = state.begin(at(0ms));
  state.on_end();
  EXPECT_EQ(state.on_hello(control, 7, first, at(0ms)), Joins::nothing) << "it has ended";
  const auto second = state.begin(at(1ms));
  EXPECT_EQ(second, first + 1);
  EXPECT_EQ(state.on_hello(control, 7, first, at(1ms)), Joins::nothing);
  EXPECT_EQ(state.on_hello(control, 7, second, at(1ms)), Joins::this_one);
  EXPECT_EQ(state.on_hello(control, 7, second, at(1ms)), Joins::nothing) << "it is here";
  EXPECT_EQ(state.on_hello(data, 8, second, at(1ms)), Joins::nothing) << "another process answers";

  auto other = up(5);
  EXPECT_EQ(other.on_hello(control, 7, 4, at(1ms)), Joins::nothing);
  EXPECT_EQ(other.on_hello(data, 7, 5, at(1ms)), Joins::nothing) << "it is here";
  EXPECT_EQ(other.phase(), Phase::up);
  other.on_end();
  EXPECT_EQ(other.on_hello(data, 7, 5, at(1ms)), Joins::nothing) << "it has ended";
}

TEST_F(LinkStateTest, WhoDialsAnewKnowsBetter) {
  auto state = up(5);
  EXPECT_EQ(state.on_hello(control, 7, 6, at(1ms)), Joins::new_one);
  EXPECT_EQ(state.phase(), Phase::down);
  EXPECT_EQ(state.attempt(), 6u);
  auto restarted = up(5);
  EXPECT_EQ(restarted.on_hello(control, 8, 1, at(1ms)), Joins::new_one) << "started again, it counts from 1";
  EXPECT_EQ(restarted.on_hello(data, 8, 1, at(1ms)), Joins::this_one);
  EXPECT_TRUE(restarted.on_message(control, at(1ms)));
  auto half = waiting(5);
  EXPECT_EQ(half.on_hello(data, 8, 5, at(1ms)), Joins::new_one) << "the same number of another life";
  EXPECT_EQ(half.phase(), Phase::down);
}

LinkHello hello() {
  LinkHello hello;
  hello.number = 1;
  hello.cluster = "demo";
  hello.node = "a";
  hello.swarms = {{"digits", Digest{std::byte{1}}}, {"audit", Digest{std::byte{2}}}};
  return hello;
}

TEST(LinkDifferenceTest, EachIsNamed) {
  const auto own = hello();
  auto its = hello();
  its.number = 2;
  its.node = "b";
  its.incarnation = 9;
  EXPECT_EQ(difference(own, its), "");
  its.protocol_min = 2;
  its.protocol_max = 3;
  EXPECT_EQ(difference(own, its), "it speaks versions 2 to 3 of the links' protocol, and this node 1 to 1");
  its.protocol_min = 0;
  EXPECT_EQ(difference(own, its), "") << "they have one in common";
  its.protocol_max = 0;
  EXPECT_NE(difference(own, its), "");
  its = hello();
  its.cluster = "other";
  EXPECT_EQ(difference(own, its), "it is of cluster other, not demo");
  its = hello();
  its.nodes[31] = std::byte{1};
  EXPECT_EQ(difference(own, its), "its [cluster] nodes are not those of this node");
  its = hello();
  its.swarms[1].digest.models[0] = std::byte{3};
  EXPECT_EQ(difference(own, its), "its swarm 'audit' is another one (models)");
  its.swarms[1].digest.file[0] = std::byte{3};
  EXPECT_EQ(difference(own, its), "its swarm 'audit' is another one (file, models)");
  its = hello();
  its.swarms[1].digest.plugins[0] = std::byte{3};
  EXPECT_EQ(difference(own, its), "its swarm 'audit' is another one (plug-ins)");
  its = hello();
  its.swarms.pop_back();
  EXPECT_EQ(difference(own, its), "it does not run swarm 'audit'");
  EXPECT_EQ(difference(its, own), "it runs swarm 'audit', which is not here");
  its = hello();
  std::swap(its.swarms[0], its.swarms[1]);
  EXPECT_EQ(difference(own, its), "it runs the same swarms in another order");
}

/// Two ends and the connections between them, which may break, lag and be found out late: as a network does it.
class Pair {
 public:
  explicit Pair(std::uint32_t seed) : random_(seed) {}

  void step(bool faults) {
    now_ += std::chrono::milliseconds(random_() % 400);
    if (faults && random_() % 20 == 0) break_connections();
    if (faults && random_() % 200 == 0) restart();
    dial();
    deliver();
    tick();
  }
  [[nodiscard]] bool joined() const {
    return one_.phase() == Phase::up && other_.phase() == Phase::up && one_.attempt() == other_.attempt();
  }

 private:
  struct Message {
    bool to_other;
    LinkStream stream;
    std::uint64_t attempt;
    bool hello;
  };

  void break_connections() {
    if (random_() % 2 == 0) end(one_, true);
    if (random_() % 2 == 0) end(other_, false);
  }
  void restart() {
    ++incarnation_;
    one_ = LinkState(true, {});
    wire_.clear();
    dialling_ = false;
  }
  void end(LinkState& state, bool is_one) {
    state.on_end();
    if (random_() % 2 == 0) (is_one ? other_ : one_).on_end();  // else it finds out late
    if (one_.phase() == Phase::down && !one_.due()) dialling_ = false;
    next_dial_ = now_ + 100ms;
  }
  void dial() {
    if (std::exchange(dialling_, dialling_ || now_ >= next_dial_) || now_ < next_dial_) return;
    wire_.push_back({true, control, one_.begin(now_), true});
  }
  void deliver() {
    for (auto count = random_() % 4; count > 0 && !wire_.empty(); --count) {
      const auto message = wire_.front();
      wire_.pop_front();
      message.to_other ? to_other(message) : to_one(message);
    }
  }
  void to_other(const Message& message) {
    if (!message.hello) {
      if (message.attempt == other_.attempt()) static_cast<void>(other_.on_message(message.stream, now_));
      return;
    }
    if (other_.on_hello(message.stream, incarnation_, message.attempt, now_) == Joins::nothing) return;
    wire_.push_back({false, message.stream, message.attempt, true});
  }
  void to_one(const Message& message) {
    if (message.attempt != one_.attempt()) return;
    if (!message.hello) return static_cast<void>(one_.on_message(message.stream, now_));
    if (one_.on_hello(message.stream, 99, message.attempt, now_) == Joins::nothing) return;
    if (one_.wants_data()) wire_.push_back({true, data, message.attempt, true});
  }
  void tick() {
    for (auto* state : {&one_, &other_}) {
      const auto due = state->tick(now_);
      if (due.heartbeat) wire_.push_back({state == &one_, control, state->attempt(), false});
      if (!due.dead.empty()) end(*state, state == &one_);
    }
  }

  std::mt19937 random_;
  LinkState one_{true, {}}, other_{false, {}};
  std::deque<Message> wire_;
  LinkState::Time now_{1h}, next_dial_{};
  std::uint64_t incarnation_ = 1;
  bool dialling_ = false;
};

TEST(LinkStateSimulation, TwoEndsFindEachOtherAfterAnyFaults) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    Pair pair(seed);
    for (int i = 0; i < 300; ++i) pair.step(true);
    int steps = 0;
    while (!pair.joined() && steps < 400) {
      pair.step(false);
      ++steps;
    }
    ASSERT_TRUE(pair.joined()) << "seed " << seed;
    for (int i = 0; i < 100; ++i) {
      pair.step(false);
      ASSERT_TRUE(pair.joined()) << "seed " << seed;
    }
  }
}

}  // namespace link_state_test
}  // namespace skep
