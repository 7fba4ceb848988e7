#include "net/connector.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace connector_test {

using namespace std::chrono_literals;

/// Connects to a socket that listens. Without work left the context's `run` returns: then no attempt is to come.
class ConnectorTest : public ::testing::Test {
 protected:
  ~ConnectorTest() override { connector_->close(); }

  boost::asio::io_context context_{1};
  ListenSocket listener_{context_, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  int connected_ = 0, failed_ = 0;
  std::string why_;
  ConnectorPtr connector_{new Connector(context_,
                                        {{"127.0.0.1", listener_.local_endpoint().port()}, 1ms, 10ms, 20s, 10ms},
                                        {[this](Socket) { ++connected_; },
                                         [this](const std::string& why) {
                                           ++failed_;
                                           why_ = why;
                                         }})};
};

TEST(BackOffTest, DoublesUntilAConnectionHasLasted) {
  BackOff back_off(1ms, 4ms, 10ms);
  for (const auto delay : {1ms, 2ms, 4ms, 4ms}) EXPECT_EQ(back_off.next(), delay);
  back_off.ended(9ms);
  EXPECT_EQ(back_off.next(), 4ms);
  back_off.ended(10ms);
  EXPECT_EQ(back_off.next(), 1ms);
  EXPECT_EQ(back_off.next(), 2ms);
}

TEST_F(ConnectorTest, AnAttemptUnderWayIsTheOneThatWasWantedLater) {
  connector_->connect();
  connector_->connect_later();
  context_.run();
  EXPECT_EQ(connected_, 1);
}

TEST_F(ConnectorTest, ConnectingAtOnceTakesThePlaceOfConnectingLater) {
  connector_->connect_later();
  connector_->connect();
  context_.run();
  EXPECT_EQ(connected_, 1);
}

TEST_F(ConnectorTest, AConnectionOfNoUseIsAnAttemptThatFailed) {
  connector_->connect();
  context_.run();
  connector_->fail("it speaks no TLS");
  EXPECT_EQ(why_, "cannot connect to " + to_string(listener_.local_endpoint()) + ": it speaks no TLS");
  context_.restart();
  context_.run();
  EXPECT_EQ(connected_, 2);
}

TEST_F(ConnectorTest, ConnectsAgainAfterADelay) {
  connector_->connect();
  context_.run();
  connector_->connect_later();
  context_.restart();
  context_.run();
  EXPECT_EQ(connected_, 2);
  EXPECT_EQ(failed_, 0);
}

}  // namespace connector_test
}  // namespace skep
