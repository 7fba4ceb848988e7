#pragma once
// Messages of a link for tests: one of each kind, and arbitrary ones.

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <utility>
#include <vector>

#include "link/link_codec.hpp"
#include "link/link_frame.hpp"

namespace skep::link_samples {

inline const Deadline now{std::chrono::hours(1)};

inline Buffer body_of(Buffer frames) {
  return Buffer::copy_of(message_of(frames));
}

template <class T>
Buffer body_of_message(const T& message) {
  if constexpr (std::is_same_v<T, RemoteBatch>) {
    return body_of(encode(message, now).at(0));
  } else {
    return body_of(encode(message));
  }
}

template <class T>
T round_trip(const T& message) {
  auto read = decode(body_of_message(message), now);
  EXPECT_TRUE(read.ok()) << (read ? "" : read.error().message);
  return std::get<T>(std::move(read).value());
}

inline LinkHello hello() {
  LinkHello hello;
  hello.protocol_max = 3;
  hello.stream = LinkStream::data;
  hello.number = 64;
  hello.incarnation = ~std::uint64_t{0};
  hello.cluster = "farm";
  hello.node = "b-2";
  hello.nodes.fill(std::byte{0xAA});
  hello.swarms = {{"echo", {}}, {"digits", {}}};
  hello.swarms[1].digest.plugins.fill(std::byte{0xBB});
  return hello;
}

inline PlacementNotice placement() {
  return {3, {{9, 2}, {{{1, {7, 1}}, {2, {9, 2}}}, {}, {{0, {}}}}}};
}

inline PresenceNotice presence() {
  return {2, {{1, 2, {3, 4}, PresenceState::up}, {5, 6, {7, 8}, PresenceState::ended}}};
}

inline RemoteAck ack() {
  return {{1, 2, 3, {4, 5}}, {6, 7, {{8, 9}, {10, 11}, 12, {13, 14}, 15, 16, {17, 18}}, 19}};
}

inline Record record(std::size_t payload_bytes) {
  RecordHeader header;
  header.id = {1, 2};
  header.key = "key";
  header.deadline = now + std::chrono::seconds(6);
  return Record(header, Payload::raw(std::string(payload_bytes, 'p')));
}

inline RemoteBatch batch(std::vector<Record> records) {
  RemoteBatch remote{{1, 2, 3, {4, 5}}, {sender_key(6, 7, 8), 8, 9, {}, {}}, BatchKind::records};
  auto& packet = remote.batch.packet;
  packet.sender = {10, 11};
  packet.receiver = remote.to.epoch;
  packet.base = {12, 13};
  packet.first = {14, 15};
  packet.records = std::move(records);
  for (const auto& each : packet.records) packet.bytes += each.size();
  packet.asks = 16;
  packet.demand = {{17, 18}, {19, 20}, 21};
  packet.prompt = true;
  remote.batch.stamp = {now - std::chrono::nanoseconds(22), std::chrono::nanoseconds(23)};
  return remote;
}

inline std::vector<Buffer> bodies() {
  return {body_of_message(hello()),
          body_of_message(LinkRefusal{"another cluster"}),
          body_of_message(LinkHeartbeat{{NodeSet(3), NodeSet(1)}}),
          body_of_message(batch({record(3), record(40)})),
          body_of_message(ack()),
          body_of_message(placement()),
          body_of_message(presence())};
}

inline void expect_same(const RemoteAck& a, const RemoteAck& b) {
  const auto &one = a.ack.ack, &other = b.ack.ack;
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.ack.edge, b.ack.edge);
  EXPECT_EQ(a.ack.receiver, b.ack.receiver);
  EXPECT_EQ(a.ack.pace, b.ack.pace);
  EXPECT_EQ(one.sender, other.sender);
  EXPECT_EQ(one.receiver, other.receiver);
  EXPECT_EQ(one.expected, other.expected);
  EXPECT_EQ(one.released, other.released);
  EXPECT_EQ(one.done, other.done);
  EXPECT_EQ(one.asks, other.asks);
  EXPECT_EQ(one.granted, other.granted);
}

inline void expect_same(const EdgePacket& a, const EdgePacket& b) {
  EXPECT_EQ(a.sender, b.sender);
  EXPECT_EQ(a.receiver, b.receiver);
  EXPECT_EQ(a.base, b.base);
  EXPECT_EQ(a.first, b.first);
  EXPECT_EQ(a.asks, b.asks);
  EXPECT_EQ(a.demand, b.demand);
  EXPECT_EQ(a.prompt, b.prompt);
  EXPECT_EQ(a.alone, b.alone);
  ASSERT_EQ(a.records.size(), b.records.size());
  for (std::size_t i = 0; i < a.records.size(); ++i) {
    EXPECT_EQ(a.records[i].id(), b.records[i].id());
    EXPECT_EQ(a.records[i].key(), b.records[i].key());
    EXPECT_EQ(a.records[i].deadline(), b.records[i].deadline());
    EXPECT_EQ(a.records[i].text(), b.records[i].text());
  }
}

