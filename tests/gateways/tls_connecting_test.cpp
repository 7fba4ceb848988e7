// A tcp gateway that connects, with TLS, on real sockets.
#include <gmock/gmock.h>

#include <functional>
#include <future>
#include <vector>

#include "gateways/tls_setup.hpp"

namespace skep {
namespace tls_connecting_test {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Optional;

using Options = std::vector<std::pair<const char*, OptionValue>>;

class TlsConnectingTest : public ::testing::Test {
 protected:
  TlsConnectingTest() { files_.write("ca.pem", files_.authority.pem()); }

  /// It tries again soon, and soon once more.
  [[nodiscard]] HiveSetup connecting(const Options& more = {}) const {
    HiveSetup setup;
    setup.options = table({{"connect", option(server_->address())},
                           {"tls_authorities", option(files_.path("ca.pem"))},
                           {"connect_delay_min", option("5ms")},
                           {"connect_delay_max", option("20ms")}});
    for (const auto& [key, value] : more) setup.options = with(std::move(setup.options), key, value);
    return setup;
  }
  /// One that shows a certificate of `clients`.
  [[nodiscard]] HiveSetup showing(const Options& more = {}) const {
    files_.put(files_.clients.issue(client_plan()));
    auto setup = connecting(more);
    setup.options = with(std::move(setup.options), "tls_certificate", option(files_.path("cert.pem")));
    setup.options = with(std::move(setup.options), "tls_key", option(files_.path("key.pem")));
    return setup;
  }
  [[nodiscard]] TlsClientSetup server(const test::CertificatePlan& plan = server_plan()) const {
    return {.is_server = true, .own = files_.authority.issue(plan)};
  }
  /// The gateway's next connection; its hands are still to be shaken.
  [[nodiscard]] TlsClient accept(const TlsClientSetup& setup) { return {server_->accept(), setup}; }
  void expect_told(Hive& hive, const std::string& why) const {
    const auto line = "warning: in: cannot connect to " + server_->address() + ": " + why + "; tries again";
    eventually([&] { return hive.log().contain(line); }, line.c_str());
    EXPECT_TRUE(hive.log().contain(line)) << hive.log().text();
  }
  /// It is connected: a line goes there and back.
  void expect_works(Hive& hive) {
    auto peer = accept(server());
    ASSERT_TRUE(peer.shake());
    EXPECT_EQ(echo(peer, "[1]"), "[1]") << hive.log().text();
  }

