#include "link/link_host.hpp"

#include <gtest/gtest.h>
#include <caf/scoped_actor.hpp>

#include <boost/asio/write.hpp>

#include "link_host_fixture.hpp"

namespace skep {
namespace link_host_test {

using namespace std::chrono_literals;
using test::TlsEnd;

TEST_F(LinkHostTest, JoinsTwoNodesAndCarriesRecordsBothWays) {
  connect();
  expect_carried("hello");
  caf::anon_send(two_.proxy(1), batch_of("back", two_.bee().epoch, one_.bee().epoch, 3));
  ASSERT_TRUE(one_.seen.wait([&] { return !one_.batches.empty(); }));
  EXPECT_EQ(one_.batches.front().packet.records.size(), 3u);
  caf::anon_send(two_.proxy(1), ReplyBatch{batch_of("answer", two_.bee().epoch, one_.bee().epoch)});
  ASSERT_TRUE(one_.seen.wait([&] { return !one_.replies.empty(); }));
  ASSERT_TRUE(one_.seen.wait([&] { return one_.presences.contains(2) && one_.heartbeats.contains(2); }));
  ASSERT_TRUE(two_.seen.wait([&] { return two_.presences.contains(1) && two_.heartbeats.contains(1); }));
  EXPECT_EQ(one_.presences[2].actors.front().epoch, two_.bee().epoch);
  EXPECT_EQ(one_.heartbeats[2], LinkHeartbeat{Views{NodeSet(2)}});
}

TEST_F(LinkHostTest, CarriesLargeRecords) {
  connect();
  expect_carried(std::string(5u << 20, 'x'));
  caf::anon_send(one_.proxy(2), batch_of(std::string(100'000, 'y'), one_.bee().epoch, two_.bee().epoch, 100));
  ASSERT_TRUE(two_.seen.wait([&] {
    std::size_t records = 0;
    for (const auto& batch : two_.batches) records += batch.packet.records.size();
    return records == 101;
  }));
}

TEST_F(LinkHostTest, MonitorsHearOfItsEndAndItComesBack) {
  connect();
  const caf::scoped_actor self(one_.system());
  self->monitor(one_.proxy(2));
  two_.stop();
  self->receive([&](const caf::down_msg& down) { EXPECT_EQ(down.reason, caf::exit_reason::remote_link_unreachable); },
                caf::after(20s) >> [] { ADD_FAILURE() << "no DOWN"; });
  ASSERT_TRUE(one_.seen.wait([&] { return one_.downs.size() == 1; }));
  EXPECT_EQ(one_.downs.front(), "it has ended the link");
  two_.start_anew({one_.as_peer()}, two_.address().port);
  ASSERT_TRUE(one_.wait_up(2) && two_.wait_up(1)) << one_.all_lines() << two_.all_lines();
  expect_carried("again");
}

TEST_F(LinkHostTest, ANodeThatComesLaterIsFound) {
  two_.start({one_.as_peer()});
  auto peer = two_.as_peer();
  const auto port = peer.address.port;
  two_.stop();
  two_.host.reset();
  one_.start({peer});
  ASSERT_TRUE(one_.wait_line("Connection refused"));
  EXPECT_EQ(one_.all_lines(),
            "no link to node b: cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused\n")
      << "said once";
  two_.start({one_.as_peer()}, port);
  ASSERT_TRUE(one_.wait_up(2) && two_.wait_up(1)) << one_.all_lines() << two_.all_lines();
  expect_carried("found");
}

TEST_F(LinkHostTest, ADifferenceIsToldToBothSides) {
  two_.hello.swarms.front().digest.file[0] = std::byte{1};
  two_.start({one_.as_peer()});
  one_.start({two_.as_peer()});
  EXPECT_TRUE(one_.wait_line("it refuses this node, and says: 'its swarm 'digits' is another one (file)'"))
      << one_.all_lines();
  EXPECT_TRUE(two_.wait_line("is refused: its swarm 'digits' is another one (file)")) << two_.all_lines();
  EXPECT_EQ(one_.ups + two_.ups, 0);
  EXPECT_GE(two_.settled().refused_connections, 1u);
  EXPECT_FALSE(two_.settled().up);
}

TEST_F(LinkHostTest, ANodeIsWhoItsCertificateSays) {
  one_.hello.node = "c";
  two_.start({one_.as_peer()});
  one_.start({two_.as_peer()});
  EXPECT_TRUE(two_.wait_line("it says that it is node 'c', and its certificate says a")) << two_.all_lines();
  TestNode three(3, "x", loop_.tls("x"));
  three.hello.number = 1;
  three.start({two_.as_peer()});
  EXPECT_TRUE(two_.wait_line("is refused: node x is not configured here")) << two_.all_lines();
  EXPECT_GE(two_.metrics().refused_not_configured, 1u);
  EXPECT_TRUE(three.wait_line("it refuses this node, and says: 'node x is not configured here'")) << three.all_lines();
}

TEST_F(LinkHostTest, HostileConnectionsDisturbNobody) {
  connect();
  std::vector<Socket> silent;
  for (int i = 0; i < 200; ++i) silent.push_back(dial(two_));
  expect_carried("among the silent");
  auto http = dial(two_);
  boost::asio::write(http, boost::asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
  EXPECT_TRUE(two_.wait_line("it speaks HTTP, not TLS"));
  EXPECT_GE(two_.metrics().refused_strangers, 1u);
  // A member that breaks the rules: its own connections, as node a's certificate shows, and not the link.
  struct Row {
    std::string sent, told;
  };
  std::string huge("\xff\xff\xff\xff\x00\x00\x00\x00", 8), odd("\x08\x00\x00\x00\x02\x00\x00\x00", 8);
  std::string longest("\x08\x00\x02\x00\x00\x00\x00\x00", 8);
  std::string empty_message(
      "\x10\x00\x00\x00\x00\x00\x00\x00"
      "\x00\x00\x00\x00\x01\x00\x00\x00"
      "\x00\x00\x00\x00\x00\x00\x00\x00",
      24);
  const auto heartbeat = encode(LinkHeartbeat{});
  const std::string no_hello(reinterpret_cast<const char*>(heartbeat.bytes().data()), heartbeat.bytes().size());
  for (const auto& row :
       {Row{huge, "link_frame_bytes_max"}, Row{longest, "link_hello_bytes_max"}, Row{odd, "breaks the rules of links"},
        Row{empty_message, "breaks the rules of links"}, Row{no_hello, "its first message is no hello"}}) {
    TlsEnd end;
    end.pieces = {row.sent};
    end.on_established = [](TlsSocket& socket) { socket.send(); };
    const auto socket = loop_.make(dial(two_), loop_.tls("a"), TlsChannel::End::client, end, "b");
    socket->start();
    ASSERT_TRUE(loop_.run_until([&] { return end.is_closed; }));
    EXPECT_TRUE(two_.wait_line(row.told)) << two_.all_lines();
    expect_carried(row.told);
  }
  EXPECT_EQ(one_.ups, 1) << one_.all_lines();
  EXPECT_EQ(two_.ups, 1) << two_.all_lines();
  EXPECT_EQ(two_.settled().refused_connections, 5u) << two_.all_lines();
  EXPECT_EQ(two_.settled().losses, 0u);
}

TEST_F(LinkHostTest, ASendersMessagesComeInItsOrderWhicheverThreadSendsThem) {
  connect();
  constexpr int count = 5000;
  const std::string large(limits::link_at_once_bytes_max, ' ');
  const auto proxy = one_.proxy(2);
  for (int i = 0; i < count; ++i) {
    const auto text = std::to_string(i) + (i % 7 == 0 ? large : "");
    caf::anon_send(proxy, batch_of(text, one_.bee().epoch, two_.bee().epoch));  // each one is acknowledged
  }
  ASSERT_TRUE(two_.seen.wait([&] { return two_.batches.size() == count; })) << two_.all_lines();
  two_.seen.read([&] {
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(std::stoi(std::string(two_.batches[static_cast<std::size_t>(i)].packet.records[0].text())), i);
    }
    return 0;
  });
  EXPECT_EQ(one_.settled().waiting_bytes, 0u);
  EXPECT_GE(one_.settled().sent_messages, static_cast<std::uint64_t>(count));
}

TEST_F(LinkHostTest, ConnectionsThatSayNothingAreFew) {
  connect();
  std::vector<TlsEnd> ends(limits::link_newcomers_max + 1);
  std::vector<TlsSocketPtr> sockets;
  for (auto& end : ends) {
    sockets.push_back(loop_.make(dial(two_), loop_.tls("a"), TlsChannel::End::client, end, "b"));
    sockets.back()->start();
    ASSERT_TRUE(loop_.run_until([&] { return end.is_established; }));
  }
  EXPECT_TRUE(loop_.run_until([&] { return ends.front().is_closed; }));
  EXPECT_TRUE(two_.wait_line("there are more connections than a link needs"));
  expect_carried("beside them");
  for (const auto& socket : sockets) socket->close();
}

TEST_F(LinkHostTest, ARevokedCertificateEndsTheLink) {
  connect();
  two_.host->use(loop_.tls("b", {"61"}));
  ASSERT_TRUE(two_.seen.wait([&] { return !two_.downs.empty(); }));
  EXPECT_EQ(two_.downs.front(), "its certificate is revoked (serial 61)");
  EXPECT_TRUE(two_.wait_line("is refused: its certificate is revoked (a, serial 61)")) << two_.all_lines();
  two_.host->use(loop_.tls("b"));
  ASSERT_TRUE(two_.wait_up(1)) << two_.all_lines();
  ASSERT_TRUE(one_.wait_up(2));
  expect_carried("again");
}

TEST_F(LinkHostTest, NewCertificatesDropNoLink) {
  connect();
  for (int i = 0; i < 20; ++i) {
    one_.host->use(loop_.tls("a"));
    two_.host->use(loop_.tls("b"));
    expect_carried(std::to_string(i));
  }
  EXPECT_EQ(one_.ups, 1);
  EXPECT_EQ(two_.ups, 1);
}

TEST_F(LinkHostTest, WhatCrossesIsCounted) {
  connect();
  const auto before = two_.settled();
  EXPECT_TRUE(before.up);
  EXPECT_EQ(before.peer, "a");
  EXPECT_LT(before.silence_seconds, 20);
  constexpr std::size_t bytes = 300'000;
  expect_carried(std::string(bytes, 'x'));
  const auto sender = one_.settled(), receiver = two_.settled();
  EXPECT_GE(sender.sent_bytes, bytes);
  EXPECT_GE(receiver.received_bytes, before.received_bytes + bytes);
  EXPECT_GE(receiver.received_messages, before.received_messages + 1);
  EXPECT_GE(receiver.sent_messages, before.sent_messages + 1) << "the acknowledgement";
  EXPECT_EQ(sender.waiting_bytes + receiver.waiting_bytes, 0u);
}

TEST_F(LinkHostTest, MessagesThatDoNotCrossAndThoseForNobodyAreCounted) {
  connect();
  const auto nobody = one_.seen.read([&] { return one_.proxies[2]->get({0, 7, 0, two_.bee().epoch}); });
  caf::anon_send(nobody, batch_of("x", one_.bee().epoch, two_.bee().epoch));
  caf::anon_send(nobody, BatchAck{});
  caf::anon_send(one_.proxy(2), 1);
  expect_carried("after them");
  EXPECT_EQ(two_.settled().orphans, 2u);
  two_.host->post([&] { two_.host->link(1)->end("it was cut"); });
  ASSERT_TRUE(one_.seen.wait([&] { return one_.downs.size() == 1 && one_.ups == 2; }));
  EXPECT_EQ(one_.settled().refused_messages, 1u) << "of the link that was there before, too";
}

TEST_F(LinkHostTest, ACutLinkCounts) {
  connect();
  const auto before = one_.settled();
  for (int cut = 1; cut <= 3; ++cut) {
    two_.host->post([&] { two_.host->link(1)->end("it was cut"); });
    ASSERT_TRUE(one_.seen.wait([&] { return one_.ups > cut; })) << one_.all_lines();
    ASSERT_TRUE(two_.seen.wait([&] { return two_.ups > cut; })) << two_.all_lines();
  }
  for (auto* node : {&one_, &two_}) {
    const auto metrics = node->metrics().links.at(0);
    EXPECT_TRUE(metrics.up);
    EXPECT_EQ(metrics.losses, 3u) << node->all_lines();
    EXPECT_GT(metrics.changed_seconds, before.changed_seconds);
  }
  two_.stop();
  ASSERT_TRUE(one_.seen.wait([&] { return one_.downs.size() == 4; }));
  EXPECT_FALSE(one_.metrics().links.at(0).up);
  EXPECT_EQ(one_.metrics().links.at(0).losses, 4u);
}

/// SKEP_LINK_CUTS says how often.
TEST_F(LinkHostTest, CutUnderLoadItComesBackEachTime) {
  const auto* wanted = std::getenv("SKEP_LINK_CUTS");
  const int cuts = wanted != nullptr ? std::atoi(wanted) : 20;
  connect();
  for (int cut = 0; cut < cuts; ++cut) {
    ASSERT_TRUE(one_.wait_up(2) && two_.wait_up(1)) << cut;
    const auto proxy = one_.proxy(2);
    for (int i = 0; i < 1000; ++i) caf::anon_send(proxy, batch_of("x", one_.bee().epoch, two_.bee().epoch));
    one_.seen.change([&] { one_.others.erase(2); });
    two_.seen.change([&] {
      two_.others.erase(1);
      two_.batches.clear();
    });
    two_.host->post([&] { two_.host->link(1)->end("it was cut"); });
  }
  ASSERT_TRUE(one_.wait_up(2) && two_.wait_up(1));
  expect_carried("after all that");
  EXPECT_GE(one_.ups, cuts);
}

}  // namespace link_host_test
}  // namespace skep
