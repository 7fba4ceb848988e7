// The gateway by itself: sockets of its own, and this test in the place of the swarm.

#include "udp.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "fahrenheit.hpp"
#include "skep/testing/bee_harness.hpp"
#include "skep/testing/gateway_harness.hpp"

namespace example {
namespace {

using namespace std::chrono_literals;
using skep::testing::GatewayHarness;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A socket of somebody else's.
class Sender {
 public:
  Sender() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    auto any = Address::of("127.0.0.1:0");
    EXPECT_EQ(::bind(socket_, any.get(), any.size), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&any.bytes), &any.size), 0);
    address_ = any.text();
  }
  Sender(const Sender&) = delete;
  Sender& operator=(const Sender&) = delete;
  ~Sender() { ::close(socket_); }

  void send(const std::string& address, const std::string& text) const {
    const auto to = Address::of(address);
    EXPECT_EQ(::sendto(socket_, text.data(), text.size(), 0, to.get(), to.size), std::ssize(text));
  }
  /// What has come, or "".
  [[nodiscard]] std::string receive() const {
    std::string text(65536, '\0');
    const auto size = ::recv(socket_, text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }
  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  int socket_;
  std::string address_;
};

const Udp::Options here{.listen = "127.0.0.1:0"};

TEST(UdpTest, AnswersGoToWhereTheirQuestionsCameFrom) {
  GatewayHarness<Udp> gateway(here);
  ASSERT_TRUE(gateway.started()) << gateway.failure();
  Sender one, two;
  one.send(gateway.address(), "1\n");
  two.send(gateway.address(), "2");
  gateway.run();
  ASSERT_EQ(gateway.submitted().size(), 2u);
  EXPECT_EQ(gateway.submitted()[0].text(), "1");
  EXPECT_EQ(gateway.submitted()[0].key(), one.address());
  gateway.answer(gateway.submitted()[1], "B");
  gateway.fail(gateway.submitted()[0], skep::errc::rejected, "no");
  EXPECT_EQ(one.receive(), "! rejected");
  EXPECT_EQ(two.receive(), "= B");
}

TEST(UdpTest, RecordsGoToItsPeer) {
  Sender display;
  GatewayHarness<Udp> gateway({.listen = "127.0.0.1:0", .peer = display.address()},
                              {.answers = false, .delivers = true});
  ASSERT_TRUE(gateway.started()) << gateway.failure();
  gateway.deliver("68");
  EXPECT_EQ(display.receive(), "68");
}

TEST(UdpTest, WhatItCannotStartWithIsSaid) {
  const auto failure = [](Udp::Options options, skep::testing::GatewayHarnessSettings settings = {}) {
    return GatewayHarness<Udp>(std::move(options), std::move(settings)).failure();
  };
  EXPECT_THAT(failure(here, {.delivers = true}), HasSubstr("'peer'"));
  EXPECT_THAT(failure({.listen = "example.org:1"}), HasSubstr("is no address"));
  GatewayHarness<Udp> first(here);
  EXPECT_THAT(failure({.listen = first.address()}), HasSubstr("Address already in use"));
}

TEST(UdpTest, OddDatagramsEndNothingAndAreCounted) {
  GatewayHarness<Udp> gateway({.listen = "127.0.0.1:0", .datagram_bytes_max = {100}});
  Sender sender;
  for (const std::string& text : {std::string(), std::string("\n"), std::string(65507, 'x'), std::string(101, 'x'),
                                  std::string("= 68"), std::string("! rejected")}) {
    sender.send(gateway.address(), text);
  }
  sender.send(gateway.address(), std::string(100, 'x'));
  sender.send(gateway.address(), std::string("\0\xff nan", 6));
  gateway.run();
  EXPECT_EQ(gateway.submitted().size(), 2u);
  EXPECT_THAT(sender.receive(), "") << "an answer to an answer would never end";
  EXPECT_THAT(gateway.log(), IsEmpty());
  gateway.advance(11s);
  ASSERT_EQ(gateway.log().size(), 1u);
  EXPECT_EQ(gateway.log()[0].text,
            "datagrams of the last 10s: 2 empty, 2 too long (datagram_bytes_max), 2 answers, passed over");
  gateway.advance(15s);
  EXPECT_EQ(gateway.log().size(), 1u);
}

TEST(UdpTest, ALineEndIsNoPartOfADatagramAndHidesNone) {
  GatewayHarness<Udp> gateway({.listen = "127.0.0.1:0", .datagram_bytes_max = {4}});
  Sender sender;
  for (const auto* text : {"1234\n", "1234\r\n", "1234\nand more", "1234\r\nand more", "12345\n"}) {
    sender.send(gateway.address(), text);
  }
  gateway.run();
  ASSERT_EQ(gateway.submitted().size(), 2u);
  for (const auto& record : gateway.submitted()) EXPECT_EQ(record.text(), "1234");
}

TEST(UdpTest, AFloodOfSendersLocksNobodyOut) {
  GatewayHarness<Udp> gateway({.listen = "127.0.0.1:0", .sources_max = 3}, {.keys = {{"sessions_max", 100}}});
  std::vector<Sender> senders(20);
  for (const auto& sender : senders) sender.send(gateway.address(), "q");
  gateway.run();
  ASSERT_EQ(gateway.submitted().size(), 20u);
  EXPECT_EQ(gateway.counters().sessions_open, 3u);
  const auto submitted = gateway.submitted();
  for (const auto& record : submitted) gateway.answer(record, "a");
  std::string heard;
  for (const auto& sender : senders) heard += sender.receive().empty() ? '-' : 'a';
  EXPECT_EQ(heard, "-----------------aaa");
  senders[0].send(gateway.address(), "again");
  gateway.run();
  gateway.answer(gateway.submitted().at(20), "yes");
  EXPECT_EQ(senders[0].receive(), "= yes");
  const auto counters = gateway.stop();
  EXPECT_EQ(counters.requests, counters.answered + counters.abandoned);
}

TEST(FahrenheitTest, TakesNumbersOnly) {
  skep::testing::BeeHarness<Fahrenheit> bee;
  const std::vector<const char*> wrong{"nan", "inf", "", "1e999", "20 ", "x"};
  for (const auto* text : wrong) bee.send(skep::testing::make_record(skep::Payload::raw(text)));
  EXPECT_EQ(bee.failures().size(), wrong.size());
  bee.send(skep::testing::make_record(skep::Payload::raw("20")));
  EXPECT_EQ(bee.emitted().at(0).text(), "68");
}

}  // namespace
}  // namespace example