  TlsFiles files_;
  std::unique_ptr<SocketServer> server_ = std::make_unique<SocketServer>();
};

class TlsConnectingVersionTest : public TlsConnectingTest, public ::testing::WithParamInterface<int> {
 protected:
  /// A server that asks for certificates of `clients`.
  [[nodiscard]] TlsClientSetup asking() const {
    auto setup = server();
    setup.oldest = setup.newest = GetParam();
    setup.authority = files_.clients.pem();
    return setup;
  }
};

TEST_P(TlsConnectingVersionTest, RecordsGoBothWays) {
  auto setup = connecting();
  setup.answers = false;
  setup.receives = true;
  Hive sink(std::move(setup));
  ASSERT_EQ(sink.failure(), "");
  auto its = server();
  its.oldest = its.newest = GetParam();
  auto peer = accept(its);
  sink.send_out({"1", "2"});
  ASSERT_TRUE(peer.shake());
  EXPECT_EQ(SSL_version(&peer.ssl()), GetParam());
  EXPECT_EQ(peer.bytes(4), "1\n2\n");

  Hive source(connecting());
  auto other = accept(its);
  ASSERT_TRUE(other.shake());
  EXPECT_EQ(echo(other, "[3]"), "[3]");
  other.send("4\n5");
  other.end_stream();
  EXPECT_EQ(other.rest(), "4\n5\n");
  EXPECT_TRUE(other.ended_in_order());
}

TEST_P(TlsConnectingVersionTest, ShowsItsCertificate) {
  Hive hive(showing());
  auto peer = accept(asking());
  ASSERT_TRUE(peer.shake());
  EXPECT_EQ(echo(peer, "1"), "1");
  EXPECT_GT(hive.counters().certificate_expiry, 0u);
}

TEST_P(TlsConnectingVersionTest, TellsThatItsServerWantsACertificate) {
  Hive hive(connecting());
  EXPECT_FALSE(accept(asking()).shake());
  expect_told(hive, GetParam() == TLS1_3_VERSION
                        ? "it has refused this client: it wants a certificate, and was shown none (tlsv13 alert "
                          "certificate required)"
                        : "it has refused this client: its log says why (sslv3 alert handshake failure)");
  expect_works(hive);
}

TEST_P(TlsConnectingVersionTest, TellsThatItsServerRefusesItsCertificate) {
  Hive hive(showing());
  auto its = asking();
  its.authority = test::Authority().pem();
  for (int attempt = 0; attempt < 3; ++attempt) EXPECT_FALSE(accept(its).shake());
  expect_told(hive,
              "it has refused this client: it trusts none of the authorities that signed the certificate it was "
              "shown (tlsv1 alert unknown ca)");
  expect_works(hive);
  EXPECT_EQ(hive.log().count("cannot connect to"), 1u) << "one line an outage: " << hive.log().text();
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsConnectingVersionTest, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& version) { return version.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

struct BadServer {
  const char* name;
  const char* why;  ///< as the log has it
  std::function<void(test::CertificatePlan& plan)> change;
  Options options{};
};

void PrintTo(const BadServer& server, std::ostream* out) {
  *out << server.name;
}

class TlsBadServerTest : public TlsConnectingTest, public ::testing::WithParamInterface<BadServer> {};

TEST_P(TlsBadServerTest, IsToldOfAndTriedAgain) {
  const auto& bad = GetParam();
  Hive hive(connecting(bad.options));
  auto plan = server_plan();
  bad.change(plan);
  auto peer = accept(server(plan));
  EXPECT_FALSE(peer.shake() && peer.line());
  expect_told(hive, bad.why);
  EXPECT_EQ(hive.counters().sessions_open, 0u);
  EXPECT_FALSE(accept(server(plan)).shake());  // by itself, and without another word
  EXPECT_EQ(hive.log().count("cannot connect"), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, TlsBadServerTest,
    ::testing::Values(
        BadServer{"OtherAddress", "its certificate is for localhost, not for '127.0.0.1'",
                  [](auto& plan) { plan.names = "DNS:localhost"; }},
        BadServer{"OtherName",
                  "its certificate is for localhost, 127.0.0.1, not for 'shop.example.org'",
                  [](auto&) {},
                  {{"tls_name", option("shop.example.org")}}},
        BadServer{"ManyNames", "its certificate is for a, b, *.c, d, ..., not for '127.0.0.1'",
                  [](auto& plan) { plan.names = "DNS:a,DNS:b,DNS:*.c,DNS:d,DNS:e"; }},
        BadServer{"NamesThatAreNone", "its certificate is for no name, not for '127.0.0.1'",
                  [](auto& plan) { plan.names = "DNS:a b,URI:skep://demo/node/a"; }},
        BadServer{"NoNameButItsCommonOne",
                  "its certificate is for no name, not for 'localhost'",
                  [](auto& plan) {
                    plan.names = "";
                    plan.name = "localhost";
                  },
                  {{"tls_name", option("localhost")}}},
        BadServer{"Expired", "its certificate has expired", [](auto& plan) { plan.to = std::chrono::seconds(-60); }},
        BadServer{"NotYetValid", "its certificate is not valid yet",
                  [](auto& plan) { plan.from = std::chrono::seconds(600); }},
        BadServer{"OfAClient", "its certificate is not for this use", [](auto& plan) { plan.usage = "clientAuth"; }}),
    [](const auto& server) { return std::string(server.param.name); });

TEST_F(TlsConnectingTest, TellsOfAnAuthorityThatItDoesNotTrust) {
  Hive hive(connecting());
  auto its = server();
  its.own = test::Authority().issue(server_plan());
  EXPECT_FALSE(accept(its).shake());
  expect_told(hive, "its certificate is signed by none of the authorities that are trusted");
  expect_works(hive);
}

TEST_F(TlsConnectingTest, TakesAServerThatHasSignedItselfIfThatIsTrusted) {
  auto plan = server_plan();
  plan.constraints = "critical,CA:TRUE";
  plan.key_usage = "critical,digitalSignature,keyCertSign";
  auto its = server();
  its.own = test::Authority::self_signed(plan);
  files_.write("ca.pem", its.own.certificate);
  Hive hive(connecting());
  auto peer = accept(its);
  ASSERT_TRUE(peer.shake());
  EXPECT_EQ(echo(peer, "1"), "1");
}

TEST_F(TlsConnectingTest, TellsOfAServerWithoutTls) {
  for (const auto& [bytes, why] : {std::pair("hello, who are you?\n", "it does not speak TLS"),
                                   std::pair("", "the connection has ended without a word")}) {
    Hive hive(connecting());
    auto peer = server_->accept();
    peer.send(bytes);
    peer.end_stream();
    expect_told(hive, why);
    expect_works(hive);
  }
}

TEST_F(TlsConnectingTest, WithoutTlsItTellsOnceOfAServerThatWantsIt) {
  HiveSetup setup;
  setup.options = table({{"connect", option(server_->address())},
                         {"connect_delay_min", option("5ms")},
                         {"connect_delay_max", option("20ms")}});
  Hive hive(std::move(setup));
  for (int i = 0; i < 3; ++i) {
    auto peer = server_->accept();
    peer.send(std::string("\x15\x03\x03\x00\x02\x02\x46", 7));
    peer.end_stream();
    EXPECT_EQ(peer.rest(), "");
    expect_told(hive, "it speaks TLS, and this gateway has no tls_authorities");
  }
  const auto text = hive.log().text();
  EXPECT_EQ(text.find("it speaks TLS, and"), text.rfind("it speaks TLS, and")) << text;
  auto peer = server_->accept();
  EXPECT_EQ(echo(peer, "[1]"), "[1]");
}

/// It has taken what bees sent for a bad hello, said so and gone before this side has written all.
TEST_F(TlsConnectingTest, WithoutTlsItReadsWhyAServerHasGoneWhereItFindsOutAsItWrites) {
  const auto address = server_->address();
  const auto port = server_->port();
  server_.reset();
  HiveSetup setup;
  setup.options = table({{"connect", option(address)},
                         {"connect_delay_min", option("5ms")},
                         {"connect_delay_max", option("20ms")},
                         {"write_stall_max", option("20ms")}});
  setup.answers = false;
  setup.receives = true;
  std::promise<void> listening;
  setup.on_log = [&, there = listening.get_future().share()](std::string_view line) {
    if (!line.starts_with("connected to ")) return;
    there.wait();
    auto peer = server_->accept();
    peer.send(std::string("\x15\x03\x03\x00\x02\x02\x46", 7));
    peer.reset();
  };
  Hive hive(std::move(setup));
  hive.send_out({"1"});
  eventually([&] { return hive.log().contain("1 record waiting"); }, "a record that nobody takes");
  server_ = std::make_unique<SocketServer>(port);
  listening.set_value();
  expect_told(hive, "it speaks TLS, and this gateway has no tls_authorities");
  EXPECT_EQ(hive.log().count("connected to "), 1u) << "the first time";
}

TEST_F(TlsConnectingTest, TellsOfAServerThatIsTooOld) {
  Hive hive(connecting({{"tls_oldest", option("1.3")}}));
  auto its = server();
  its.newest = TLS1_2_VERSION;
  EXPECT_FALSE(accept(its).shake());
  expect_told(hive,
              "it has refused this client: it speaks none of the versions that were offered (tlsv1 alert protocol "
              "version)");
  expect_works(hive);
}

TEST_F(TlsConnectingTest, ASilentServerIsGivenUp) {
  Hive hive(connecting({{"tls_handshake_time_max", option("50ms")}}));
  const auto silent = server_->accept();
  expect_told(hive, "it has not shaken hands within 50ms (tls_handshake_time_max)");
  EXPECT_EQ(hive.counters().sessions_open, 0u);
}

TEST_F(TlsConnectingTest, AsksForTheNameOfItsServerButNotForAnAddress) {
  const auto asked = [&](const HiveSetup& setup) {
    Hive hive(setup);
    auto peer = accept(server());
    EXPECT_TRUE(peer.shake()) << hive.log().text();
    const auto* name = SSL_get_servername(&peer.ssl(), TLSEXT_NAMETYPE_host_name);
    return std::string(name != nullptr ? name : "none");
  };
  EXPECT_EQ(asked(connecting()), "none");
  EXPECT_EQ(asked(connecting({{"tls_name", option("localhost")}})), "localhost");
  EXPECT_EQ(asked(connecting({{"connect", option("localhost:" + std::to_string(server_->port()))}})), "localhost");
}

TEST_F(TlsConnectingTest, TrustsWhomTheSystemTrusts) {
  ::setenv("SSL_CERT_FILE", files_.path("ca.pem").c_str(), 1);
  ::setenv("SSL_CERT_DIR", "/nowhere", 1);
  auto setup = connecting({{"tls_authorities", option("system")}});
  setup.options.directory = "/nowhere";  // where it is no file
  Hive hive(std::move(setup));
  ::unsetenv("SSL_CERT_FILE");
  ::unsetenv("SSL_CERT_DIR");
  ASSERT_EQ(hive.failure(), "");
  auto its = server();
  its.own = test::Authority().issue(server_plan());
  EXPECT_FALSE(accept(its).shake());
  expect_told(hive, "its certificate is signed by none of the authorities that are trusted");
  expect_works(hive);
}

TEST_F(TlsConnectingTest, ConnectsAgainWhenItsServerHasGone) {
  auto setup = connecting();
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  const auto port = server_->port();
  {
    auto peer = accept(server());
    ASSERT_TRUE(peer.shake());
    hive.send_out({"1"});
    EXPECT_THAT(peer.line(), Optional(std::string("1")));
    server_.reset();
  }
  eventually([&] { return hive.log().contain("cannot connect to 127.0.0.1:" + std::to_string(port)); }, "a failure");
  hive.send_out({"2"});
  server_ = std::make_unique<SocketServer>(port);
  auto peer = accept(server());
  ASSERT_TRUE(peer.shake());
  EXPECT_THAT(peer.line(), Optional(std::string("2")));
}

TEST_F(TlsConnectingTest, AReloadIsForTheNextConnection) {
  Hive hive(connecting());
  auto before = accept(server());
  ASSERT_TRUE(before.shake());
  EXPECT_EQ(echo(before, "1"), "1");
  const test::Authority next;
  files_.write("ca.pem", next.pem());
  hive.reload();
  eventually([&] { return hive.log().contain("/ca.pem', are reloaded"); }, "the reload");
  EXPECT_EQ(echo(before, "2"), "2");
  before.end_stream();
  EXPECT_EQ(before.rest(), "");
  EXPECT_FALSE(accept(server()).shake());
  expect_told(hive, "its certificate is signed by none of the authorities that are trusted");
  auto its = server();
  its.own = next.issue(server_plan());
  auto after = accept(its);
  ASSERT_TRUE(after.shake());
  EXPECT_EQ(echo(after, "3"), "3");
}

TEST_F(TlsConnectingTest, AReloadOfWhatIsWrongChangesNothing) {
  Hive hive(showing());
  files_.write("ca.pem", "x");
  hive.reload();
  eventually([&] { return hive.log().contain("not reloaded, what was in use stays: tls_authorities: '"); }, "a word");
  files_.write("ca.pem", files_.authority.pem());
  files_.write("key.pem", files_.clients.issue(client_plan()).key);
  hive.reload();
  eventually([&] { return hive.log().contain("not reloaded, what was in use stays: tls_key: '"); }, "another word");
  expect_works(hive);
}

TEST_F(TlsConnectingTest, DoesNotOpenWithFilesThatAreWrong) {
  const auto failure = [](const HiveSetup& setup) { return Hive(setup).failure(); };
  const auto good = showing();
  EXPECT_EQ(failure(good), "");
  files_.put(files_.clients.issue(server_plan()));
  EXPECT_THAT(failure(good),
              HasSubstr("tls_certificate: '" + files_.path("cert.pem") + "' is not for a client of TLS"));
  std::filesystem::remove(files_.path("ca.pem"));
  EXPECT_THAT(failure(connecting()),
              HasSubstr("tls_authorities: '" + files_.path("ca.pem") + "' cannot be read: No such file or directory"));
}

/// What one gateway listens for the other connects to.
TEST_F(TlsConnectingTest, ConnectsToAGatewayThatAsksForCertificates) {
  Hive listening(files_.closed_gateway());
  auto setup = showing({{"connect", option(listening.address())}});
  setup.answers = false;
  setup.receives = true;
  Hive hive(std::move(setup));
  hive.send_out({"1", "2"});
  eventually([&] { return listening.accepted() == Texts{"1", "2"}; }, "what it sends");
}

TEST_F(TlsConnectingTest, EndsWhileItShakesHands) {
  Hive hive(connecting());
  const auto silent = server_->accept();
  (void)hive.drain();
  EXPECT_FALSE(hive.log().contain("cannot connect")) << hive.log().text();
}

}  // namespace tls_connecting_test
}  // namespace skep
