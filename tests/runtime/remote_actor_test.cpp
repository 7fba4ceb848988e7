#include "link/remote_actor.hpp"

#include <gtest/gtest.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/make_counted.hpp>
#include <caf/node_id.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "recording_outlet.hpp"
#include "skep/actors/edge_inputs.hpp"

namespace skep {
namespace remote_actor_test {

RecordBatch batch_of(std::initializer_list<const char*> texts) {
  RecordBatch batch;
  for (const auto* text : texts) {
    batch.packet.records.emplace_back(RecordHeader{}, Payload::raw(text));
    batch.packet.bytes += std::string_view(text).size();
  }
  return batch;
}

class RemoteActorTest : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds time_max{10};

  caf::actor make() {
    return RemoteActor::make(system_, *caf::make_node_id(7, "0123456789012345678901234567890123456789"), address_,
                             outlet_);
  }

  /// What a request for `message` is answered with.
  template <class T>
  std::optional<caf::error> error_of_request(const caf::actor& to, T message) {
    std::optional<caf::error> failed;
    self_->request(to, time_max, std::move(message)).receive([] {}, [&](const caf::error& error) { failed = error; });
    return failed;
  }
  std::optional<caf::error> down_reason() {
    std::optional<caf::error> reason;
    self_->receive([&](const caf::down_msg& down) { reason = down.reason; }, caf::after(time_max) >> [] {});
    return reason;
  }

