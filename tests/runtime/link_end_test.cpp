// How links end, and what does not end them.

#include <gtest/gtest.h>

#include <thread>

#include "link_host_fixture.hpp"

namespace skep {
namespace link_end_test {

using namespace std::chrono_literals;
using test::TlsEnd;

class LinkEndTest : public LinkHostTest {
 protected:
  static std::string text_of(const Buffer& frames) {
    return {reinterpret_cast<const char*>(frames.bytes().data()), frames.bytes().size()};
  }
  std::string hello_of_one(LinkStream stream) {
    auto hello = one_.hello;
    hello.stream = stream;
    hello.attempt = 1;
    return text_of(encode(hello));
  }
  /// As node a, to node b, which listens.
  TlsSocketPtr connect_as_one(TlsEnd& end) {
    auto socket = loop_.make(dial(two_), loop_.tls("a"), TlsChannel::End::client, end, "b");
    socket->start();
    EXPECT_TRUE(loop_.run_until([&] { return end.is_established; }));
    return socket;
  }
  void send(TlsSocket& socket, TlsEnd& end, std::string text) {
    end.pieces.push_back(std::move(text));
    socket.send();
  }
  /// The whole link, as node a.
  void connect_by_hand() {
    two_.start({one_.as_peer()});
    control_socket_ = connect_as_one(control_);
    send(*control_socket_, control_, hello_of_one(LinkStream::control));
    ASSERT_TRUE(loop_.run_until([&] { return !control_.data.empty(); })) << two_.all_lines();
    data_socket_ = connect_as_one(data_);
    send(*data_socket_, data_, hello_of_one(LinkStream::data));
    ASSERT_TRUE(loop_.run_until([&] { return !data_.data.empty(); })) << two_.all_lines();
    send(*control_socket_, control_, text_of(encode(LinkHeartbeat{})));
    ASSERT_TRUE(two_.wait_up(1)) << two_.all_lines();
  }
  void TearDown() override {
    for (const auto& socket : {control_socket_, data_socket_}) {
      if (socket) socket->close();
    }
  }

  TlsEnd control_, data_;
  TlsSocketPtr control_socket_, data_socket_;
};

TEST_F(LinkEndTest, ANodeThatDoesNotReadEndsItsLink) {
  two_.settings.output_bytes_max = 4u << 20;
  two_.settings.silence_max = 3s;
  connect_by_hand();
  const auto heartbeat = text_of(encode(LinkHeartbeat{}));
  const std::string text(1u << 20, 'x');
  for (int i = 0; i < 64; ++i) {
    caf::anon_send(two_.proxy(1), batch_of(text, two_.bee().epoch, one_.bee().epoch));
  }
  // From here on nothing is read; what is said on control goes out all the same.
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!two_.seen.wait([&] { return !two_.downs.empty(); }, 100ms)) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << two_.all_lines();
    send(*control_socket_, control_, heartbeat);
  }
  EXPECT_EQ(two_.downs.front(),
            "more than link_output_bytes_max = 4 MiB wait for it, and nothing of that has moved for 3s");
  EXPECT_EQ(two_.settled().waiting_bytes, 0u) << "what it gave up waits no more";
  EXPECT_LT(two_.settled().sent_bytes, 64 * text.size());
}

TEST_F(LinkEndTest, WhatCameBeforeTheEndIsDeliveredInItsOrder) {
  connect_by_hand();
  constexpr std::size_t count = 40;  // more than one turn hands on at once
  BatchAck ack;
  ack.pace = 7;
  ack.ack.sender = two_.bee().epoch;
  ack.ack.receiver = one_.bee().epoch;
  std::string stream;
  for (std::size_t i = 0; i < count; ++i) {
    const auto batch = batch_of("x", one_.bee().epoch, two_.bee().epoch);
    for (const auto& frames : encode(RemoteBatch{two_.bee(), batch, BatchKind::records}, {})) stream += text_of(frames);
    stream += text_of(encode(RemoteAck{two_.bee(), ack}));
  }
  send(*data_socket_, data_, stream + std::string(8, '\xFF'));
  ASSERT_TRUE(two_.seen.wait([&] { return !two_.downs.empty(); })) << two_.all_lines();
  EXPECT_NE(two_.downs.front().find("it breaks the rules of links"), std::string::npos) << two_.downs.front();
  ASSERT_TRUE(two_.seen.wait([&] { return two_.acks.size() == count; })) << two_.acks.size();
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(two_.batches_at_ack[i], i + 1);
}

