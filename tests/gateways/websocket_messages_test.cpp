#include "websocket/websocket_messages.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

namespace skep {
namespace websocket_messages_test {

TEST(WebSocketMessagesTest, ManyShortOnesHoldLittleMoreThanTheirBytes) {
  WebSocketMessages messages;
  for (int i = 0; i < 1000; ++i) messages.push("x", false);
  EXPECT_GE(messages.bytes(), 1000u);
  EXPECT_LE(messages.memory(), 20'000u);
}

TEST(WebSocketMessagesTest, AnEmptyOneKeepsNoRoom) {
  WebSocketMessages messages;
  messages.push(std::string(60'000, 'x'), true);
  EXPECT_GE(messages.memory(), 60'000u);
  messages.pop();
  EXPECT_LT(messages.memory(), 100u);
}

TEST(WebSocketMessagesTest, GivesBackWhatWasPutInInItsOrder) {
  EXPECT_TRUE(rc::check("any messages put in and taken out", [] {
    WebSocketMessages messages;
    std::vector<std::pair<std::string, bool>> put, taken;
    const auto take = [&] {
      taken.emplace_back(messages.front().bytes, messages.front().is_text);
      messages.pop();
    };
    for (const auto& text : *rc::gen::arbitrary<std::vector<std::string>>()) {
      put.emplace_back(text, *rc::gen::arbitrary<bool>());
      messages.push(put.back().first, put.back().second);
      if (*rc::gen::arbitrary<bool>()) take();
    }
    while (!messages.empty()) take();
    RC_ASSERT(taken == put);
    RC_ASSERT(messages.bytes() == 0u);
  }));
}

}  // namespace websocket_messages_test
}  // namespace skep
