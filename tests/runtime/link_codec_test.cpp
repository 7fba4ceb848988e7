#include "link/link_codec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "link/link_frame.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/schema/link.capnp.h"
#include "skep/serialization/typed.hpp"
#include "support/link_samples.hpp"

namespace skep {
namespace link_codec_test {

using namespace std::chrono_literals;
using namespace link_samples;

std::vector<std::uint64_t> words_of(const Buffer& frames) {
  std::vector<std::uint64_t> words(frames.bytes().size() / 8);
  std::memcpy(words.data(), frames.bytes().data(), frames.bytes().size());
  return words;
}

TEST(LinkCodecTest, ReadsBackAHello) {
  EXPECT_EQ(round_trip(hello()), hello());
}

TEST(LinkCodecTest, TheLongestHelloHasRoomInLinkHelloBytesMax) {
  auto longest = hello();
  longest.cluster = longest.node = std::string(limits::peer_name_bytes_max, 'x');
  longest.swarms.assign(limits::link_swarms_max, {std::string(limits::name_bytes_max, 'x'), {}});
  EXPECT_EQ(round_trip(longest), longest);
  EXPECT_LE(encode(longest).bytes().size(), limits::link_hello_bytes_max);
}

TEST(LinkCodecTest, ReadsBackARefusalAndCutsALongOne) {
  EXPECT_EQ(round_trip(LinkRefusal{"another cluster"}), LinkRefusal{"another cluster"});
  EXPECT_EQ(round_trip(LinkRefusal{}), LinkRefusal{});
  EXPECT_EQ(round_trip(LinkRefusal{std::string(limits::link_text_bytes_max - 1, 'x') + "é"}).why,
            std::string(limits::link_text_bytes_max - 1, 'x'));
}

TEST(LinkCodecTest, ReadsBackHeartbeats) {
  const LinkHeartbeat heartbeat{{NodeSet(5), NodeSet(), NodeSet(~std::uint64_t{0})}, {0, 7, 255}};
  EXPECT_EQ(round_trip(heartbeat), heartbeat);
  EXPECT_EQ(round_trip(LinkHeartbeat{}), LinkHeartbeat{});
  LinkHeartbeat largest{Views(limits::cluster_nodes_max)};
  for (std::uint32_t swarm = 0; swarm < limits::link_swarms_max; ++swarm) largest.failed.push_back(swarm);
  EXPECT_EQ(round_trip(largest), largest);
}

TEST(LinkCodecTest, ReadsBackAPlacement) {
  EXPECT_EQ(round_trip(placement()), placement());
  EXPECT_EQ(round_trip(PlacementNotice{}), PlacementNotice{});
}

TEST(LinkCodecTest, ReadsBackWhoIsThere) {
  EXPECT_EQ(round_trip(presence()), presence());
  EXPECT_EQ(round_trip(PresenceNotice{}), PresenceNotice{});
}

TEST(LinkCodecTest, ReadsBackAnAcknowledgement) {
  expect_same(round_trip(ack()), ack());
}

TEST(LinkCodecTest, ReadsBackRecordsAndReplies) {
  for (const auto kind : {BatchKind::records, BatchKind::replies}) {
    auto sent = batch({record(3), record(5000)});
    sent.kind = kind;
    expect_same(round_trip(sent), sent);
  }
}

TEST(LinkCodecTest, ReadsBackAQuestion) {
  expect_same(round_trip(batch({})), batch({}));
}

TEST(LinkCodecTest, CountsBytesAnew) {
  auto sent = batch({record(3), record(5000)});
  sent.batch.packet.bytes = 77;
  EXPECT_EQ(round_trip(sent).batch.packet.bytes, 5003u);
}

TEST(LinkCodecTest, TheReceiversEpochIsThatOfTheAddress) {
  auto sent = batch({});
  sent.batch.sender = {};
  sent.batch.packet.receiver = {};
  EXPECT_EQ(round_trip(sent).batch.packet.receiver, sent.to.epoch);
}

TEST(LinkCodecTest, CarriesTimesAsAges) {
  auto sent = batch({record(3)});
  sent.batch.stamp = {now - 5s, 7ns};
  const auto body = body_of(encode(sent, now).at(0));
  const auto later = std::get<RemoteBatch>(*decode(body, now + 100s)).batch;
  EXPECT_EQ(later.stamp.sent_at, now + 95s);
  EXPECT_EQ(later.stamp.spent, 7ns);
  EXPECT_EQ(later.packet.records[0].deadline(), now + 106s);
  EXPECT_EQ(std::get<RemoteBatch>(*decode(body, Deadline(4s))).batch.stamp.sent_at, Deadline{}) << "before its clock";
}

TEST(LinkCodecTest, TimesThatAreNotKnownStayUnknown) {
  auto sent = batch({});
  sent.batch.stamp = {};
  const auto read = std::get<RemoteBatch>(*decode(body_of_message(sent), now + 1s)).batch.stamp;
  EXPECT_EQ(read.sent_at, Deadline{});
  EXPECT_EQ(read.spent, Stamp::unknown);
  sent.batch.stamp.sent_at = now + 1s;
  EXPECT_EQ(round_trip(sent).batch.stamp.sent_at, now) << "sent later than now";
}

TEST(LinkCodecTest, PayloadsAreSlicesOfTheirMessage) {
  const auto body = body_of(encode(batch({record(5000)}), now).at(0));
  const auto read = std::get<RemoteBatch>(*decode(body, now)).batch.packet.records;
  EXPECT_GE(read[0].bytes().data(), body.bytes().data());
  EXPECT_LT(read[0].bytes().data(), body.bytes().data() + body.bytes().size());
}

/// What the pieces of a batch say, put together.
std::vector<RemoteBatch> pieces_of(const RemoteBatch& sent) {
  std::vector<RemoteBatch> pieces;
  for (const auto& frames : encode(sent, now)) pieces.push_back(std::get<RemoteBatch>(*decode(body_of(frames), now)));
  return pieces;
}

std::vector<std::size_t> sizes_of(const std::vector<RemoteBatch>& pieces) {
  std::vector<std::size_t> sizes;
  for (const auto& piece : pieces) sizes.push_back(piece.batch.packet.records.size());
  return sizes;
}

TEST(LinkCodecTest, ABatchOfMoreThanLinkBatchBytesIsSplit) {
  const auto sent = batch(std::vector<Record>(5, record(limits::link_batch_bytes / 2)));
  const auto pieces = pieces_of(sent);
  EXPECT_EQ(sizes_of(pieces), (std::vector<std::size_t>{2, 2, 1}));
  auto first = sent.batch.packet.first;
  for (const auto& piece : pieces) {
    auto expected = sent;
    expected.batch.packet.first = first;
    expected.batch.packet.records.resize(piece.batch.packet.records.size());
    expect_same(piece, expected);
    first = first + Quantity{piece.batch.packet.records.size(), piece.batch.packet.bytes};
  }
}

TEST(LinkCodecTest, ARecordLargerThanLinkBatchBytesGoesAlone) {
  const auto small = record(3), large = record(limits::link_batch_bytes + 1);
  EXPECT_EQ(sizes_of(pieces_of(batch({small, large, small, small}))), (std::vector<std::size_t>{1, 1, 2}));
  EXPECT_EQ(sizes_of(pieces_of(batch({large, large}))), (std::vector<std::size_t>{1, 1}));
}

TEST(LinkCodecTest, ABatchOfMoreThanBatchRecordsMaxIsSplit) {
  EXPECT_EQ(sizes_of(pieces_of(batch(std::vector<Record>(limits::batch_records_max + 1, record(0))))),
            (std::vector<std::size_t>{limits::batch_records_max, 1}));
}

TEST(LinkCodecTest, TheLargestRecordFitsAMessage) {
  const auto frames = encode(batch({record(limits::payload_bytes_max)}), now);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_TRUE(in_chunks(frames[0]));
}

// These are in docs/WIRE_FORMAT.md, too.

TEST(LinkCodecTest, AHelloIsTheseBytes) {
  LinkHello hello;
  hello.stream = LinkStream::data;
  hello.number = 2;
  hello.incarnation = 0x1122334455667788;
  hello.attempt = 3;
  hello.cluster = "farm";
  hello.node = "b";
  hello.nodes.fill(std::byte{0xAA});
  hello.swarms = {{"echo", {}}};
  hello.swarms[0].digest.file.fill(std::byte{0xBB});
  hello.swarms[0].digest.plugins.fill(std::byte{0xCC});
  hello.swarms[0].digest.models.fill(std::byte{0xDD});
  const std::vector<std::uint64_t> golden = {
      0x0000000000000120,  // frame: 288 bytes, no more follow
      0x0000002300000000,  // one segment of 35 words
      0x0001000100000000,  // to the message: 1 word, 1 pointer
      0x0000000000000000,  // hello
      0x0004000400000000,  // to the hello: 4 words, 4 pointers
      0x0000000100010001,  // data stream; protocols from 1 to 1
      0x0000000000000002,  // node 2
      0x1122334455667788,  // incarnation
      0x0000000000000003,  // attempt
      0x0000002A0000000D,  // to the cluster: 5 bytes
      0x000000120000000D,  // to the node: 2 bytes
      0x000001020000000D,  // to the digest of the nodes: 32 bytes
      0x0000002700000019,  // to the swarms: a list of structs, 4 words
      0x000000006D726166,  // "farm"
      0x0000000000000062,  // "b"
      0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA,
      0x0004000000000004,  // one, of 4 pointers
      0x0000002A0000000D,  // to its name: 5 bytes
      0x000001020000000D,  // to the digest of its file: 32 bytes
      0x0000010200000019,  // to that of its plug-ins
      0x0000010200000025,  // to that of its models
      0x000000006F686365,  // "echo"
      0xBBBBBBBBBBBBBBBB, 0xBBBBBBBBBBBBBBBB, 0xBBBBBBBBBBBBBBBB, 0xBBBBBBBBBBBBBBBB,
      0xCCCCCCCCCCCCCCCC, 0xCCCCCCCCCCCCCCCC, 0xCCCCCCCCCCCCCCCC, 0xCCCCCCCCCCCCCCCC,
      0xDDDDDDDDDDDDDDDD, 0xDDDDDDDDDDDDDDDD, 0xDDDDDDDDDDDDDDDD, 0xDDDDDDDDDDDDDDDD,
  };
  EXPECT_EQ(words_of(encode(hello)), golden);
}

TEST(LinkCodecTest, ABatchIsTheseBytes) {
  RecordHeader header;
  header.root = header.id = {1, 2};
  RemoteBatch remote{{0, 1, 2, {7, 1}}, {sender_key(0, 3, 1), 1, 2, {}, {}}, BatchKind::records};
  auto& packet = remote.batch.packet;
  packet.sender = {6, 2};
  packet.receiver = remote.to.epoch;
  packet.base = {4, 40};
  packet.first = {5, 50};
  packet.asks = 1;
  packet.demand = {{6, 60}, {9, 90}, 70};
  packet.prompt = true;
  packet.records = {Record(header, Payload::json("{}"))};
  remote.batch.stamp = {now - 255ns, Stamp::unknown};
  const std::vector<std::uint64_t> golden = {
      0x0000000000000158,  // frame: 344 bytes, no more follow
      0x0000002A00000000,  // one segment of 42 words
      0x0001000100000000,  // to the message: 1 word, 1 pointer
      0x0000000000000003,  // batch
      0x0002001000000000,  // to the batch: 16 words, 2 pointers
      0x8000000000300001,  // key of the sender: part 0, replica 3, edge 1
      0x0000000200000001,  // receiver 2, edge 1
      0x0000000000000006,  // epoch of the sender: counter ...
      0x0000000100000002,  // ... and node 2; prompt, not alone
      0x0000000000000004,  // base: records
      0x0000000000000028,  // base: bytes
      0x0000000000000005,  // first: records
      0x0000000000000032,  // first: bytes
      0x0000000000000001,  // asks
      0x0000000000000006,  // spent: records
      0x000000000000003C,  // spent: bytes
      0x0000000000000009,  // all: records
      0x000000000000005A,  // all: bytes
      0x0000000000000046,  // bytes with the next record
      0x00000000000000FF,  // age in ns
      0xFFFFFFFFFFFFFFFF,  // spent in ns: not known
      0x0000000300000004,  // to the address: 3 words
      0x000400000000000C,  // to the records: 4 pointers
      0x0000000100000000,  // address: part 1, swarm 0
      0x0000000100000002,  // epoch: node 1; replica 2
      0x0000000000000007,  // epoch: counter
      0x0000002F0000000D,  // to the heads: a list of structs, 5 words
      0x000000120000003D,  // to the bytes: 2
      0x000000370000001D,  // to the commons: a list of structs, 6 words
      0x0000000000000000,  // mores: none
      0x0000000500000004,  // one head, of 5 words
      0x0000000000000001,  // id.high
      0x0000000000000002,  // id.low
      0x0000000000000000,  // session
      0x0000000000000000,  // request: nobody waits
      0x0000000200000000,  // bytes of the key: none; of the payload
      0x0000000600000004,  // one common, of 6 words
      0x0000000000000000,  // event time
      0x0000000000000000,  // remaining time: no deadline, the default
      0x0000000000000000,  // incarnation
      0x0000000000000000,  // node, gateway
      0x0000000000000000,  // schema
      0x0000000000000001,  // content: json; from record 0 on; revision
      0x0000000000007D7B,  // "{}"
  };
  EXPECT_EQ(words_of(encode(remote, now).at(0)), golden);
}

TEST(LinkCodecTest, AnAcknowledgementIsTheseBytes) {
  const RemoteAck remote{{0, 0, 3, {6, 2}}, {1, 2, {{6, 2}, {7, 1}, 6, {6, 52}, 5, 1, {517, 65}}, 1000}};
  const std::vector<std::uint64_t> golden = {
      0x00000000000000A0,  // frame: 160 bytes, no more follow
      0x0000001300000000,  // one segment of 19 words
      0x0001000100000000,  // to the message: 1 word, 1 pointer
      0x0000000000000005,  // ack
      0x0001000C00000000,  // to the ack: 12 words, 1 pointer
      0x0000000200000001,  // receiver 2, edge 1
      0x0000000000000006,  // epoch of the sender: counter
      0x0000000100000002,  // nodes of the epochs: the receiver's, the sender's
      0x0000000000000007,  // epoch of the receiver: counter
      0x0000000000000006,  // expected
      0x0000000000000006,  // released: records
      0x0000000000000034,  // released: bytes
      0x0000000000000005,  // done
      0x0000000000000001,  // asks
      0x0000000000000205,  // granted: records
      0x0000000000000041,  // granted: bytes
      0x00000000000003E8,  // pace in ns
      0x0000000300000000,  // to the address: 3 words
      0x0000000000000000,  // address: part 0, swarm 0
      0x0000000200000003,  // epoch: node 2; replica 3
      0x0000000000000006,  // epoch: counter
  };
  EXPECT_EQ(words_of(encode(remote)), golden);
}

TEST(LinkCodecTest, RefusesEveryTruncation) {
  for (const auto& body : bodies()) {
    for (std::size_t size = 0; size < body.bytes().size(); ++size) {
      EXPECT_FALSE(decode(Buffer::copy_of(body.bytes().first(size)), now).ok()) << size;
    }
  }
}

TEST(LinkCodecTest, SurvivesEveryFlippedBit) {
  for (const auto& body : bodies()) {
    for (std::size_t bit = 0; bit < body.bytes().size() * 8; ++bit) {
      auto copy = Buffer::copy_of(body.bytes());
      copy.writable()[bit / 8] ^= std::byte{1} << (bit % 8);
      const auto read = decode(copy, now);
      if (!read) {
        EXPECT_EQ(read.error().code, errc::bad_record);
      }
    }
  }
}

TEST(LinkCodecTest, EveryBatchReadsBackAndEncodesAgainToTheSameBytes) {
  EXPECT_TRUE(rc::check("batch -> bytes -> batch -> bytes", [] {
    const auto sent = arbitrary_batch();
    const auto frames = encode(sent, now);
    RC_ASSERT(frames.size() == 1u);
    const auto read = decode(body_of(frames[0]), now);
    RC_ASSERT(read.ok());
    expect_same(std::get<RemoteBatch>(*read), sent);
    RC_ASSERT(words_of(encode(std::get<RemoteBatch>(*read), now).at(0)) == words_of(frames[0]));
  }));
}

TEST(LinkCodecTest, EveryOtherMessageReadsBack) {
  EXPECT_TRUE(rc::check("message -> bytes -> message", [] {
    const auto sent_hello = arbitrary_hello();
    RC_ASSERT(round_trip(sent_hello) == sent_hello);
    const auto sent_placement = arbitrary_placement();
    RC_ASSERT(round_trip(sent_placement) == sent_placement);
    const auto sent_presence = arbitrary_presence();
    RC_ASSERT(round_trip(sent_presence) == sent_presence);
    const auto sent_ack = arbitrary_ack();
    expect_same(round_trip(sent_ack), sent_ack);
  }));
}

}  // namespace link_codec_test
}  // namespace skep
