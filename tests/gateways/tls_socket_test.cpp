#include "net/tls_socket.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "support/tls_loop.hpp"

namespace skep {
namespace tls_socket_test {

using test::TlsEnd;
using End = TlsChannel::End;

class TlsSocketTest : public ::testing::Test {
 protected:
  ~TlsSocketTest() override {
    if (one_) one_->close();
    if (other_) other_->close();
  }

  void connect(const std::string& expected = "b") {
    auto [one, other] = loop_.connection();
    one_ = loop_.make(std::move(one), loop_.tls("a"), End::client, client_, expected);
    other_ = loop_.make(std::move(other), loop_.tls("b"), End::server, server_);
    one_->start();
    other_->start();
  }
  void establish() {
    connect();
    ASSERT_TRUE(loop_.run_until([&] { return client_.is_established && server_.is_established; }))
        << client_.why << server_.why;
  }

  test::TlsLoop loop_;
  TlsEnd client_, server_;
  TlsSocketPtr one_, other_;
};

TEST_F(TlsSocketTest, CarriesPiecesOfAnySizeBothWays) {
  std::mt19937 random(7);
  std::string there, back;
  for (int i = 0; i < 400; ++i) {
    const std::size_t size = i % 50 == 0 ? 300'000 : 1 + random() % (i % 3 == 0 ? 20'000 : 300);
    client_.pieces.emplace_back(size, static_cast<char>(random()));
    there += client_.pieces.back();
    server_.pieces.emplace_back(1 + size / 3, static_cast<char>(random()));
    back += server_.pieces.back();
  }
  establish();
  EXPECT_EQ(one_->peer().identity->name, "b");
  EXPECT_EQ(other_->peer().identity->name, "a");
  one_->send();
  other_->send();
  ASSERT_TRUE(
      loop_.run_until([&] { return server_.data.size() == there.size() && client_.data.size() == back.size(); }));
  EXPECT_TRUE(server_.data == there);
  EXPECT_TRUE(client_.data == back);
}

TEST_F(TlsSocketTest, WhatIsGivenLaterIsSentWhenToldSo) {
  establish();
  for (const std::string text : {"one", "two", "three"}) {
    client_.pieces.push_back(text);
    one_->send();
    server_.data.clear();
    ASSERT_TRUE(loop_.run_until([&] { return server_.data == text; }));
  }
}

TEST_F(TlsSocketTest, WhoeverHoldsItMaySendWhileItIsIdle) {
  connect();
  EXPECT_FALSE(one_->idle()) << "it has not shaken hands";
  ASSERT_TRUE(loop_.run_until([&] { return client_.is_established && server_.is_established; }));
  std::thread([&] {
    const auto held = one_->try_hold();
    ASSERT_TRUE(held);
    ASSERT_TRUE(one_->idle());
    EXPECT_TRUE(one_->send_now(test::bytes_of("from another thread, ")));
    EXPECT_TRUE(one_->idle());
  }).join();
  client_.pieces = {"then from its own"};
  one_->send();
  ASSERT_TRUE(loop_.run_until([&] { return server_.data == "from another thread, then from its own"; }));
  {
    const auto held = one_->hold();
    std::thread([&] { EXPECT_FALSE(one_->try_hold()) << "it waits for nobody"; }).join();
  }
  one_->finish();
  EXPECT_FALSE(one_->idle());
}

TEST_F(TlsSocketTest, WhatIsSentInPartGoesBeforeTheNext) {
  establish();
  const std::string text(1u << 20, 'x');
  std::size_t sent = 0;
  {
    const auto held = one_->hold();
    do sent += text.size();
    while (one_->send_now(test::bytes_of(text)) && sent < (std::size_t{64} << 20));
    EXPECT_FALSE(one_->idle()) << "the peer does not read";
  }
  client_.pieces = {"behind it"};
  one_->send();
  ASSERT_TRUE(loop_.run_until([&] { return server_.data.size() == sent + client_.pieces.front().size(); }));
  EXPECT_TRUE(server_.data.ends_with("xbehind it"));
  EXPECT_TRUE(one_->idle());
}

TEST_F(TlsSocketTest, SendersInOtherThreadsAndItsOwnMixWholePieces) {
  establish();
  constexpr int pieces = 2000;
  const std::string of_others(97, 'o'), of_own(89, 's');
  std::atomic<int> sent{0};
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([&] {
      for (int done = 0; done < pieces;) {
        const auto held = one_->try_hold();
        if (!held || !one_->idle()) continue;
        if (!one_->send_now(test::bytes_of(of_others + '\n'))) boost::asio::post(loop_.context, [&] { one_->send(); });
        ++done;
        ++sent;
      }
    });
  }
  const auto all = pieces * (2 * (of_others.size() + 1) + of_own.size() + 1);
  for (int i = 0; i < pieces; ++i) {
    {
      const auto held = one_->hold();
      client_.pieces.push_back(of_own + '\n');
    }
    one_->send();
    loop_.context.restart();
    loop_.context.poll();
  }
  ASSERT_TRUE(loop_.run_until([&] { return server_.data.size() == all; })) << sent << ' ' << server_.data.size();
  for (auto& thread : others) thread.join();
  std::map<std::string, int> counts;
  std::istringstream lines(server_.data);
  for (std::string line; std::getline(lines, line);) ++counts[line];
  EXPECT_EQ(counts.size(), 2u) << "a piece was cut, or two were mixed";
  EXPECT_EQ(counts[of_own], pieces);
  EXPECT_EQ(counts[of_others], 2 * pieces);
}

