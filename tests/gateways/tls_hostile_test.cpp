// Clients that shake hands as they should not, one after the other, while another one is answered throughout.
#include <gmock/gmock.h>

#include <functional>

#include "gateways/tls_setup.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace tls_hostile_test {

using namespace testing;

struct BadClient {
  const char* name;
  const char* reason;  ///< a part of the line in the log
  std::function<void(const TlsFiles& files, const std::string& address)> act;
};

/// Sends it, and waits for the gateway to end the connection.
void send_and_wait(const std::string& address, const std::string& bytes) {
  SocketClient client(address);
  client.send(bytes);
  (void)client.rest();
}

void shake_with(const TlsFiles& files, const std::string& address, const std::function<void(TlsClientSetup&)>& change) {
  auto setup = files.client();
  change(setup);
  TlsClient client(address, setup);
  (void)client.shake();  // of TLS 1.3 a client learns only afterwards
  (void)client.rest();
}

void show(const TlsFiles& files, const std::string& address, const test::Credential& own,
          const std::string& chain = {}) {
  shake_with(files, address, [&](TlsClientSetup& setup) {
    setup.own = own;
    setup.chain = chain;
  });
}

test::CertificatePlan changed(const std::function<void(test::CertificatePlan&)>& change) {
  auto plan = client_plan();
  change(plan);
  return plan;
}

/// Of a client that does not connect.
std::string hello() {
  const SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  const SslPtr ssl(SSL_new(context.get()));
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_connect(ssl.get());
  return test::text_in(*SSL_get_wbio(ssl.get()));
}

/// With its header.
std::string record(char type, std::size_t size) {
  return std::string{type, 3, 3, static_cast<char>(size >> 8), static_cast<char>(size)} + std::string(size, 'x');
}