  caf::actor_system_config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
  caf::intrusive_ptr<RecordingOutlet> outlet_ = caf::make_counted<RecordingOutlet>();
  BeeAddress address_{.swarm = 1, .part = 2, .replica = 3, .epoch = {4, 5}};
};

TEST_F(RemoteActorTest, ItsBatchesDrawOnTheCreditOfOtherNodes) {
  const auto granted_to = [](const caf::strong_actor_ptr& sender) {
    EdgeInputs inputs({.self = {1, 1}});
    auto batch = batch_of({"x"});
    batch.sender = sender_key(0, 0, 0);
    batch.packet.receiver = {1, 1};
    batch.packet.prompt = true;
    const auto arrival = inputs.receive(std::move(batch), sender);
    inputs.accepted(arrival, 0, 1);
    return inputs.take_acks().at(0).message.ack.granted.records;
  };
  EXPECT_EQ(granted_to(caf::actor_cast<caf::strong_actor_ptr>(self_)), limits::credit_share_records + 1);
  EXPECT_EQ(granted_to(caf::actor_cast<caf::strong_actor_ptr>(make())), limits::credit_records / 8 + 1);
}

TEST_F(RemoteActorTest, HandsOnRecordsAnswersAndAcknowledgements) {
  const auto remote = make();
  self_->send(remote, batch_of({"one", "two"}));
  self_->send(remote, ReplyBatch{batch_of({"answer"})});
  BatchAck ack;
  ack.edge = 9;
  caf::anon_send(remote, ack);
  ASSERT_EQ(outlet_->batches.size(), 1u);
  EXPECT_EQ(outlet_->batches[0].packet.records[1].text(), "two");
  EXPECT_EQ(outlet_->batches[0].packet.bytes, 6u);
  ASSERT_EQ(outlet_->replies.size(), 1u);
  EXPECT_EQ(outlet_->replies[0].batch.packet.records[0].text(), "answer");
  ASSERT_EQ(outlet_->acks.size(), 1u);
  EXPECT_EQ(outlet_->acks[0].edge, 9u);
  EXPECT_EQ(outlet_->addresses, std::vector(3, address_));
  EXPECT_EQ(outlet_->refusals, 0u);
  kill_remote(remote, caf::exit_reason::user_shutdown);
}

TEST_F(RemoteActorTest, AMessageThatOthersHaveTooIsLeftToThem) {
  const auto remote = make();
  const auto shared = caf::make_message(batch_of({"one"}));
  self_->send(remote, shared);
  self_->send(remote, shared);
  ASSERT_EQ(outlet_->batches.size(), 2u);
  for (const auto& batch : outlet_->batches) {
    ASSERT_EQ(batch.packet.records.size(), 1u);
    EXPECT_EQ(batch.packet.records[0].text(), "one");
  }
  EXPECT_EQ(shared.get_as<RecordBatch>(0).packet.records.size(), 1u);
  kill_remote(remote, caf::exit_reason::user_shutdown);
}

TEST_F(RemoteActorTest, ForeignMessagesAreRefusedAtOnce) {
  const auto remote = make();
  self_->send(remote, std::string("hello"));
  self_->send(remote, batch_of({"one"}), 7);
  self_->send(remote, Drain{});
  caf::anon_send_exit(remote, caf::exit_reason::kill);
  EXPECT_EQ(outlet_->refusals, 4u);
  const auto failed = error_of_request(remote, std::string("hello"));
  ASSERT_TRUE(failed.has_value());
  EXPECT_EQ(*failed, caf::sec::unexpected_message);
  EXPECT_EQ(error_of_request(remote, batch_of({"one"})), caf::error(caf::sec::unexpected_message))
      << "nobody would answer it";
  EXPECT_EQ(outlet_->refusals, 6u);
  EXPECT_TRUE(outlet_->addresses.empty());
  self_->send(remote, batch_of({"one"}));
  EXPECT_EQ(outlet_->batches.size(), 1u) << "and it lives on";
  kill_remote(remote, caf::exit_reason::user_shutdown);
}

TEST_F(RemoteActorTest, TellsItsMonitorsWhenTheLinkHasEnded) {
  const auto remote = make();
  self_->monitor(remote);
  kill_remote(remote, caf::exit_reason::remote_link_unreachable);
  EXPECT_EQ(down_reason(), caf::error(caf::exit_reason::remote_link_unreachable));
  self_->monitor(remote);
  EXPECT_EQ(down_reason(), caf::error(caf::exit_reason::remote_link_unreachable)) << "also those who ask later";
  kill_remote(remote, caf::exit_reason::user_shutdown);
  self_->receive([](const caf::down_msg&) { FAIL() << "once each"; }, caf::after(std::chrono::seconds(0)) >> [] {});
}

TEST_F(RemoteActorTest, AnEndedOneDropsWhatComesAndRefusesRequestsWithTheReason) {
  const auto remote = make();
  kill_remote(remote, caf::exit_reason::remote_link_unreachable);
  self_->send(remote, batch_of({"one"}));
  self_->send(remote, std::string("hello"));
  EXPECT_TRUE(outlet_->batches.empty());
  EXPECT_EQ(outlet_->refusals, 0u);
  EXPECT_EQ(error_of_request(remote, std::string("hello")), caf::error(caf::exit_reason::remote_link_unreachable));
}

TEST_F(RemoteActorTest, ANormalEndIsTold) {
  const auto remote = make();
  self_->monitor(remote);
  kill_remote(remote, {});
  const auto reason = down_reason();
  ASSERT_TRUE(reason.has_value());
  EXPECT_FALSE(*reason);
}

TEST_F(RemoteActorTest, ManyThreadsSendWhileItEnds) {
  constexpr std::size_t senders = 4, each = 500;
  for (int round = 0; round < 20; ++round) {
    const auto remote = make();
    self_->monitor(remote);
    std::vector<std::thread> threads;
    for (std::size_t sender = 0; sender < senders; ++sender) {
      threads.emplace_back([&] {
        for (std::size_t i = 0; i < each; ++i) caf::anon_send(remote, batch_of({"x"}));
      });
    }
    kill_remote(remote, caf::exit_reason::remote_link_unreachable);
    for (auto& thread : threads) thread.join();
    EXPECT_TRUE(down_reason().has_value()) << "round " << round;
    const auto handed_on = outlet_->batches.size();
    self_->send(remote, batch_of({"x"}));
    EXPECT_EQ(outlet_->batches.size(), handed_on) << "round " << round;
    EXPECT_LE(handed_on, senders * each * static_cast<std::size_t>(round + 1));
  }
}

}  // namespace remote_actor_test
}  // namespace skep