TEST_F(TlsSocketTest, APeerThatDoesNotReadIsAskedForNoMore) {
  auto [one, other] = loop_.connection();
  boost::asio::io_context stuck{1};  // runs for the handshake alone
  Socket apart(stuck);
  apart.assign(Tcp::v4(), other.release());
  prepare(apart);
  apart.set_option(boost::asio::socket_base::receive_buffer_size(4096));
  one_ = loop_.make(std::move(one), loop_.tls("a"), End::client, client_);
  other_ = loop_.make(std::move(apart), loop_.tls("b"), End::server, server_);
  one_->start();
  other_->start();
  while (!server_.is_established) {
    stuck.restart();
    stuck.poll();
    loop_.context.restart();
    loop_.context.poll();
  }
  client_.pieces.assign(64, std::string(1u << 20, 'x'));
  one_->send();
  const auto asked = client_.asked;
  EXPECT_GT(asked, 0u);
  EXPECT_LT(asked, std::size_t{32} << 20) << "the system's buffer and one piece";
  one_->send();
  loop_.context.restart();
  loop_.context.poll();
  EXPECT_EQ(client_.asked, asked);
  one_->close();
  other_->close();
  other_.reset();  // before what it waited in
}

TEST_F(TlsSocketTest, AnOrderlyEndCarriesAllThatWaited) {
  establish();
  client_.pieces.assign(20, std::string(100'000, 'x'));
  server_.pieces = {"not heard any more"};
  one_->finish();
  EXPECT_EQ(client_.next, client_.pieces.size());
  other_->send();
  ASSERT_TRUE(loop_.run_until([&] { return server_.is_closed; }));
  EXPECT_EQ(server_.data.size(), 2'000'000u);
  EXPECT_EQ(server_.why, "");
  EXPECT_EQ(client_.data, "");
  EXPECT_FALSE(client_.is_closed) << "it hears no more";
}

TEST_F(TlsSocketTest, AnOrderlyEndGoesOnWithoutItsOwner) {
  establish();
  client_.pieces.assign(200, std::string(100'000, 'x'));
  one_->finish();
  one_ = nullptr;
  ASSERT_TRUE(loop_.run_until([&] { return server_.is_closed; }));
  EXPECT_EQ(server_.data.size(), 20'000'000u);
  EXPECT_EQ(server_.why, "");
}

TEST_F(TlsSocketTest, APeerThatIsGoneIsTold) {
  establish();
  one_->close();
  ASSERT_TRUE(loop_.run_until([&] { return server_.is_closed; }));
  EXPECT_EQ(server_.why, "the connection has ended without a word");
  EXPECT_FALSE(client_.is_closed) << "who closes hears nothing";
}

TEST_F(TlsSocketTest, BothSidesKnowWhyOneRefuses) {
  connect("c");
  ASSERT_TRUE(loop_.run_until([&] { return client_.is_closed && server_.is_closed; }));
  EXPECT_EQ(client_.why, "its certificate is that of node b, not c");
  EXPECT_EQ(server_.why.rfind("it has refused this node", 0), 0u) << server_.why;
  EXPECT_FALSE(client_.is_established);
}

TEST_F(TlsSocketTest, AServersRefusalReachesAClientThatThoughtItWasThere) {
  auto [one, other] = loop_.connection();
  one_ = loop_.make(std::move(one), loop_.tls("a"), End::client, client_, "b");
  other_ = loop_.make(std::move(other), loop_.tls("b", {"61"}), End::server, server_);
  one_->start();
  other_->start();
  ASSERT_TRUE(loop_.run_until([&] { return client_.is_closed && server_.is_closed; }));
  EXPECT_EQ(server_.why, "its certificate is revoked (a, serial 61)");
  EXPECT_EQ(client_.why.rfind("it has refused this node", 0), 0u) << client_.why;
}

TEST_F(TlsSocketTest, ASilentPeerHasItsTime) {
  EXPECT_EQ(TlsSocket::Settings({}).handshake_time_max, limits::tls_handshake_time_max);
  auto [one, other] = loop_.connection();
  other_ = loop_.make(std::move(other), loop_.tls("b"), End::server, server_, "", std::chrono::milliseconds(50));
  other_->start();
  ASSERT_TRUE(loop_.run_until([&] { return server_.is_closed; }));
  EXPECT_EQ(server_.why, "it has not shaken hands within 50ms");
}

TEST_F(TlsSocketTest, TheTimeForTheHandshakeEndsWithIt) {
  auto [one, other] = loop_.connection();
  const auto time = std::chrono::seconds(1);
  one_ = loop_.make(std::move(one), loop_.tls("a"), End::client, client_, "b", time);
  other_ = loop_.make(std::move(other), loop_.tls("b"), End::server, server_, "", time);
  one_->start();
  other_->start();
  const auto end = std::chrono::steady_clock::now() + time + std::chrono::milliseconds(200);
  ASSERT_TRUE(loop_.run_until([&] {
    client_.pieces.emplace_back("x");  // there is something to wait for
    one_->send();
    return std::chrono::steady_clock::now() > end;
  }));
  EXPECT_FALSE(client_.is_closed || server_.is_closed) << client_.why << server_.why;
  EXPECT_TRUE(client_.is_established && server_.is_established);
}

TEST_F(TlsSocketTest, AnOwnerMayCloseItInAnyCall) {
  client_.pieces = {"x"};
  client_.on_established = [](TlsSocket& socket) { socket.send(); };
  server_.on_received = [](TlsSocket& socket) { socket.close(); };
  connect();
  ASSERT_TRUE(loop_.run_until([&] { return client_.is_closed; }));
  EXPECT_EQ(server_.data, "x");
  EXPECT_FALSE(server_.is_closed);

  TlsEnd client, server;
  auto [one, other] = loop_.connection();
  client.on_established = [](TlsSocket& socket) { socket.close(); };
  one_ = loop_.make(std::move(one), loop_.tls("a"), End::client, client);
  other_ = loop_.make(std::move(other), loop_.tls("b"), End::server, server);
  one_->start();
  other_->start();
  ASSERT_TRUE(loop_.run_until([&] { return server.is_closed; }));
  EXPECT_TRUE(client.is_established);
  EXPECT_FALSE(client.is_closed);
  one_->close();
  other_->close();
}

TEST_F(TlsSocketTest, AnotherOwnerHearsTheRest) {
  TlsEnd later;
  server_.on_established = [&](TlsSocket& socket) { socket.hand_over(later); };
  client_.pieces = {"hello"};
  establish();
  one_->send();
  ASSERT_TRUE(loop_.run_until([&] { return later.data == "hello"; }));
  EXPECT_EQ(server_.data, "");
  one_->close();
  ASSERT_TRUE(loop_.run_until([&] { return later.is_closed; }));
  EXPECT_FALSE(server_.is_closed);
}

}  // namespace tls_socket_test
}  // namespace skep
