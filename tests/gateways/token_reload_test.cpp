// Tokens of a file that is read again, and names of tokens and certificates in the log, on real sockets.
#include <gmock/gmock.h>

#include "gateways/tcp_setup.hpp"
#include "gateways/tls_setup.hpp"
#include "gateways/websocket_client.hpp"
#include "gateways/websocket_setup.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace token_reload_test {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string hash_of(const std::string& token) {
  return "sha256:" + Sha256::hex_of(std::as_bytes(std::span(token)));
}

std::string bearer(const std::string& token) {
  return "Bearer " + token + "\n";
}

std::string authorization(const std::string& token) {
  return "Authorization: Bearer " + token + "\r\n";
}

class TokenReloadTest : public ::testing::Test {
 protected:
  TokenReloadTest() { write("billing " + hash_of("one") + "\nacme " + hash_of("two") + "\n"); }

  void write(const std::string& text, ::mode_t mode = 0600) const { files_.write("tokens", text, mode); }
  [[nodiscard]] HiveSetup with_file(HiveSetup setup) const {
    setup.options = with(std::move(setup.options), "tokens_file", option(files_.path("tokens")));
    setup.log_fields = true;
    return setup;
  }
  void reload(Hive& hive, const std::string& line) {
    hive.reload();
    eventually([&] { return hive.log().contain(line); }, line.c_str());
  }
  [[nodiscard]] std::string reloaded(const std::string& what) const {
    return "tokens '" + files_.path("tokens") + "' are reloaded: " + what;
  }

  TlsFiles files_;
};

TEST_F(TokenReloadTest, NewClientsAreJudgedByTheNewOnes) {
  Hive hive(with_file(tcp()));
  ASSERT_EQ(hive.failure(), "");
  SocketClient early(hive.address());
  write("# billing has left\nacme " + hash_of("two") + "\nnew " + hash_of("three"));
  reload(hive, reloaded("2 tokens\n"));
  early.send(bearer("one"));
  EXPECT_THAT(early.rest(), HasSubstr("\"unauthorized\""));
  for (const auto* token : {"two", "three"}) {
    SocketClient client(hive.address());
    client.send(bearer(token) + "1\n");
    EXPECT_EQ(client.line().value_or("closed"), "1") << token;
  }
}

TEST_F(TokenReloadTest, SessionsWhoseTokenIsGoneEndWithTheReasonAndOthersStay) {
  Hive hive(with_file(tcp({{"tokens", list(hash_of("three"))}})));
  SocketClient gone(hive.address()), stays(hive.address()), listed(hive.address());
  gone.send(bearer("one") + "1\n");
  stays.send(bearer("two") + "2\n");
  listed.send(bearer("three") + "3\n");
  ASSERT_EQ(gone.line().value_or("closed"), "1");
  ASSERT_EQ(stays.line().value_or("closed"), "2");
  ASSERT_EQ(listed.line().value_or("closed"), "3");
  write("acme " + hash_of("two"));
  reload(hive, reloaded("2 tokens; 1 session ended with a token that is gone\n"));
  EXPECT_THAT(gone.rest(), AllOf(HasSubstr("\"unauthorized\""), HasSubstr("the token has been taken out")));
  EXPECT_EQ(echo(stays, "4"), "4");
  EXPECT_EQ(echo(listed, "5"), "5");
  EXPECT_TRUE(hive.log().contain(" (token billing) ends: its token has been taken out"));
  eventually([&] { return hive.counters().sessions_open == 2; }, "the end of one");
}

TEST_F(TokenReloadTest, WhatWasAskedBeforeIsAnsweredAndNothingElseIsTaken) {
  Hive hive(with_file(tcp()));
  hive.script(Script::keep_answers);
  SocketClient client(hive.address());
  client.send(bearer("one") + "1\n");
  eventually([&] { return hive.accepted().size() == 1; }, "the request");
  write("acme " + hash_of("two"));
  reload(hive, reloaded("1 token; 1 session ended"));
  client.send("2\n");
  reload(hive, reloaded("1 token\n"));  // it is told once
  hive.script(Script::echo);
  EXPECT_EQ(client.line().value_or("closed"), "1");
  EXPECT_THAT(client.rest(), HasSubstr("the token has been taken out"));
  EXPECT_EQ(hive.counters().requests, 1u);
}

TEST_F(TokenReloadTest, NoRecordGoesOutToWhoseTokenIsGone) {
  auto setup = with_file(tcp());
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  SocketClient gone(hive.address()), stays(hive.address());
  gone.send(bearer("one"));
  stays.send(bearer("two"));
  eventually([&] { return hive.counters().sessions == 2; }, "two sessions");
  write("acme " + hash_of("two"));
  reload(hive, reloaded("1 token; 1 session ended"));
  hive.send_out({"\"secret\""});
  EXPECT_EQ(stays.line().value_or("closed"), "\"secret\"");
  EXPECT_THAT(gone.rest(), AllOf(HasSubstr("\"unauthorized\""), Not(HasSubstr("secret"))));
}

TEST_F(TokenReloadTest, AWebSocketIsClosedWith1008) {
  Hive hive(with_file(websocket()));
  WebSocketClient gone(hive.address(), "/", authorization("one")), stays(hive.address(), "/", authorization("two"));
  ASSERT_EQ(gone.status(), 101u);
  ASSERT_EQ(stays.status(), 101u);
  write("acme " + hash_of("two"));
  reload(hive, reloaded("1 token; 1 session ended"));
  const auto close = gone.receive();
  EXPECT_EQ(close.code, 1008u);
  EXPECT_EQ(close.bytes, "the token has been taken out");
  gone.send(Opcode::close, std::string("\x03\xf0", 2));
  EXPECT_EQ(gone.socket().rest(), "");
  stays.send_text("1");
  EXPECT_EQ(stays.text(), "1");
  EXPECT_EQ(WebSocketClient(hive.address(), "/", authorization("one")).status(), 401u);
  EXPECT_TRUE(hive.log().contain(" (token billing) closed: its token has been taken out"));
}

