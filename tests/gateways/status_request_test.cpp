#include "../../gateways/src/status_request.hpp"

#include <gtest/gtest.h>

namespace skep {
namespace status_request_test {

unsigned status(StatusRequest request, bool loopback = true) {
  const auto refusal = check_status_request(request, loopback);
  return refusal ? refusal->status : 200;
}

TEST(StatusRequestTest, AnswersGetAndHeadOnly) {
  EXPECT_EQ(status({.method = "GET"}), 200u);
  EXPECT_EQ(status({.method = "HEAD"}), 200u);
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "get", ""}) {
    EXPECT_EQ(status({.method = method}), 405u) << method;
  }
}

TEST(StatusRequestTest, RefusesBodiesAndASecondHost) {
  EXPECT_EQ(status({.method = "GET", .has_body = true}), 400u);
  EXPECT_EQ(status({.method = "GET", .repeats_host = true}), 400u);
}

TEST(StatusRequestTest, AWebPageCannotReadItThroughANameOfItsOwn) {
  for (const auto* host : {"", "localhost", "localhost:9100", "127.0.0.1:9100", "[::1]:9100"}) {
    EXPECT_EQ(status({.method = "GET", .host = host}), 200u) << host;
  }
  EXPECT_EQ(status({.method = "GET", .host = "evil.example:9100"}), 403u);
  EXPECT_EQ(status({.method = "GET", .host = "evil.example:9100"}, false), 200u) << "it is open to others anyway";
}

TEST(StatusRequestTest, AWholeAddressStandsInPlaceOfHost) {
  EXPECT_EQ(status({.method = "GET", .target = "http://localhost:9100/metrics", .host = "evil.example:9100"}), 200u);
  EXPECT_EQ(status({.method = "GET", .target = "http://evil.example:9100/metrics", .host = "localhost:9100"}), 403u);
}

}  // namespace status_request_test
}  // namespace skep
