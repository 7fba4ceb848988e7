#include "host_header.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace host_header_test {

TEST(HostHeaderTest, AHostOfThisMachineHasAPortOrNone) {
  for (const auto* host : {"localhost", "localhost:80", "127.0.0.1", "127.3.2.1:80", "[::1]:80", "[::1]"}) {
    EXPECT_TRUE(names_this_machine(host)) << host;
  }
}

TEST(HostHeaderTest, OthersAreOfOtherMachines) {
  for (const auto* host : {"", "[]", "example.org", "example.org:80", "localhost.example.org",
                           "localhost:", "10.0.0.1:80", "0.0.0.0", "[::2]", "[localhost]:80x"}) {
    EXPECT_FALSE(names_this_machine(host)) << host;
  }
}

}  // namespace host_header_test
}  // namespace skep
