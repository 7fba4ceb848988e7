#include "skep/gateways/status_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "gateways/socket_client.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace status_server_test {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::SocketClient;
using ::testing::StartsWith;
using namespace std::chrono_literals;

/// Pages "/small", and "/large" of as many bytes as the test says.
class StatusServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = StatusServer::start("127.0.0.1:0",
                                       [this](std::string_view path) -> std::optional<StatusServer::Page> {
                                         if (path == "/small") return StatusServer::Page{"text/plain", "small\n"};
                                         if (path == "/large")
                                           return StatusServer::Page{"text/plain", std::string(large_, 'x')};
                                         return std::nullopt;
                                       },
                                       {});
    ASSERT_TRUE(started.ok());
    server_ = std::move(started).value();
  }

  std::string exchange(std::string_view request) {
    SocketClient client(server_->address());
    client.send(request);
    return client.rest();
  }
  /// How long until the server has closed.
  static std::chrono::steady_clock::duration time_until_closed(SocketClient& client) {
    const auto begin = std::chrono::steady_clock::now();
    (void)client.rest();
    return std::chrono::steady_clock::now() - begin;
  }

  std::size_t large_ = 0;
  std::unique_ptr<StatusServer> server_;
};

TEST_F(StatusServerTest, AnswersAPageAndCloses) {
  const auto answer = exchange("GET /small?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, HasSubstr("\r\n\r\nsmall\n"));
}

TEST_F(StatusServerTest, HeadHasTheLengthAndNoBody) {
  const auto answer = exchange("HEAD /small HTTP/1.0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n"));
  for (const auto* refused : {"HEAD /other HTTP/1.1\r\n\r\n", "HEAD /small HTTP/1.1\r\nHost: evil.example\r\n\r\n",
                              "HEAD /small HTTP/1.1\r\nContent-Length: 0\r\n\r\n"}) {
    EXPECT_THAT(exchange(refused), ::testing::EndsWith("\r\n\r\n")) << refused;
  }
}

TEST_F(StatusServerTest, EverythingElseIsAClearErrorAndAnEnd) {
  const auto first_line = [&](std::string_view request) { return exchange(request).substr(9, 3); };
  EXPECT_EQ(first_line("GET /other HTTP/1.1\r\n\r\n"), "404");
  EXPECT_EQ(first_line("POST /small HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"), "405");
  EXPECT_EQ(first_line("GET /small HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"), "400");
  EXPECT_EQ(first_line("GET /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400");
  EXPECT_EQ(first_line("GET /small HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "400");
  EXPECT_EQ(first_line("GET /small HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "403");
  EXPECT_EQ(first_line("GET /small HTTP/7.1\r\n\r\n"), "400");
  EXPECT_EQ(first_line("\x16\x03\x01\x02\x00\x01\r\n\r\n"), "400");
  EXPECT_THAT(exchange("POST / HTTP/1.1\r\n\r\n"), HasSubstr("Allow: GET, HEAD\r\n"));
}

TEST_F(StatusServerTest, AHeaderOverStatusHeaderBytesMaxIsRefused) {
  const std::string begin = "GET /small HTTP/1.1\r\nX: ";
  const auto most = limits::status_header_bytes_max - begin.size();
  EXPECT_THAT(exchange(begin + std::string(most - 64, 'x') + "\r\n\r\n"), HasSubstr(" 200 "));
  const auto answer = exchange(begin + std::string(most + 64, 'x') + "\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr(" 431 "));
  EXPECT_THAT(answer, HasSubstr("status_header_bytes_max = 8192"));
}

TEST_F(StatusServerTest, ASilentAndASlowClientAreClosedAfterStatusHeaderTimeMax) {
  SocketClient silent(server_->address()), slow(server_->address());
  slow.send("GET /small HTTP/1.1\r\n");
  const auto time = time_until_closed(silent);
  slow.send_some("X: y\r\n");
  EXPECT_GE(time, limits::status_header_time_max - 100ms);
  EXPECT_LT(time, limits::status_header_time_max + 5s);
  EXPECT_LT(time_until_closed(slow), 1s) << "what it sends brings it no more time";
}

TEST_F(StatusServerTest, AClientThatDoesNotReadIsClosedAfterStatusWriteTimeMax) {
  large_ = 64u << 20;
  SocketClient deaf(server_->address());
  const auto begin = std::chrono::steady_clock::now();
  deaf.send("GET /large HTTP/1.1\r\n\r\n");
  SocketClient other(server_->address());
  other.send("GET /small HTTP/1.1\r\n\r\n");
  EXPECT_THAT(other.rest(), HasSubstr("small\n")) << "nobody else notices";
  deaf.send("x");
  EXPECT_TRUE(deaf.was_reset(limits::status_write_time_max + 5s));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, limits::status_write_time_max - 100ms);
}

TEST_F(StatusServerTest, OverStatusConnectionsMaxTheOldestMakesRoom) {
  std::vector<SocketClient> silent;
  for (std::size_t i = 0; i < limits::status_connections_max; ++i) silent.emplace_back(server_->address());
  EXPECT_THAT(exchange("GET /small HTTP/1.1\r\n\r\n"), HasSubstr("small\n"));
  EXPECT_LT(time_until_closed(silent.front()), limits::status_header_time_max - 1s);
  silent.back().send("GET /small HTTP/1.1\r\n\r\n");
  EXPECT_THAT(silent.back().rest(), HasSubstr("small\n")) << "the others stay";
}

TEST_F(StatusServerTest, EndsWithClientsConnected) {
  large_ = 64u << 20;
  SocketClient silent(server_->address()), deaf(server_->address());
  deaf.send("GET /large HTTP/1.1\r\n\r\n");
  server_.reset();
  EXPECT_LT(time_until_closed(silent), 1s);
}

TEST_F(StatusServerTest, APortInUseAndAWrongAddressAreSaid) {
  const auto taken = StatusServer::start(server_->address(), {}, {});
  ASSERT_FALSE(taken.ok());
  EXPECT_THAT(taken.error().message, HasSubstr("cannot listen on " + server_->address()));
  EXPECT_FALSE(StatusServer::check("9100").ok());
  EXPECT_TRUE(StatusServer::check("0.0.0.0:9100").ok());
}

}  // namespace status_server_test
}  // namespace skep
