#include "link/remote_actors.hpp"

#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_counted.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <thread>
#include <vector>

#include "recording_outlet.hpp"

namespace skep {
namespace remote_actors_test {

class RemoteActorsTest : public ::testing::Test {
 protected:
  static BeeAddress address(std::uint32_t replica, std::uint64_t counter = 1) {
    return {.swarm = 0, .part = 1, .replica = replica, .epoch = {counter, 1}};
  }
  caf::error down_reason() {
    caf::error reason = caf::exit_reason::unknown;
    self_->receive([&](const caf::down_msg& down) { reason = down.reason; },
                   caf::after(std::chrono::seconds(10)) >> [] { ADD_FAILURE() << "no DOWN"; });
    return reason;
  }
  void no_down() {
    self_->receive([](const caf::down_msg&) { ADD_FAILURE() << "a DOWN too many"; },
                   caf::after(std::chrono::seconds(0)) >> [] {});
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
  caf::intrusive_ptr<RecordingOutlet> outlet_ = caf::make_counted<RecordingOutlet>();
  RemoteActors actors_{system_, *caf::make_node_id(7, "0123456789012345678901234567890123456789"), outlet_};
};

TEST_F(RemoteActorsTest, OneForEachAddress) {
  const auto one = actors_.get(address(1));
  EXPECT_EQ(actors_.get(address(1)), one);
  EXPECT_NE(actors_.get(address(2)), one);
  EXPECT_NE(actors_.get(address(1, 2)), one) << "a new placement is another one";
  EXPECT_EQ(actors_.size(), 3u);
  self_->send(one, BatchAck{});
  EXPECT_EQ(outlet_->addresses, std::vector{address(1)});
}

TEST_F(RemoteActorsTest, NoMoreThanSo) {
  RemoteActors few(system_, *caf::make_node_id(7, "0123456789012345678901234567890123456789"), outlet_, 2);
  const auto one = few.get(address(1));
  EXPECT_TRUE(few.get(address(2)));
  EXPECT_FALSE(few.get(address(3)));
  EXPECT_EQ(few.get(address(1)), one);
  few.end(address(2), caf::exit_reason::kill);
  EXPECT_TRUE(few.get(address(3)));
}

TEST_F(RemoteActorsTest, AreKeptForTheirMonitorsAlone) {
  self_->monitor(actors_.get(address(1)));
  actors_.end(address(1), caf::exit_reason::kill);
  EXPECT_EQ(down_reason(), caf::error(caf::exit_reason::kill));
  EXPECT_EQ(actors_.size(), 0u);
}

TEST_F(RemoteActorsTest, OneThatEndsLeavesTheOthers) {
  const auto one = actors_.get(address(1)), two = actors_.get(address(2));
  self_->monitor(two);
  actors_.end(address(1), {});
  actors_.end(address(3), {});
  no_down();
  self_->send(one, BatchAck{});
  EXPECT_TRUE(outlet_->acks.empty());
  self_->send(two, BatchAck{});
  EXPECT_EQ(outlet_->acks.size(), 1u);
  EXPECT_NE(actors_.get(address(1)), one);
}

TEST_F(RemoteActorsTest, AllEndWithTheLink) {
  const auto one = actors_.get(address(1));
  for (std::uint32_t replica = 1; replica <= 3; ++replica) self_->monitor(actors_.get(address(replica)));
  actors_.end_all(caf::exit_reason::remote_link_unreachable);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(down_reason(), caf::error(caf::exit_reason::remote_link_unreachable));
  actors_.end_all(caf::exit_reason::kill);
  no_down();
  EXPECT_EQ(actors_.size(), 0u);
  const auto late = actors_.get(address(9));
  self_->send(late, BatchAck{});
  self_->send(one, BatchAck{});
  EXPECT_TRUE(outlet_->addresses.empty());
  self_->monitor(late);
  EXPECT_EQ(down_reason(), caf::error(caf::exit_reason::remote_link_unreachable));
}

/// A link cut again and again under load, as ASan sees it.
TEST_F(RemoteActorsTest, AThousandLinksCutUnderLoadLeaveNothing) {
  for (int round = 0; round < 1000; ++round) {
    RemoteActors link(system_, *caf::make_node_id(7, "0123456789012345678901234567890123456789"), outlet_);
    const auto actor = link.get(address(1));
    self_->monitor(actor);
    std::thread sender([&] {
      for (int i = 0; i < 100; ++i) caf::anon_send(actor, RecordBatch{});
    });
    std::thread asker([&] {
      for (std::uint32_t i = 0; i < 20; ++i) caf::anon_send(link.get(address(i)), BatchAck{});
    });
    link.end_all(caf::exit_reason::remote_link_unreachable);
    sender.join();
    asker.join();
    EXPECT_EQ(down_reason(), caf::error(caf::exit_reason::remote_link_unreachable));
    EXPECT_EQ(link.size(), 0u);
    outlet_->batches.clear();
  }
  actors_.end_all({});
  EXPECT_EQ(outlet_->get_reference_count(), 2u) << "the test's, and that of `actors_`: no proxy is left";
}

}  // namespace remote_actors_test
}  // namespace skep
