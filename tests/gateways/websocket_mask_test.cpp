#include "websocket/websocket_mask.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace skep {
namespace websocket_mask_test {

constexpr WebSocketMask::Key key{'\x37', '\xFA', '\x21', '\x3D'};

/// Byte by byte, as RFC 6455, section 5.3 says it.
std::string naively_masked(std::string bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] ^= key[i % 4];
  return bytes;
}

std::string some_bytes(std::size_t count) {
  std::string bytes(count, ' ');
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<char>(i * 37);
  return bytes;
}

TEST(WebSocketMaskTest, MasksAsTheStandardsExampleDoes) {
  std::string hello = "Hello";
  WebSocketMask(key).apply(hello);
  EXPECT_EQ(hello, "\x7f\x9f\x4d\x51\x58");
}

TEST(WebSocketMaskTest, MasksPiecesOfAnySizeAtAnyAddress) {
  for (std::size_t size = 0; size <= 100; ++size) {
    for (std::size_t begin = 0; begin <= 8; ++begin) {
      for (const std::size_t piece : {1, 2, 3, 5, 8, 31, 100}) {
        auto bytes = some_bytes(begin + size);
        const std::span payload(bytes.data() + begin, size);
        const auto expected = bytes.substr(0, begin) + naively_masked(bytes.substr(begin));
        WebSocketMask mask(key);
        for (std::size_t at = 0; at < size; at += piece) mask.apply(payload.subspan(at, std::min(piece, size - at)));
        ASSERT_EQ(bytes, expected) << size << " bytes from " << begin << " on, by " << piece;
      }
    }
  }
}

TEST(WebSocketMaskTest, TouchesNothingBesides) {
  for (std::size_t size = 0; size <= 70; ++size) {
    auto bytes = some_bytes(size + 20);
    WebSocketMask(key).apply(std::span(bytes).subspan(10, size));
    EXPECT_EQ(bytes.substr(0, 10), some_bytes(10));
    EXPECT_EQ(bytes.substr(10 + size), some_bytes(size + 20).substr(10 + size));
  }
}

TEST(WebSocketMaskTest, TwiceIsNothing) {
  auto bytes = some_bytes(1000);
  WebSocketMask(key).apply(bytes);
  EXPECT_NE(bytes, some_bytes(1000));
  WebSocketMask(key).apply(bytes);
  EXPECT_EQ(bytes, some_bytes(1000));
}

}  // namespace websocket_mask_test
}  // namespace skep
