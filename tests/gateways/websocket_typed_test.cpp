// WebSocket gateways whose records are of a payload type.

#include <gmock/gmock.h>

#include "gateways/websocket_client.hpp"
#include "gateways/websocket_setup.hpp"
#include "schema/every.capnp.h"
#include "skep/serialization/payload_types.hpp"
#include "skep/serialization/typed.hpp"

namespace skep {
namespace websocket_typed_test {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

HiveSetup readings(std::initializer_list<std::pair<const char*, OptionValue>> more = {}) {
  SchemaTable table;
  EXPECT_TRUE(table.add(PayloadType::of<test::Reading>(), "").ok());
  auto setup = websocket(more);
  setup.options = with(std::move(setup.options), "binary", option("capnp"));
  setup.payload_types = *PayloadTypes::of(table);
  setup.input_type = capnp::typeId<test::Reading>();
  return setup;
}

std::string reading(const char* sensor) {
  const auto built = Payload::build<test::Reading>([&](test::Reading::Builder it) { it.setSensor(sensor); });
  return {reinterpret_cast<const char*>(built.bytes.data()), built.bytes.size()};
}

TEST(WebSocketTypedTest, AnAnswerHasTheFormOfItsRequest) {
  Hive hive(readings());
  ASSERT_EQ(hive.failure(), "");
  WebSocketClient client(hive.address());
  const auto bytes = reading("b");
  client.send_text(R"({"sensor": "a"})");
  client.send(Opcode::binary, bytes);
  client.send_text(R"({"sensor": "c"})");
  EXPECT_THAT(client.text(), StartsWith(R"({"sensor":"a",)"));
  const auto binary = client.receive();
  EXPECT_EQ(binary.opcode, Opcode::binary);
  EXPECT_EQ(binary.bytes, bytes);
  EXPECT_THAT(client.text(), StartsWith(R"({"sensor":"c",)"));
}

TEST(WebSocketTypedTest, ErrorsAreText) {
  Hive hive(readings({{"reply_bytes_max", option("60B")}}));
  WebSocketClient client(hive.address());
  client.send_text(R"({"sensor": 1})");
  EXPECT_THAT(client.text(), HasSubstr("$.sensor: expected"));
  client.send(Opcode::binary, "no message");
  EXPECT_THAT(client.text(), HasSubstr("it is no valid Reading"));
  client.send_text(R"({"sensor": "a"})");
  EXPECT_THAT(client.text(), HasSubstr("reply_bytes_max = 60B")) << "its size is that of the JSON";
}

TEST(WebSocketTypedTest, WhatGoesOutUnaskedFollowsTheSetting) {
  auto setup = readings();
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  WebSocketClient client(hive.address());
  const auto bytes = reading("a");
  hive.send_out({bytes}, ContentKind::capnp);
  const auto message = client.receive();
  EXPECT_EQ(message.opcode, Opcode::binary);
  EXPECT_EQ(message.bytes, bytes);
}

}  // namespace websocket_typed_test
}  // namespace skep
