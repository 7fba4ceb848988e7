// Where a gateway counts what goes wrong.

#include <gmock/gmock.h>

#include "gateways/gateway_fixture.hpp"
#include "gateways/socket_client.hpp"
#include "gateways/tcp_setup.hpp"

namespace skep {
namespace {

using namespace testing;

HiveSetup one_way(std::uint32_t window) {
  auto setup = tcp();
  setup.answers = false;
  setup.window = window;
  return setup;
}

TEST(GatewayCountsTest, OneWayRecordsForABeeThatIsDownForGoodAreLost) {
  Hive hive(one_way(2));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  client.send("1\n2\n3\n4\n");
  eventually([&] { return hive.counters().requests == 4; }, "two on their way, and two that wait");
  hive.give_up_bee();
  EXPECT_EQ(hive.counters().lost, 4u);
  client.send("5\n");
  eventually([&] { return hive.counters().requests == 5; }, "one more");
  EXPECT_EQ(hive.counters().lost, 5u);
}

TEST(GatewayCountsTest, OneWayRecordsThatAnEdgeDropsCountThere) {
  auto setup = one_way(1);
  setup.overflow = Overflow::drop_newest;
  Hive hive(std::move(setup));
  hive.script(Script::accept_nothing);
  SocketClient client(hive.address());
  client.send("1\n2\n3\n4\n");
  eventually([&] { return hive.counters().requests == 4; }, "four records");
  EXPECT_EQ(hive.counters().lost, 0u);
}

}  // namespace
}  // namespace skep
