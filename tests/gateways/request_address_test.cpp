#include "request_address.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace request_address_test {

TEST(RequestAddressTest, APathGoesToHost) {
  for (const auto* target : {"/ws", "/ws?", "/ws?to=http://b/c"}) {
    const auto address = request_address(target, "a:80");
    EXPECT_EQ(address.host, "a:80") << target;
    EXPECT_EQ(address.path, "/ws") << target;
  }
}

TEST(RequestAddressTest, AWholeAddressGoesWhereItSaysWhateverHostIs) {
  for (const auto* target :
       {"http://b:81/ws", "HTTP://b:81/ws?x=1", "https://b:81/ws", "ws://b:81/ws", "wss://b:81/ws?/"}) {
    const auto address = request_address(target, "a:80");
    EXPECT_EQ(address.host, "b:81") << target;
    EXPECT_EQ(address.path, "/ws") << target;
  }
}

TEST(RequestAddressTest, AnAddressWithoutAPathHasTheRoot) {
  for (const auto* target : {"http://b", "http://b/", "http://b?x=/y", "http://b/?x"}) {
    EXPECT_EQ(request_address(target, "a").path, "/") << target;
    EXPECT_EQ(request_address(target, "a").host, "b") << target;
  }
}

TEST(RequestAddressTest, WhatIsNeitherIsItsOwnPath) {
  for (const auto* target : {"", "*", "b:443", "ftp://b/ws", "http:/b/ws", "http", "http://", "http:///ws"}) {
    EXPECT_EQ(request_address(target, "a").path, target);
    EXPECT_EQ(request_address(target, "a").host, "a") << target;
  }
}

TEST(RequestAddressTest, AHostOfThisMachineHasAPortOrNone) {
  for (const auto* host : {"localhost", "LOCALHOST:80", "127.0.0.1", "127.3.2.1:80", "[::1]:80", "[::1]"}) {
    EXPECT_TRUE(names_this_machine(host)) << host;
  }
}

TEST(RequestAddressTest, OthersAreOfOtherMachines) {
  for (const auto* host :
       {"", "[]", "example.org", "example.org:80", "localhost.example.org", "localhost:", "10.0.0.1:80", "0.0.0.0",
        "[::2]", "[localhost]:80x", "[localhost]", "[127.0.0.1]:80", "[::1%1]", "[::1%1]:80", "::1", "[", "[::1"}) {
    EXPECT_FALSE(names_this_machine(host)) << host;
  }
}

}  // namespace request_address_test
}  // namespace skep