std::vector<BadClient> without_certificates() {
  return {
      {"Garbage", "it does not speak TLS",
       [](const auto&, const auto& to) { send_and_wait(to, std::string(100, '\xff')); }},
      {"Http", "it speaks HTTP, not TLS",
       [](const auto&, const auto& to) { send_and_wait(to, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); }},
      {"AnOrdinaryLine", "it does not speak TLS",
       [](const auto&, const auto& to) { send_and_wait(to, "{\"a\": 1}\n"); }},
      {"HelloOfSsl2", "it ",
       [](const auto&, const auto& to) {
         send_and_wait(to, std::string("\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10", 11) + std::string(37, '\1'));
       }},
      {"OversizedRecord", "it breaks the rules of TLS",
       [](const auto&, const auto& to) { send_and_wait(to, record(22, 40'000)); }},
      {"DataInsteadOfHello", "it breaks the rules of TLS",
       [](const auto&, const auto& to) { send_and_wait(to, record(23, 100)); }},
      {"AlertInsteadOfHello", "it breaks the rules of TLS",
       [](const auto&, const auto& to) { send_and_wait(to, std::string("\x15\x03\x03\x00\x02\x02\x28", 7)); }},
      {"EndlessHello", "it has sent more than 65536 bytes and not shaken hands",
       [](const auto&, const auto& to) {
         SocketClient client(to);
         // A hello of 120,000 bytes is announced.
         auto part = record(22, 16'000);
         part.replace(5, 4, std::string("\x01\x01\xd4\xc0", 4));
         for (std::size_t sent = 0; sent <= limits::tls_handshake_bytes_max; sent += part.size()) {
           client.send_some(part);
           part = record(22, 16'000);
         }
         (void)client.rest();
       }},
      {"GoneAfterHello", "",
       [](const auto&, const auto& to) {
         SocketClient client(to);
         client.send(hello());
         (void)client.some();
       }},
      {"ResetInTheMiddle", "Connection reset by peer",
       [](const auto&, const auto& to) {
         SocketClient client(to);
         client.send(hello());
         (void)client.some();
         client.reset();
       }},
      {"EndedInTheMiddleOfHello", "the connection has ended without a word",
       [](const auto&, const auto& to) {
         SocketClient client(to);
         client.send(hello().substr(0, 50));
         client.end_stream();
         (void)client.rest();
       }},
  };
}

std::vector<BadClient> of_other_times() {
  const auto speak = [](int version) {
    return [version](const TlsFiles& files, const std::string& to) {
      shake_with(files, to, [&](TlsClientSetup& setup) { setup.oldest = setup.newest = version; });
    };
  };
  const auto offer = [](const char* ciphers) {
    return [ciphers](const TlsFiles& files, const std::string& to) {
      shake_with(files, to, [&](TlsClientSetup& setup) {
        setup.newest = TLS1_2_VERSION;
        setup.ciphers = ciphers;
      });
    };
  };
  return {
      {"Tls10", "it does not offer TLS 1.2", speak(TLS1_VERSION)},
      {"Tls11", "it does not offer TLS 1.2", speak(TLS1_1_VERSION)},
      {"NoForwardSecrecy", "it offers no cipher that is allowed", offer("AES128-GCM-SHA256")},
      {"NoAuthenticatedCipher", "it offers no cipher that is allowed", offer("ECDHE-ECDSA-AES128-SHA")},
      {"NoElliptic", "it offers no cipher that is allowed", offer("DHE-RSA-AES128-GCM-SHA256")},
  };
}

std::vector<BadClient> with_wrong_certificates() {
  using std::chrono::seconds;
  const auto issued = [](const std::function<void(test::CertificatePlan&)>& change) {
    return [change](const TlsFiles& files, const std::string& to) {
      show(files, to, files.clients.issue(changed(change)));
    };
  };
  return {
      {"NoCertificate", "it has no certificate", [](const auto& files, const auto& to) { show(files, to, {}); }},
      {"SelfSigned", "its certificate is signed by none",
       [](const auto& files, const auto& to) { show(files, to, test::Authority::self_signed(client_plan())); }},
      {"OtherAuthority", "its certificate is signed by none",
       [](const auto& files, const auto& to) { show(files, to, files.authority.issue(client_plan())); }},
      {"Expired", "its certificate has expired", issued([](auto& plan) { plan.to = seconds(-60); })},
      {"NotYetValid", "its certificate is not valid yet", issued([](auto& plan) { plan.from = seconds(60); })},
      {"ForServersAlone", "its certificate is not for this use", issued([](auto& plan) { plan.usage = "serverAuth"; })},
      {"WeakKey", "its certificate has a key that is too weak", issued([](auto& plan) { plan.rsa_bits = 1024; })},
      {"TheAuthoritysOwn", "its certificate is ",
       [](const auto& files, const auto& to) { show(files, to, files.clients.itself()); }},
      {"AnAuthorityThatMaySignDataToo", "its certificate is that of an authority",
       [](const auto& files, const auto& to) {
         auto plan = client_plan();
         plan.constraints = "critical,CA:TRUE";
         plan.key_usage = "critical,keyCertSign,digitalSignature";
         show(files, to, files.endless.issue(plan));
       }},
      {"ChainOfTwenty", "its certificate comes with too long a chain",
       [](const auto& files, const auto& to) {
         auto last = files.endless.between();
         auto chain = last.pem();
         for (int i = 1; i < 20; ++i) {
           last = last.between();
           chain = last.pem() + chain;
         }
         show(files, to, last.issue(client_plan()), chain);
       }},
      {"SignedByALeaf", "its certificate is refused: invalid CA certificate",
       [](const auto& files, const auto& to) {
         const auto leaf = files.clients.between([](auto& plan) { plan.constraints = "critical,CA:FALSE"; });
         show(files, to, leaf.issue(client_plan()), leaf.pem());
       }},
      {"IntermediateMissing", "its certificate is signed by none",
       [](const auto& files, const auto& to) { show(files, to, files.endless.between().issue(client_plan())); }},
  };
}

/// Each is refused, with a reason in the log, and whoever was there before is answered as ever.
void expect_refused(const TlsFiles& files, HiveSetup setup, const std::vector<BadClient>& bad) {
  Hive hive(std::move(setup));
  ASSERT_EQ(hive.failure(), "");
  TlsClient healthy(hive.address(), files.client());
  ASSERT_TRUE(healthy.shake());
  ASSERT_EQ(echo(healthy, "0"), "0");
  std::uint64_t refused = 0;
  for (const auto& client : bad) {
    SCOPED_TRACE(client.name);
    // A line a second at the most: the next gateway's is not held back.
    client.act(files, hive.address());
    ASSERT_EQ(echo(healthy, "1"), "1");
    eventually([&] { return hive.counters().refused_tls > refused; }, "the refusal");
    refused = hive.counters().refused_tls;
  }
  EXPECT_EQ(hive.counters().sessions, 1u);
  EXPECT_EQ(echo(healthy, "2"), "2");
}

void expect_reason(const TlsFiles& files, const HiveSetup& setup, const BadClient& bad) {
  SCOPED_TRACE(bad.name);
  Hive hive(setup);
  bad.act(files, hive.address());
  eventually([&] { return hive.log().contain(" is refused: "); }, "a line in the log");
  EXPECT_THAT(hive.log().text(), ::testing::HasSubstr(std::string(" is refused: ") + bad.reason));
}

TEST(TlsHostileTest, WhoDoesNotShakeHandsIsRefusedAndNobodyElseNotices) {
  const TlsFiles files;
  auto bad = without_certificates();
  for (auto& each : of_other_times()) bad.push_back(std::move(each));
  expect_refused(files, files.gateway(), bad);
  for (const auto& each : bad) expect_reason(files, files.gateway(), each);
}

TEST(TlsHostileTest, WhoHasNoRightCertificateIsRefusedAndNobodyElseNotices) {
  const TlsFiles files;
  expect_refused(files, files.closed_gateway(), with_wrong_certificates());
  for (const auto& each : with_wrong_certificates()) expect_reason(files, files.closed_gateway(), each);
}

/// An alert: fatal, protocol_version.
TEST(TlsHostileTest, WhoSpeaksNoTlsCanTellWhatItHasComeUpon) {
  const TlsFiles files;
  Hive hive(files.gateway("tcp"));
  for (const auto* text : {"{\"a\": 1}\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    SocketClient client(hive.address());
    client.send(text);
    EXPECT_EQ(client.rest(), std::string("\x15\x03\x01\x00\x02\x02\x46", 7)) << text;
  }
}

TEST(TlsHostileTest, ARightCertificateOpensAlsoWithOneBetween) {
  const TlsFiles files;
  const auto between = files.endless.between();
  Hive hive(files.closed_gateway());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto setup = files.client();
    setup.newest = version;
    setup.own = between.issue(client_plan());
    setup.chain = between.pem();
    TlsClient client(hive.address(), setup);
    ASSERT_TRUE(client.shake());
    EXPECT_EQ(echo(client, "1"), "1");
  }
}

TEST(TlsHostileTest, SilentClientsGoInTime) {
  const TlsFiles files;
  Hive hive(files.gateway("tcp", {{"tls_handshake_time_max", option("100ms")}}));
  TlsClient healthy(hive.address(), files.client());
  ASSERT_TRUE(healthy.shake());
  std::vector<SocketClient> silent;
  for (int i = 0; i < 20; ++i) silent.emplace_back(hive.address());
  silent.emplace_back(hive.address()).send(hello());  // and reads nothing
  silent.emplace_back(hive.address()).send(hello().substr(0, 100));
  eventually([&] { return hive.counters().refused_tls >= 22; }, "the end of the silent ones");
  EXPECT_TRUE(hive.log().contain("it has not shaken hands within 100ms (tls_handshake_time_max)"));
  EXPECT_EQ(echo(healthy, "1"), "1");
}

TEST(TlsHostileTest, ACrowdOfSilentClientsKeepsNobodyOut) {
  const TlsFiles files;
  Hive hive(files.gateway("tcp", {{"newcomers_max", option(4)}}));
  std::vector<SocketClient> silent;
  for (int i = 0; i < 10; ++i) silent.emplace_back(hive.address());
  eventually([&] { return hive.counters().refused_tls == 6; }, "the oldest ones go");
  EXPECT_TRUE(hive.log().contain("it has not shaken hands yet, and there are more than newcomers_max = 4"));
  TlsClient one(hive.address(), files.client());
  ASSERT_TRUE(one.shake());
  EXPECT_EQ(echo(one, "1"), "1");
  EXPECT_EQ(silent.front().rest(), "");
}

TEST(TlsHostileTest, OneThatIsTooManyIsToldSo) {
  const TlsFiles files;
  Hive hive(files.gateway("tcp", {{"sessions_max", option(1)}}));
  TlsClient one(hive.address(), files.client());
  ASSERT_TRUE(one.shake());
  ASSERT_EQ(echo(one, "1"), "1");
  TlsClient two(hive.address(), files.client());
  ASSERT_TRUE(two.shake());
  EXPECT_THAT(two.rest(), ::testing::HasSubstr("too many connections: sessions_max = 1"));
  EXPECT_TRUE(two.ended_in_order());
}

TEST(TlsHostileTest, AnOldestVersionHolds) {
  const TlsFiles files;
  Hive hive(files.gateway("tcp", {{"tls_oldest", option("1.3")}}));
  shake_with(files, hive.address(), [](TlsClientSetup& setup) { setup.newest = TLS1_2_VERSION; });
  eventually([&] { return hive.log().contain("is refused: it does not offer TLS 1.3"); }, "the refusal");
}

}  // namespace tls_hostile_test
}  // namespace skep
