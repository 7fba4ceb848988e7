#include "net/tls_listener.hpp"

#include <gtest/gtest.h>

#include <boost/asio/write.hpp>
#include <map>

#include "support/tls_loop.hpp"

namespace skep {
namespace tls_listener_test {

using test::TlsEnd;
using End = TlsChannel::End;

class TlsListenerTest : public ::testing::Test {
 protected:
  void listen(std::size_t unknown_max, std::chrono::nanoseconds time = test::TlsLoop::patience) {
    listener_.emplace(loop_.context, TlsListener::Settings{loop_.tls("b"), scratch_, unknown_max, time},
                      TlsListener::Handlers{[this](TlsSocketPtr socket) { take(std::move(socket)); },
                                            [this](const std::string&, const std::string& why) { ++refused_[why]; },
                                            [](const std::string&) {}});
    const auto opened = listener_->open({"127.0.0.1", 0});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
  }
  void take(TlsSocketPtr socket) {
    socket->hand_over(server_);
    accepted_.push_back(std::move(socket));
  }
  Socket dial() {
    Socket socket(loop_.context);
    const auto address = listener_->address();
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
    socket.connect({boost::asio::ip::address_v4::loopback(), port});
    prepare(socket);
    return socket;
  }
  std::size_t refused() const {
    std::size_t all = 0;
    for (const auto& [why, count] : refused_) all += count;
    return all;
  }
  /// A member comes in and is heard.
  void expect_served(const std::string& text) {
    TlsEnd client;
    client.pieces = {text};
    client.on_established = [](TlsSocket& socket) { socket.send(); };
    const auto socket = loop_.make(dial(), loop_.tls("a"), End::client, client, "b");
    socket->start();
    server_.data.clear();
    ASSERT_TRUE(loop_.run_until([&] { return server_.data == text; })) << client.why;
    socket->close();
  }
  ~TlsListenerTest() override {
    for (const auto& socket : accepted_) socket->close();
    if (listener_) listener_->close();
  }

  test::TlsLoop loop_;
  std::array<std::byte, 64u << 10> scratch_;
  TlsEnd server_;
  std::vector<TlsSocketPtr> accepted_;
  std::map<std::string, std::size_t> refused_;
  std::optional<TlsListener> listener_;
};

TEST_F(TlsListenerTest, HandsOverMembersAlone) {
  listen(8);
  auto plain = dial();
  boost::asio::write(plain, boost::asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
  ASSERT_TRUE(loop_.run_until([&] { return refused() == 1; }));
  EXPECT_EQ(refused_["it speaks HTTP, not TLS"], 1u);
  expect_served("hello");
  ASSERT_EQ(accepted_.size(), 1u);
  EXPECT_EQ(accepted_.front()->peer().identity->name, "a");
  EXPECT_EQ(listener_->unknown(), 0u);
  auto gone = dial();
  ASSERT_TRUE(loop_.run_until([&] { return listener_->unknown() == 1; }));
  gone.close();
  ASSERT_TRUE(loop_.run_until([&] { return refused() == 2; }));
}

TEST_F(TlsListenerTest, ACrowdOfSilentPeersKeepsNobodyOut) {
  listen(4);
  std::vector<Socket> silent;
  for (int i = 0; i < 10; ++i) {
    silent.push_back(dial());
    ASSERT_TRUE(loop_.run_until([&] { return refused() + listener_->unknown() == silent.size(); }));
    EXPECT_LE(listener_->unknown(), 4u);
  }
  EXPECT_EQ(refused_["there are more than unknown_peers_max = 4 that are not known yet"], 6u);
  expect_served("hello");
  EXPECT_EQ(listener_->unknown(), 3u);
}

TEST_F(TlsListenerTest, SilentPeersGoInTime) {
  listen(100, std::chrono::milliseconds(100));
  std::vector<Socket> silent;
  for (int i = 0; i < 50; ++i) silent.push_back(dial());
  ASSERT_TRUE(loop_.run_until([&] { return refused() == 50; }));
  EXPECT_EQ(refused_["it has not shaken hands within 100ms"], 50u);
}

TEST_F(TlsListenerTest, ANewContextIsForThoseToCome) {
  listen(8);
  expect_served("one");
  const auto before = accepted_.front();
  listener_->use(loop_.tls("b", {"61"}));
  TlsEnd client;
  const auto socket = loop_.make(dial(), loop_.tls("a"), End::client, client, "b");
  socket->start();
  ASSERT_TRUE(loop_.run_until([&] { return client.is_closed; }));
  EXPECT_EQ(refused_["its certificate is revoked (a, serial 61)"], 1u);
  listener_->use(loop_.tls("b"));
  expect_served("two");
}

}  // namespace tls_listener_test
}  // namespace skep