inline void expect_same(const RemoteBatch& a, const RemoteBatch& b) {
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.batch.sender, b.batch.sender);
  EXPECT_EQ(a.batch.edge, b.batch.edge);
  EXPECT_EQ(a.batch.receiver, b.batch.receiver);
  EXPECT_EQ(a.batch.stamp.sent_at, b.batch.stamp.sent_at);
  EXPECT_EQ(a.batch.stamp.spent, b.batch.stamp.spent);
  expect_same(a.batch.packet, b.batch.packet);
}

// Arbitrary ones, within the limits.

inline std::uint32_t below(std::uint32_t end) {
  return *rc::gen::inRange<std::uint32_t>(0, end);
}

inline std::uint64_t number() {
  return *rc::gen::arbitrary<std::uint64_t>();
}

/// As far as anybody counts.
inline std::uint64_t total() {
  return number() >> 2;
}

inline Quantity quantity() {
  return {total(), total()};
}

inline Epoch epoch() {
  return {number() >> 1, below(limits::cluster_nodes_max + 1)};
}

inline BeeAddress address() {
  return {below(limits::link_swarms_max), below(1u << 23), below(1u << 20), epoch()};
}

inline std::string text() {
  auto text = *rc::gen::arbitrary<std::string>();
  text.resize(std::min<std::size_t>(text.size(), limits::name_bytes_max));
  return text;
}

inline Digest digest() {
  Digest digest;
  for (auto& byte : digest) byte = static_cast<std::byte>(below(256));
  return digest;
}

inline LinkHello arbitrary_hello() {
  LinkHello hello;
  hello.protocol_min = static_cast<std::uint16_t>(below(1000));
  hello.protocol_max = static_cast<std::uint16_t>(hello.protocol_min + below(1000));
  hello.stream = static_cast<LinkStream>(below(2));
  hello.number = 1 + below(limits::cluster_nodes_max);
  hello.incarnation = number() | 1;
  hello.cluster = text();
  hello.node = text();
  hello.nodes = digest();
  for (auto swarms = below(4); swarms > 0; --swarms) {
    hello.swarms.push_back({text(), {digest(), digest(), digest()}});
  }
  return hello;
}

inline PlacementNotice arbitrary_placement() {
  PlacementNotice notice{below(limits::link_swarms_max), {epoch(), {}}};
  notice.placement.parts.resize(below(5));
  for (auto& part : notice.placement.parts) {
    for (auto places = below(5); places > 0; --places) part.push_back({below(limits::cluster_nodes_max + 1), epoch()});
  }
  return notice;
}

inline PresenceNotice arbitrary_presence() {
  PresenceNotice notice{below(limits::link_swarms_max), {}};
  for (auto actors = below(5); actors > 0; --actors) {
    notice.actors.push_back({below(1u << 23), below(1u << 20), epoch(), static_cast<PresenceState>(below(3))});
  }
  return notice;
}

inline RemoteAck arbitrary_ack() {
  const EdgeAck ack{epoch(), epoch(), number(), quantity(), number(), number(), quantity()};
  return {address(), {below(reply_edge + 1), below(1000), ack, below(1000)}};
}

inline RemoteBatch arbitrary_batch() {
  RemoteBatch remote{address(), {}, static_cast<BatchKind>(below(2))};
  auto& batch = remote.batch;
  batch.sender = below(2) == 0 ? SenderKey{} : sender_key(below(1u << 23), below(1u << 20), below(reply_edge + 1));
  batch.edge = below(reply_edge + 1);
  batch.receiver = below(1000);
  auto& packet = batch.packet;
  packet.sender = epoch();
  packet.receiver = remote.to.epoch;
  packet.base = {total() / 2, total() / 2};
  packet.first = packet.base + Quantity{below(1000), below(1000)};
  for (auto records = below(5); records > 0; --records) packet.records.push_back(record(below(3000)));
  packet.asks = number();
  packet.demand.spent = {total() / 2, total() / 2};
  packet.demand.all = packet.demand.spent + Quantity{below(1000), below(1000)};
  packet.demand.next_bytes = total();
  packet.prompt = below(2) == 1;
  packet.alone = below(2) == 1;
  batch.stamp = {below(2) == 0 ? Deadline{} : now - std::chrono::nanoseconds(below(1000)),
                 std::chrono::nanoseconds(below(1000)) - std::chrono::nanoseconds(1)};
  return remote;
}

}  // namespace skep::link_samples