TEST_F(TokenReloadTest, AFileThatIsWrongChangesNothing) {
  Hive hive(with_file(tcp()));
  SocketClient before(hive.address());
  before.send(bearer("one") + "1\n");
  ASSERT_EQ(before.line().value_or("closed"), "1");
  const auto kept = "not reloaded, what was in use stays: tokens_file: '" + files_.path("tokens") + "'";
  write("acme " + hash_of("two") + "\nmy-own-secret\n");
  reload(hive, kept + ", line 2: a token stands there as its hash");
  write("");
  reload(hive, kept + " has no token: nobody could come in");
  write("acme " + hash_of("two"), 0644);
  reload(hive, kept + " holds the hashes of tokens, and others than its owner can reach it");
  std::filesystem::remove(files_.path("tokens"));
  reload(hive, kept + " cannot be read: No such file");
  EXPECT_EQ(echo(before, "2"), "2");
  SocketClient after(hive.address());
  after.send(bearer("one") + "3\n");
  EXPECT_EQ(after.line().value_or("closed"), "3");
  EXPECT_FALSE(hive.log().contain("my-own-secret"));
}

TEST_F(TokenReloadTest, AGatewayDoesNotOpenWithAFileThatIsWrong) {
  write("billing\n");
  Hive wrong(with_file(tcp()));
  EXPECT_THAT(wrong.failure(), HasSubstr("tokens_file: '" + files_.path("tokens") + "', line 1: a token stands there"));
  write("");
  Hive empty(with_file(tcp()));
  EXPECT_THAT(empty.failure(), HasSubstr("has no token: nobody could come in"));
}

TEST_F(TokenReloadTest, WhatIsWrongWithCertificatesDoesNotKeepATokenIn) {
  Hive hive(with_file(files_.gateway()));
  TlsClient gone(hive.address(), files_.client());
  ASSERT_TRUE(gone.shake());
  gone.send(bearer("one") + "1\n");
  ASSERT_EQ(gone.line().value_or("closed"), "1");
  files_.write("key.pem", "none");
  write("acme " + hash_of("two"));
  reload(hive, "not reloaded, what was in use stays: tls_key: '");
  EXPECT_THAT(gone.rest(), HasSubstr("the token has been taken out"));
}

TEST_F(TokenReloadTest, LinesOfASessionSayWhatItCameWith) {
  auto setup = with_file(files_.closed_gateway());
  Hive hive(std::move(setup));
  TlsClient wrong(hive.address(), files_.client()), right(hive.address(), files_.client());
  ASSERT_TRUE(wrong.shake() && right.shake());
  wrong.send(bearer("x"));
  EXPECT_THAT(wrong.rest(), HasSubstr("\"unauthorized\""));
  EXPECT_TRUE(hive.log().contain(" (certificate 'CN = leaf') is refused: its token is wrong {reason=token} {address="));
  EXPECT_TRUE(hive.log().contain("{client=certificate 'CN = leaf'} {gateway=in}"));
  right.send(bearer("one") + "1\n");
  ASSERT_EQ(right.line().value_or("closed"), "1");
  right.socket().close();
  eventually([&] { return hive.log().contain(" (certificate 'CN = leaf', token billing) closed: "); }, "its end");
  EXPECT_FALSE(hive.log().contain(hash_of("one").substr(7)));
}

TEST_F(TokenReloadTest, NamesOfCertificatesAreCutAndPrintable) {
  Hive hive(with_file(files_.closed_gateway()));
  auto plan = client_plan();
  plan.name = "\x1b[31m\n" + std::string(58, '\x01');  // as many as there may be
  auto setup = files_.client();
  setup.own = files_.clients.issue(plan);
  TlsClient client(hive.address(), setup);
  ASSERT_TRUE(client.shake());
  client.send(bearer("x"));
  EXPECT_THAT(client.rest(), HasSubstr("\"unauthorized\""));
  std::string shown = R"(CN = \1B[31m\0A)";
  while (shown.size() < limits::subject_bytes_max) shown += R"(\01)";
  shown.resize(limits::subject_bytes_max);
  EXPECT_TRUE(hive.log().contain(" (certificate '" + shown + "...') is refused: ")) << hive.log().text();
}

/// Of each reason the first line goes at once.
TEST_F(TokenReloadTest, AFloodOfOneReasonHidesNoOther) {
  Hive hive(with_file(websocket()));
  for (int i = 0; i < 20; ++i) WebSocketClient(hive.address(), "/", authorization("x"));
  WebSocketClient elsewhere(hive.address(), "/elsewhere", authorization("one"));
  EXPECT_EQ(elsewhere.status(), 404u);
  EXPECT_TRUE(hive.log().contain("is refused: its token is wrong {reason=token}"));
  EXPECT_TRUE(hive.log().contain(" (token billing) is refused: its request: 404 "));
  EXPECT_TRUE(hive.log().contain(" {reason=upgrade} {address=127.0.0.1:"));
  EXPECT_TRUE(hive.log().contain("} {client=token billing} {gateway=in}\n"));
}

}  // namespace token_reload_test
}  // namespace skep
