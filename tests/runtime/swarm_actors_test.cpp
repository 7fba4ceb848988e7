#include "swarm_actors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <mutex>

#include "skep/gateways/io_threads.hpp"
#include "skep/runtime/catalog.hpp"

namespace skep::detail {
namespace swarm_actors_test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr NodeNumber here = 1, other = 2, third = 3;
constexpr std::uint32_t first = 0, last = 1, front = 2;  // parts
constexpr std::uint32_t replicas = 100;                  // of last

const std::string swarm_file = R"(
name = "test"
plugins = ["test_bees"]
[gateways.front]
type = "tcp"
listen = "127.0.0.1:0"
answers = "last"
[bees.first]
class = "test.echo"
from = "front"
[bees.last]
class = "test.echo"
from = "first"
replicas = 100
)";

class TestSite final : public SwarmSite {
 public:
  explicit TestSite(std::size_t gateways = 1)
      : SwarmSite(here, std::vector<std::vector<NodeNumber>>(gateways, {here, other, third})) {}

  void changed(ActorPresence presence) override { said.push_back(std::move(presence)); }
  bool await_arrivals(std::chrono::milliseconds) override {
    if (while_they_arrive) while_they_arrive();
    return in_time;
  }

  std::vector<ActorPresence> said;
  std::function<void()> while_they_arrive;
  bool in_time = true;
};

/// A swarm's actors on node 1 of three, with a supervisor that only keeps what it is told.
class SwarmActorsTest : public ::testing::Test {
 protected:
  SwarmActorsTest() {
    for (const auto& problem : checked_.problems) ADD_FAILURE() << problem.to_string();
    host_.site = &site_;
    actors_.spawn_all(caf::actor_cast<caf::actor>(supervisor_));
  }
  ~SwarmActorsTest() override {
    for (const auto& actor : actors_.take_all()) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }

