// Who has left, as a gateway says it to the bees.
#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"
#include "skep/actors/departed_sessions.hpp"

namespace skep {
namespace departed_test {

using namespace testing;

class DepartedTest : public ::testing::Test {
 protected:
  HiveSetup setup(bool answers = true) {
    auto setup = tcp();
    setup.answers = answers;
    setup.departed = &departed_;
    return setup;
  }
  [[nodiscard]] bool has_left(std::uint64_t session) const { return departed_.has({1, 2, 77, session, 1}); }
  [[nodiscard]] bool any_left() const { return departed_.any(std::chrono::steady_clock::now()); }

  DepartedSessions departed_;
};

TEST_F(DepartedTest, AClientThatBreaksOffWithRequestsOpenHasLeft) {
  Hive hive(setup());
  hive.script(Script::keep_answers);
  SocketClient stays(hive.address());
  stays.send("1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "a request");
  SocketClient leaves(hive.address());
  leaves.send("2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "a second request");
  leaves.reset();
  eventually([&] { return hive.counters().sessions_open == 1; }, "the session's end");
  EXPECT_TRUE(has_left(2));
  EXPECT_FALSE(has_left(1));
}

TEST_F(DepartedTest, AClientThatEndsItsStreamHasNotLeftNorHasOneThatIsOwedNothing) {
  Hive hive(setup());
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send("1\n2\n");
  client.end_stream();
  eventually([&] { return hive.accepted().size() == 2; }, "two requests");
  EXPECT_FALSE(any_left());
  hive.script(Script::echo);
  EXPECT_EQ(client.rest(), "1\n2\n");
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
  EXPECT_FALSE(any_left());
}

TEST_F(DepartedTest, ClientsOfAGatewayThatAnswersNobodyMayLeave) {
  Hive hive(setup(false));
  SocketClient client(hive.address());
  client.send("1\n2\n");
  eventually([&] { return hive.accepted().size() == 2; }, "two records");
  client.reset();
  eventually([&] { return hive.counters().sessions_open == 0; }, "the session's end");
  EXPECT_FALSE(any_left());
}

}  // namespace departed_test
}  // namespace skep
