// A cluster's node, and another one that says more than honest ones do.

#include <gmock/gmock.h>

#include <future>

#include "cluster/cluster.hpp"
#include "link_host_fixture.hpp"

namespace skep {
namespace cluster_member_test {

using ::testing::ElementsAre;

constexpr std::uint32_t heavy_part = 1;

/// One that does nothing, and takes as long as a test wants for what it is told of one part.
class TestSwarm final : public PlacedSwarm {
 public:
  void place(const Placement&) override {}
  std::optional<Epoch> tell(NodeNumber, const ActorPresence& presence, const std::function<caf::actor()>&) override {
    if (presence.part == heavy_part) {
      begun.set_value();
      may_end.get_future().wait();
    }
    return {};
  }
  void lose(NodeNumber) override {}
  bool give_up(NodeNumber) override { return false; }
  [[nodiscard]] std::vector<ActorPresence> presence() const override { return {}; }
  [[nodiscard]] std::string failure() const override { return {}; }
  [[nodiscard]] caf::actor local(std::uint32_t, std::uint32_t, Epoch) const override { return nullptr; }
  [[nodiscard]] caf::actor taker(std::uint32_t, std::uint32_t, Epoch, SenderKey) const override { return nullptr; }

  std::promise<void> begun, may_end;
};

/// Node a of two decides; b says what a test has it say.
class ClusterMemberTest : public ::testing::Test {
 protected:
  void SetUp() override {
    b_.start({{1, "a", {"127.0.0.1", 1}}});
    Cluster::Settings settings;
    settings.cluster = "demo";
    settings.self = 1;
    settings.listen = {"127.0.0.1", 0};
    settings.nodes = {{1, "a", settings.listen}, b_.as_peer()};
    settings.members = {{1, {"a"}}, {2, {"b"}}};
    settings.tls = loop_.tls("a");
    settings.log = [this](LogLevel, std::string_view, std::string_view text) {
      const std::scoped_lock lock(mutex_);
      lines_.emplace_back(text);
    };
    settings.links.delay_min = std::chrono::milliseconds(1);
    a_.emplace(system_, std::move(settings));
    site_ = &a_->add("digits", {}, {{{.replicas = 1}}});
    a_->set(*site_, swarm_);
    const auto started = a_->start();
    ASSERT_TRUE(started.ok()) << started.error().message;
    ASSERT_TRUE(b_.wait_up(1)) << b_.all_lines();
  }
  ~ClusterMemberTest() override {
    if (a_) a_->stop();
  }

  template <class Message>
  void say(const Message& message, int times = 1) {
    b_.host->post([this, message, times] {
      for (int i = 0; i < times; ++i) b_.host->link(1)->send(message);
    });
  }
  [[nodiscard]] bool wait_for_placement(std::uint64_t counter) {
    return b_.seen.wait(
        [&] { return !b_.placements.empty() && b_.placements.back().placement.epoch.counter == counter; });
  }
  /// b decides that the bee is nowhere, which a corrects; then a has heard all that was said before.
  [[nodiscard]] bool disturb(std::uint64_t counter) {
    say(PlacementNotice{0, {{counter, 2}, {{Place{}}}, {}}});
    return wait_for_placement(counter + 1);
  }
  [[nodiscard]] std::vector<std::uint64_t> heard_placements() {
    return b_.seen.read([&] {
      std::vector<std::uint64_t> counters;
      for (const auto& notice : b_.placements) counters.push_back(notice.placement.epoch.counter);
      return counters;
    });
  }
  [[nodiscard]] std::ptrdiff_t count_lines(const std::string& part) {
    const std::scoped_lock lock(mutex_);
    return std::ranges::count_if(lines_, [&](const std::string& line) { return line.find(part) != std::string::npos; });
  }

  test::TlsLoop loop_;
  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  TestSwarm swarm_;
  std::mutex mutex_;
  std::vector<std::string> lines_;
  TestNode b_{2, "b", loop_.tls("b")};
  std::optional<Cluster> a_;
  SwarmSite* site_ = nullptr;
};

TEST_F(ClusterMemberTest, WhoSaysWhatIsOutdatedIsToldOnce) {
  say(PlacementNotice{});
  ASSERT_TRUE(wait_for_placement(1));
  say(PlacementNotice{}, 1000);
  ASSERT_TRUE(disturb(2));
  EXPECT_THAT(heard_placements(), ElementsAre(0, 1, 3)) << "that none was known, then each one";
}

TEST_F(ClusterMemberTest, WhoIsThereAgainIsToldAgain) {
  say(PlacementNotice{});
  ASSERT_TRUE(wait_for_placement(1));
  b_.host->post([this] { b_.host->link(1)->end("a cable is out"); });
  ASSERT_TRUE(b_.seen.wait([&] { return b_.ups == 2 && b_.placements.size() == 3; })) << b_.all_lines();
  EXPECT_THAT(heard_placements(), ElementsAre(0, 1, 1));
}

TEST_F(ClusterMemberTest, AFailureIsSaidOnceAsLongAsTheLinkIsUp) {
  say(PlacementNotice{});
  ASSERT_TRUE(wait_for_placement(1));
  for (int i = 0; i < 100; ++i) {
    say(LinkHeartbeat{Views{NodeSet(), NodeSet(3)}, {0}});
    say(LinkHeartbeat{Views{NodeSet(), NodeSet(3)}, {}});
  }
  ASSERT_TRUE(disturb(2));
  EXPECT_EQ(count_lines("swarm 'digits' has failed on node b"), 1);
}

TEST_F(ClusterMemberTest, WhatHasArrivedIsWaitedFor) {
  say(PresenceNotice{0, {{.part = heavy_part}}});
  swarm_.begun.get_future().wait();
  EXPECT_FALSE(site_->await_arrivals(std::chrono::milliseconds(1))) << "the links' thread is at it";
  swarm_.may_end.set_value();
  EXPECT_TRUE(site_->await_arrivals(std::chrono::minutes(1)));
}

}  // namespace cluster_member_test
}  // namespace skep