  /// `first` here, all of `last` on that node.
  void place(std::uint64_t counter, NodeNumber node_of_last) {
    Placement placement{{counter, here}, {{{here, {1, here}}}, {}, {{here, {1, here}}}}, {}};
    placement.parts[last].assign(replicas, {node_of_last, {counter, here}});
    actors_.place(placement);
  }
  /// Whether the swarm wanted a proxy.
  bool tell(NodeNumber node, ActorPresence presence) {
    bool asked = false;
    replaced_ = actors_.tell(node, presence, [&] {
      asked = true;
      return caf::actor_cast<caf::actor>(supervisor_);
    });
    return asked;
  }
  static ActorPresence up(std::uint32_t part, std::uint32_t replica, std::uint64_t counter, std::uint32_t life = 1) {
    return {part, replica, birth_of({counter, here}, life), PresenceState::up};
  }
  /// How often the supervisor was told that tables are outdated, since the last call.
  std::size_t renewals() {
    std::size_t count = 0;
    for (bool more = true; more;) {
      supervisor_->receive([&](RenewTables) { ++count; }, [](PlaceChild) {},
                           caf::after(std::chrono::seconds(0)) >> [&] { more = false; });
    }
    return count;
  }
  std::vector<Receiver> receivers() { return actors_.table(ChildId(0)).edges.at(0).receivers; }
  std::size_t reachable() {
    const auto all = receivers();
    return static_cast<std::size_t>(std::ranges::count_if(all, [](const Receiver& each) { return !each.away; }));
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  IoThreads io_{system_};
  Catalog catalog_{{SKEP_TEST_PLUGIN_DIRECTORY}};
  Catalog::Checked checked_ =
      catalog_.check(parse_swarm(swarm_file, "test.toml", [](const std::string&) { return std::nullopt; }));
  TestSite site_;
  std::vector<std::string> lines_;
  SwarmHost host_{system_, io_, [this](LogLevel, std::string_view, std::string_view text, std::span<const LogField>) {
                    lines_.emplace_back(text);
                  }};
  SwarmActors actors_{checked_.plan, host_, host_.log};
  caf::scoped_actor supervisor_{system_};
  std::optional<Epoch> replaced_;
};

TEST_F(SwarmActorsTest, TablesAreRenewedOnceForAllThatHasChanged) {
  place(1, other);
  for (std::uint32_t replica = 0; replica < replicas; ++replica) EXPECT_TRUE(tell(other, up(last, replica, 1)));
  EXPECT_EQ(renewals(), 1u);
  EXPECT_THAT(actors_.take_outdated(), ElementsAre(ChildId(0))) << "`first` sends to them";
  EXPECT_EQ(reachable(), replicas);
  EXPECT_THAT(actors_.take_outdated(), IsEmpty());
  EXPECT_FALSE(tell(other, up(last, 0, 1))) << "it is known";
  EXPECT_EQ(renewals(), 0u);
  EXPECT_TRUE(tell(other, up(last, 0, 1, 2)));
  EXPECT_EQ(replaced_, birth_of({1, here}, 1));
  EXPECT_EQ(renewals(), 1u);
}

TEST_F(SwarmActorsTest, WhatIsSaidBeforeItsPlacementCountsWithThat) {
  place(1, other);
  EXPECT_TRUE(tell(third, up(last, 3, 2)));
  EXPECT_EQ(reachable(), 0u);
  place(2, third);
  EXPECT_EQ(reachable(), 1u);
  EXPECT_TRUE(tell(other, up(last, 3, 1))) << "of an earlier placement, but it is that node's last word";
  EXPECT_EQ(reachable(), 1u);
  actors_.lose(third);
  EXPECT_EQ(reachable(), 0u);
}

TEST_F(SwarmActorsTest, ActorsThatTheSwarmDoesNotHaveAreNotKept) {
  place(1, other);
  EXPECT_FALSE(tell(other, up(3, 0, 1)));
  EXPECT_FALSE(tell(other, up(last, replicas, 1)));
}

TEST_F(SwarmActorsTest, BeesThatDrainAreGivenNothingThatItsSenderKeeps) {
  for (const auto delivery : {Delivery::at_most_once, Delivery::at_least_once}) {
    checked_.plan.delivery = delivery;
    SwarmActors actors(checked_.plan, host_, host_.log);
    actors.spawn_all(caf::actor_cast<caf::actor>(supervisor_));
    actors.place({{1, here}, {{{here, {1, here}}}, std::vector<Place>(replicas), {{here, {1, here}}}}, {}});
    EXPECT_THAT(actors.respawn({ChildId(0), 1}), SizeIs(3)) << "the gateways' replicas send to it";
    const auto birth = birth_of({1, here}, 1);
    const auto sender = sender_key(front, 1, 0);
    EXPECT_NE(actors.taker(first, 0, birth, sender), nullptr);
    int awaited = 0;
    site_.while_they_arrive = [&] {  // what is under way by then, and no more
      ++awaited;
      EXPECT_EQ(actors.taker(first, 0, birth, sender) == nullptr, delivery == Delivery::at_least_once);
    };
    actors.drain(std::chrono::milliseconds(1));
    EXPECT_EQ(awaited, 1);
    EXPECT_EQ(actors.taker(first, 0, birth, sender) == nullptr, delivery == Delivery::at_least_once);
    EXPECT_NE(actors.local(first, 0, birth), nullptr) << "acknowledgements reach it";
    for (const auto& actor : actors.take_all()) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
}

TEST_F(SwarmActorsTest, LinksThatAreTooBusyForADrainAreTold) {
  actors_.drain(std::chrono::milliseconds(5));
  EXPECT_THAT(lines_, IsEmpty());
  site_.in_time = false;
  actors_.drain(std::chrono::milliseconds(5));
  EXPECT_THAT(lines_, ElementsAre(HasSubstr("not handed on within 5ms")));
}

TEST_F(SwarmActorsTest, RecordsComeAlongTheEdgesOfTheSwarmOnly) {
  SwarmActors actors(checked_.plan, host_, host_.log);
  actors.spawn_all(caf::actor_cast<caf::actor>(supervisor_));
  const std::vector<Place> once{{here, {1, here}}};
  actors.place({{1, here}, {once, std::vector<Place>(replicas, once[0]), once}, {}});
  EXPECT_THAT(actors.respawn({ChildId(0), 1}), SizeIs(3));
  EXPECT_THAT(actors.respawn({ChildId(1), 1}), SizeIs(1));
  const auto birth = birth_of({1, here}, 1);
  const auto takes = [&](std::uint32_t part, SenderKey sender) {
    return actors.taker(part, 0, birth, sender) != nullptr;
  };
  EXPECT_THAT(actors.respawn({ChildId(101), 1}), SizeIs(101)) << "all bees answer to a gateway";
  EXPECT_FALSE(takes(first, SenderKey{})) << "without a session";
  for (std::uint32_t node = 0; node < 3; ++node) EXPECT_TRUE(takes(first, sender_key(front, node, 0)));
  EXPECT_FALSE(takes(first, sender_key(front, 3, 0))) << "there are three nodes";
  EXPECT_FALSE(takes(first, sender_key(front, 0, 1))) << "a gateway without a second edge";
  EXPECT_FALSE(takes(first, sender_key(front, 0, reply_edge)));
  EXPECT_FALSE(takes(first, sender_key(last, 0, 0)));
  EXPECT_FALSE(takes(first, sender_key(3, 0, 0))) << "no such part";
  EXPECT_TRUE(takes(last, sender_key(first, 0, 0)));
  EXPECT_FALSE(takes(last, sender_key(front, 0, 0))) << "its edge leads elsewhere";
  EXPECT_FALSE(takes(last, sender_key(first, 0, reply_edge))) << "answers are for gateways";
  EXPECT_TRUE(takes(front, sender_key(last, replicas - 1, reply_edge)));
  EXPECT_FALSE(takes(front, sender_key(last, replicas, reply_edge)));
  EXPECT_FALSE(takes(front, sender_key(front, 0, reply_edge)));
  for (const auto& actor : actors.take_all()) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

TEST_F(SwarmActorsTest, ASinkElsewhereIsReachedAsItSaysAndOneHereSaysSo) {
  for (const auto* route : {"any", "key"}) {
    const auto out = "[gateways.out]\ntype = \"tcp\"\nlisten = \"127.0.0.1:0\"\nfrom = [{ bee = \"first\", route = \"" +
                     std::string(route) + "\" }]\n";
    auto checked =
        catalog_.check(parse_swarm(swarm_file + out, "test.toml", [](const std::string&) { return std::nullopt; }));
    checked.plan.delivery = Delivery::at_least_once;
    const std::uint32_t sink = front + 1;
    TestSite site(2);
    auto host = host_;
    host.site = &site;
    host.log = [](LogLevel, std::string_view, std::string_view, std::span<const LogField>) {};  // of any thread
    SwarmActors actors(checked.plan, host, host.log);
    actors.spawn_all(caf::actor_cast<caf::actor>(supervisor_));
    const std::vector<Place> on_all{{here, {1, here}}, {other, {1, here}}, {third, {1, here}}};
    actors.place({{1, here}, {{{here, {1, here}}}, std::vector<Place>(replicas), on_all, on_all}, {}});
    const auto edge = [&] {
      const auto edges = actors.table(ChildId(0)).edges;
      return *std::ranges::find(edges, std::string("out"), &EdgeRoute::to);
    };
    EXPECT_EQ(edge().settings.hands_over, std::string(route) == "any");
    const auto says = [&](PresenceState state) {
      auto said = up(sink, 1, 1);
      said.state = state;
      static_cast<void>(actors.tell(other, said, [&] { return caf::actor_cast<caf::actor>(supervisor_); }));
      return edge().receivers.at(1);
    };
    const auto reached = says(PresenceState::up);
    EXPECT_FALSE(reached.away);
    const auto draining = says(PresenceState::draining);
    EXPECT_TRUE(draining.away && draining.drains);
    EXPECT_EQ(draining.actor, reached.actor) << "it acknowledges as before";
    EXPECT_EQ(draining.epoch, reached.epoch);
    const auto drained = says(PresenceState::drained);
    EXPECT_TRUE(drained.away && !drained.drains);
    EXPECT_EQ(drained.actor, nullptr);

    const ChildId own{104};
    static_cast<void>(actors.respawn({own, 1}));
    actors.up(own);
    actors.drain_sinks();
    ASSERT_FALSE(site.said.empty());
    EXPECT_EQ(site.said.back().part, sink);
    EXPECT_EQ(site.said.back().state, PresenceState::draining);
    actors.drained();
    EXPECT_EQ(site.said.back().state, PresenceState::drained);
    for (const auto& actor : actors.take_all()) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }
}

TEST_F(SwarmActorsTest, OfASwarmThatHasFailedHereTheOthersHearThatItsBeesTakeNothing) {
  place(1, other);
  actors_.failed("too many restarts");
  ASSERT_THAT(site_.said, SizeIs(1)) << "`first`; the gateway goes on to answer";
  EXPECT_EQ(site_.said[0].part, first);
  EXPECT_EQ(site_.said[0].state, PresenceState::ended);
  place(2, here);
  ASSERT_THAT(site_.said, SizeIs(1 + replicas)) << "nor do those that are placed here after that";
  EXPECT_EQ(decision_of(site_.said.back().epoch), (Epoch{2, here}));
  EXPECT_EQ(site_.said.back().state, PresenceState::ended);
}

}  // namespace swarm_actors_test
}  // namespace skep::detail