TEST_F(LinkEndTest, ANodeThatReadsLateKeepsItsLink) {
  one_.settings.output_bytes_max = 4u << 20;
  one_.settings.silence_max = two_.settings.silence_max = 20s;
  connect();
  std::promise<void> go_on;
  two_.host->post([stopped = go_on.get_future().share()] { stopped.wait(); });
  const std::string text(1u << 20, 'x');
  for (int i = 0; i < 64; ++i) caf::anon_send(one_.proxy(2), batch_of(text, one_.bee().epoch, two_.bee().epoch));
  std::size_t waiting = 0;
  for (int i = 0; i < 100'000 && waiting <= one_.settings.output_bytes_max; ++i) waiting = one_.settled().waiting_bytes;
  EXPECT_GT(waiting, one_.settings.output_bytes_max);
  go_on.set_value();
  EXPECT_TRUE(two_.seen.wait([&] { return two_.batches.size() == 64; })) << one_.all_lines();
  EXPECT_EQ(one_.ups, 1) << one_.all_lines();
}

TEST_F(LinkEndTest, WhatWaitsGoesOutBeforeANodeStops) {
  connect();
  const std::string text(1u << 20, 'x');
  for (int i = 0; i < 32; ++i) caf::anon_send(one_.proxy(2), batch_of(text, one_.bee().epoch, two_.bee().epoch));
  one_.stop();
  EXPECT_TRUE(two_.seen.wait([&] { return !two_.downs.empty(); }));
  EXPECT_EQ(two_.downs.front(), "it has ended the link");
  EXPECT_TRUE(two_.seen.wait([&] { return two_.batches.size() == 32; })) << two_.batches.size();
}

TEST_F(LinkEndTest, NodesThatStopTogetherDoNotWaitForEachOther) {
  connect();
  const auto start = std::chrono::steady_clock::now();
  std::thread other([&] { two_.stop(); });
  one_.stop();
  other.join();
  EXPECT_LT(std::chrono::steady_clock::now() - start, limits::close_time_max);
}

TEST_F(LinkEndTest, ACertificateThatIsDeniedMeanwhileDoesNotComeIn) {
  two_.start({one_.as_peer()});
  TlsEnd end;
  const auto socket = connect_as_one(end);
  std::promise<void> used;
  two_.host->use(loop_.tls("b", {"61"}));
  two_.host->post([&] { used.set_value(); });
  used.get_future().wait();
  send(*socket, end, hello_of_one(LinkStream::control));
  ASSERT_TRUE(loop_.run_until([&] { return end.is_closed; }));
  EXPECT_TRUE(two_.wait_line("is refused: its certificate is revoked (serial 61)")) << two_.all_lines();
  EXPECT_NE(end.data.find("its certificate is revoked (serial 61)"), std::string::npos) << "it is told";
}

TEST_F(LinkEndTest, ARefusalThatIsRepeatedIsSaidOnce) {
  two_.hello.swarms.front().digest.file[0] = std::byte{1};
  two_.start({one_.as_peer()});
  one_.start({two_.as_peer()});
  for (int i = 0; i < 100'000 && two_.settled().refused_connections < 4; ++i) {
  }
  EXPECT_GE(two_.settled().refused_connections, 4u);
  EXPECT_EQ(two_.count_lines("is refused: its swarm 'digits' is another one (file)"), 1) << two_.all_lines();
}

TEST_F(LinkEndTest, SendersBeyondLinkProxiesMaxAreNotHeard) {
  EXPECT_EQ(two_.settings.proxies_max, limits::link_proxies_max);
  two_.settings.proxies_max = 3;
  connect();
  for (std::uint32_t replica = 1; replica <= 5; ++replica) {
    auto batch = batch_of("x", one_.bee().epoch, two_.bee().epoch);
    batch.sender = sender_key(0, replica, 0);
    caf::anon_send(one_.proxy(2), std::move(batch));
  }
  ASSERT_TRUE(two_.seen.wait([&] { return two_.batches.size() == 2; })) << two_.all_lines();
  expect_carried("of one that is known");
  EXPECT_EQ(two_.settled().orphans, 3u);
}

}  // namespace link_end_test
}  // namespace skep
