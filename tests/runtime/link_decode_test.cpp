// What another node's messages are refused for.

#include <gtest/gtest.h>

#include "link/link_codec.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/schema/link.capnp.h"
#include "skep/serialization/typed.hpp"
#include "support/link_samples.hpp"

namespace skep {
namespace link_decode_test {

using namespace link_samples;

const std::string accepted = "accepted";

/// A message as a foreign encoder writes it: what is wrong with it.
template <class Fill>
std::string problem(Fill&& fill) {
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<wire::LinkMessage>());
  const auto read = decode(Payload::message(message, {}).owner, now);
  if (read) return accepted;
  EXPECT_EQ(read.error().code, errc::bad_record);
  const std::string prefix = "malformed message of a link: ";
  EXPECT_TRUE(read.error().message.starts_with(prefix)) << read.error().message;
  return read.error().message.substr(prefix.size());
}

/// One that is right but for `change`.
template <class Change>
std::string in_hello(Change&& change) {
  return problem([&](wire::LinkMessage::Builder out) {
    auto hello = out.initHello();
    hello.setProtocolMin(1);
    hello.setProtocolMax(1);
    hello.setNodeNumber(1);
    hello.setIncarnation(1);
    hello.initNodesDigest(32);
    change(hello);
  });
}

template <class Change>
std::string in_batch(Change&& change) {
  const auto batch = problem([&](wire::LinkMessage::Builder out) { change(out.initBatch()); });
  const auto reply = problem([&](wire::LinkMessage::Builder out) { change(out.initReply()); });
  EXPECT_EQ(batch, reply);
  return batch;
}

template <class Change>
std::string in_ack(Change&& change) {
  return problem([&](wire::LinkMessage::Builder out) { change(out.initAck()); });
}

template <class Change>
std::string in_placement(Change&& change) {
  return problem([&](wire::LinkMessage::Builder out) { change(out.initPlacement()); });
}

template <class Change>
std::string in_presence(Change&& change) {
  return problem([&](wire::LinkMessage::Builder out) { change(out.initPresence().initActors(1)[0]); });
}

TEST(LinkDecodeTest, TakesWhatIsChangedBelow) {
  EXPECT_EQ(in_hello([](auto) {}), accepted);
  EXPECT_EQ(in_batch([](auto) {}), accepted);
  EXPECT_EQ(in_ack([](auto) {}), accepted);
  EXPECT_EQ(in_placement([](auto) {}), accepted);
  EXPECT_EQ(in_presence([](auto) {}), accepted);
}

TEST(LinkDecodeTest, RefusesAnUnknownKindOfMessage) {
  auto body = body_of_message(LinkHeartbeat{});
  body.writable()[16] = std::byte{8};
  EXPECT_EQ(decode(body, now).error().message, "malformed message of a link: unknown kind 8");
}

TEST(LinkDecodeTest, RefusesUnknownEnumerants) {
  EXPECT_EQ(in_hello([](auto hello) { hello.setStream(static_cast<wire::Stream>(2)); }), "unknown stream 2");
  EXPECT_EQ(in_presence([](auto actor) { actor.setState(static_cast<wire::PresenceState>(4)); }), "unknown presence 4");
}

TEST(LinkDecodeTest, SaysInItsOwnWordsWhatIsWrongWithABrokenMessage) {
  auto body = body_of_message(hello());
  body.writable()[9] = std::byte{0xFF};  // where its root is
  EXPECT_EQ(decode(body, now).error().message,
            "malformed message of a link: a pointer, a size or a text in it is wrong");
}

TEST(LinkDecodeTest, RefusesDigestsThatAreNone) {
  for (const unsigned bytes : {0, 31, 33}) {
    const auto expected = "a digest of " + std::to_string(bytes) + " bytes, which has 32";
    EXPECT_EQ(in_hello([&](auto hello) { hello.initNodesDigest(bytes); }), expected);
    const auto in_swarm = [&](unsigned file, unsigned plugins, unsigned models) {
      return in_hello([&](auto hello) {
        auto swarm = hello.initSwarms(1)[0];
        swarm.initFile(file);
        swarm.initPlugins(plugins);
        swarm.initModels(models);
      });
    };
    EXPECT_EQ(in_swarm(bytes, 32, 32), expected);
    EXPECT_EQ(in_swarm(32, bytes, 32), expected);
    EXPECT_EQ(in_swarm(32, 32, bytes), expected);
  }
}

TEST(LinkDecodeTest, RefusesProtocolsInTheWrongOrder) {
  EXPECT_EQ(in_hello([](auto hello) { hello.setProtocolMin(2); }), "protocols that end before they begin");
}

TEST(LinkDecodeTest, RefusesNamesOverTheirLimits) {
  const auto cluster = [](std::size_t bytes) {
    return in_hello([&](auto hello) { hello.setCluster(std::string(bytes, 'c')); });
  };
  EXPECT_EQ(cluster(limits::peer_name_bytes_max), accepted);
  EXPECT_EQ(cluster(limits::peer_name_bytes_max + 1),
            "the cluster's name has 65 bytes; the limit peer_name_bytes_max is 64");
  EXPECT_EQ(in_hello([](auto hello) { hello.setNode(std::string(limits::peer_name_bytes_max + 1, 'n')); }),
            "the node's name has 65 bytes; the limit peer_name_bytes_max is 64");
  EXPECT_EQ(in_hello([](auto hello) { hello.initSwarms(1)[0].setName(std::string(limits::name_bytes_max + 1, 's')); }),
            "the swarm's name has 65 bytes; the limit name_bytes_max is 64");
}

TEST(LinkDecodeTest, RefusesReasonsOverLinkTextBytesMax) {
  const std::string most(limits::link_text_bytes_max, 'w');
  const auto refusal = [](const std::string& why) {
    return problem([&](wire::LinkMessage::Builder out) { out.initRefusal().setWhy(why); });
  };
  EXPECT_EQ(refusal(most), accepted);
  EXPECT_EQ(refusal(most + "w"), "the reason has 1025 bytes; the limit link_text_bytes_max is 1024");
}

TEST(LinkDecodeTest, RefusesMoreSwarmsThanLinkSwarmsMax) {
  const auto swarms = [](unsigned count) {
    return in_hello([&](auto hello) {
      for (auto swarm : hello.initSwarms(count)) {
        swarm.initFile(32);
        swarm.initPlugins(32);
        swarm.initModels(32);
      }
    });
  };
  EXPECT_EQ(swarms(limits::link_swarms_max), accepted);
  EXPECT_EQ(swarms(limits::link_swarms_max + 1), "the hello has 257 swarms; the limit link_swarms_max is 256");
}

TEST(LinkDecodeTest, RefusesMoreViewsThanLinkNodesMax) {
  EXPECT_EQ(
      problem([](wire::LinkMessage::Builder out) { out.initHeartbeat().initViews(limits::cluster_nodes_max + 1); }),
      "the heartbeat has 65 views; the limit cluster_nodes_max is 64");
  EXPECT_EQ(
      problem([](wire::LinkMessage::Builder out) { out.initHeartbeat().initFailed(limits::link_swarms_max + 1); }),
      "the heartbeat has 257 swarms; the limit link_swarms_max is 256");
  EXPECT_EQ(problem([](wire::LinkMessage::Builder out) { out.initHeartbeat().initFailed(1).set(0, 256); }),
            "swarm 256, where 255 is the last");
  EXPECT_EQ(problem([](wire::LinkMessage::Builder out) { out.initHeartbeat().initFailed(2); }),
            "failed swarms that are not in order");
}

TEST(LinkDecodeTest, RefusesNodesThatNoClusterHas) {
  const std::string expected = "node 65, where 64 is the last";
  const auto wrong = limits::cluster_nodes_max + 1;
  EXPECT_EQ(in_hello([&](auto hello) { hello.setNodeNumber(wrong); }), expected);
  EXPECT_EQ(in_hello([&](auto hello) { hello.setNodeNumber(0); }), "node 0, where 1 is the first");
  EXPECT_EQ(in_batch([&](auto batch) { batch.initTo().getEpoch().setNode(wrong << 24); }), expected);
  EXPECT_EQ(in_batch([&](auto batch) { batch.getSenderEpoch().setNode(wrong << 24); }), expected);
  EXPECT_EQ(in_ack([&](auto ack) { ack.getSenderEpoch().setNode(wrong << 24); }), expected);
  EXPECT_EQ(in_ack([&](auto ack) { ack.getReceiverEpoch().setNode(wrong << 24); }), expected);
  EXPECT_EQ(in_placement([&](auto placement) { placement.getEpoch().setNode(wrong); }), expected);
  EXPECT_EQ(in_placement([&](auto placement) { placement.initParts(1).init(0, 1)[0].setNode(wrong); }), expected);
  EXPECT_EQ(in_placement([&](auto placement) { placement.initParts(1).init(0, 1)[0].getEpoch().setNode(wrong); }),
            expected);
  EXPECT_EQ(in_presence([&](auto actor) { actor.getEpoch().setNode(wrong << 24); }), expected);
}

TEST(LinkDecodeTest, RefusesMoreLivesThanNodes) {
  EXPECT_EQ(in_placement([](auto placement) { placement.initIncarnations(limits::cluster_nodes_max + 1); }),
            "the placement has 65 nodes; the limit cluster_nodes_max is 64");
}

TEST(LinkDecodeTest, RefusesSwarmsBehindTheLast) {
  const std::string expected = "swarm 256, where 255 is the last";
  const auto wrong = static_cast<std::uint32_t>(limits::link_swarms_max);
  EXPECT_EQ(in_batch([&](auto batch) { batch.initTo().setSwarm(wrong); }), expected);
  EXPECT_EQ(in_ack([&](auto ack) { ack.initTo().setSwarm(wrong); }), expected);
  EXPECT_EQ(in_placement([&](auto placement) { placement.setSwarm(wrong); }), expected);
  EXPECT_EQ(problem([&](wire::LinkMessage::Builder out) { out.initPresence().setSwarm(wrong); }), expected);
}

TEST(LinkDecodeTest, RefusesPartsReplicasAndEdgesThatNoKeyHolds) {
  const std::string part = "part 8388608, where 8388607 is the last";
  const std::string replica = "replica 1048576, where 1048575 is the last";
  const std::string edge = "edge 1048576, where 1048575 is the last";
  EXPECT_EQ(in_batch([](auto batch) { batch.initTo().setPart(1u << 23); }), part);
  EXPECT_EQ(in_ack([](auto ack) { ack.initTo().setPart(1u << 23); }), part);
  EXPECT_EQ(in_presence([](auto actor) { actor.setPart(1u << 23); }), part);
  EXPECT_EQ(in_batch([](auto batch) { batch.initTo().setReplica(1u << 20); }), replica);
  EXPECT_EQ(in_ack([](auto ack) { ack.initTo().setReplica(1u << 20); }), replica);
  EXPECT_EQ(in_presence([](auto actor) { actor.setReplica(1u << 20); }), replica);
  EXPECT_EQ(in_batch([](auto batch) { batch.setEdge(reply_edge + 1); }), edge);
  EXPECT_EQ(in_ack([](auto ack) { ack.setEdge(reply_edge + 1); }), edge);
  EXPECT_EQ(in_batch([](auto batch) { batch.setEdge(reply_edge); }), accepted);
}

TEST(LinkDecodeTest, RefusesASendersKeyOfAnotherForm) {
  const auto with_key = [](SenderKey key) {
    return in_batch([&](auto batch) { batch.setSenderKey(static_cast<std::uint64_t>(key)); });
  };
  EXPECT_EQ(with_key(SenderKey{1}), "a sender's key of another form");
  EXPECT_EQ(with_key(SenderKey{~std::uint64_t{0} >> 1}), "a sender's key of another form");
  EXPECT_EQ(with_key(sender_key(0, 0, 0)), accepted);
  EXPECT_EQ(with_key(SenderKey{}), accepted);
}

TEST(LinkDecodeTest, RefusesABaseAboveTheFirst) {
  const std::string expected = "a session that begins behind its records";
  EXPECT_EQ(in_batch([](auto batch) { batch.getBase().setRecords(1); }), expected);
  EXPECT_EQ(in_batch([](auto batch) { batch.getBase().setBytes(1); }), expected);
}

TEST(LinkDecodeTest, RefusesADemandOfLessThanWasSent) {
  const std::string expected = "a demand of less than was sent";
  EXPECT_EQ(in_batch([](auto batch) { batch.getSpent().setRecords(1); }), expected);
  EXPECT_EQ(in_batch([](auto batch) { batch.getSpent().setBytes(1); }), expected);
}

TEST(LinkDecodeTest, RefusesALifeThatNoProcessHas) {
  EXPECT_EQ(in_hello([](auto hello) { hello.setIncarnation(0); }), "incarnation 0, which no process has");
}

TEST(LinkDecodeTest, RefusesEpochsBehindTheLast) {
  const std::string expected = "epoch 9223372036854775808, where 9223372036854775807 is the last";
  constexpr auto wrong = std::uint64_t{1} << 63;
  EXPECT_EQ(in_batch([&](auto batch) { batch.initTo().getEpoch().setCounter(wrong); }), expected);
  EXPECT_EQ(in_batch([&](auto batch) { batch.getSenderEpoch().setCounter(wrong); }), expected);
  EXPECT_EQ(in_ack([&](auto ack) { ack.getSenderEpoch().setCounter(wrong); }), expected);
  EXPECT_EQ(in_placement([&](auto placement) { placement.getEpoch().setCounter(wrong); }), expected);
  EXPECT_EQ(in_placement([&](auto placement) { placement.initParts(1).init(0, 1)[0].getEpoch().setCounter(wrong); }),
            expected);
  EXPECT_EQ(in_placement([&](auto placement) { placement.getEpoch().setCounter(wrong - 1); }), accepted);
  EXPECT_EQ(in_presence([&](auto actor) { actor.getEpoch().setCounter(UINT64_MAX); }),
            "epoch 18446744073709551615, where 9223372036854775807 is the last");
}

TEST(LinkDecodeTest, RefusesTotalsThatOverflow) {
  const auto with_one_record = [](std::uint64_t records, std::uint64_t bytes) {
    return in_batch([&](auto batch) {
      batch.getFirst().setRecords(records);
      batch.getFirst().setBytes(bytes);
      batch.initRecords().initHeads(1)[0].setPayloadBytes(2);
      batch.getRecords().initBytes(2);
    });
  };
  const std::string expected = "more records or bytes than can be counted";
  constexpr auto most = std::uint64_t{1} << 62;
  EXPECT_EQ(with_one_record(most, most), accepted);
  EXPECT_EQ(with_one_record(most + 1, 0), expected);
  EXPECT_EQ(with_one_record(0, UINT64_MAX), expected);
  const std::string demand = "a demand of more records or bytes than can be counted";
  EXPECT_EQ(in_batch([](auto batch) { batch.getAll().setRecords(most + 1); }), demand);
  EXPECT_EQ(in_batch([](auto batch) { batch.getAll().setBytes(most + 1); }), demand);
  EXPECT_EQ(in_batch([](auto batch) { batch.setNextBytes(UINT64_MAX); }), demand);
}

TEST(LinkDecodeTest, RefusesTimesThatAreLessThanNone) {
  const std::string expected = "a time before now that is less than none";
  EXPECT_EQ(in_batch([](auto batch) { batch.setAgeNs(-2); }), expected);
  EXPECT_EQ(in_batch([](auto batch) { batch.setSpentNs(-2); }), expected);
  EXPECT_EQ(in_batch([](auto batch) { batch.setAgeNs(INT64_MAX); }), accepted);
}

TEST(LinkDecodeTest, RefusesMoreRecordsThanBatchRecordsMax) {
  EXPECT_EQ(in_batch([](auto batch) { batch.initRecords().initHeads(limits::batch_records_max + 1); }),
            "the batch has 4097 records; the limit batch_records_max is 4096");
}

TEST(LinkDecodeTest, RefusesARecordThatBreaksARule) {
  EXPECT_EQ(in_batch([](auto batch) {
              batch.initRecords().initHeads(1)[0].setKeyBytes(limits::key_bytes_max + 1);
              batch.getRecords().initBytes(limits::key_bytes_max + 1);
            }),
            "the key has 1025 bytes; the limit key_bytes_max is 1024");
}

TEST(LinkDecodeTest, RefusesPlacementsOverTheirLimits) {
  EXPECT_EQ(in_placement([](auto placement) { placement.initParts(limits::swarm_bees_max + 1); }),
            "the placement has 4097 parts; the limit swarm_bees_max is 4096");
  EXPECT_EQ(in_placement([](auto placement) { placement.initParts(1).init(0, limits::replicas_max + 1); }),
            "a part has 100001 replicas; the limit replicas_max is 100000");
}

TEST(LinkDecodeTest, RefusesMorePlacesThanLinkPlacesMax) {
  const auto places = [](unsigned more) {
    return in_placement([&](auto placement) {
      constexpr auto parts = limits::link_places_max / limits::replicas_max;
      auto lists = placement.initParts(parts + 1);
      for (unsigned i = 0; i < parts; ++i) lists.init(i, limits::replicas_max);
      lists.init(parts, more);
    });
  };
  EXPECT_EQ(places(0), accepted);
  EXPECT_EQ(places(1), "the placement has 1000001 replicas; the limit link_places_max is 1000000");
}

TEST(LinkDecodeTest, RefusesMoreActorsThanLinkPresencesMax) {
  const auto actors = [](unsigned count) {
    return problem([&](wire::LinkMessage::Builder out) { out.initPresence().initActors(count); });
  };
  EXPECT_EQ(actors(limits::link_presences_max), accepted);
  EXPECT_EQ(actors(limits::link_presences_max + 1),
            "the notice has 10001 actors; the limit link_presences_max is 10000");
}

}  // namespace link_decode_test
}  // namespace skep
