#include "net/stream_tls.hpp"

#include <gmock/gmock.h>

#include "gateways/tls_setup.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace stream_tls_test {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StreamTlsTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::string why(bool clients = false) const {
    const auto now = certificate_now();
    const auto made = StreamTls::read(
        {files_.path("cert.pem"), files_.path("key.pem"), clients ? files_.path("clients.pem") : ""}, now);
    return made ? "it is made" : made.error().message;
  }
  [[nodiscard]] std::string why(const test::CertificatePlan& plan) const {
    files_.put(files_.authority.issue(plan));
    return why();
  }
  /// With the file's name before it.
  [[nodiscard]] std::string certificate(const char* problem) const {
    return "tls_certificate: '" + files_.path("cert.pem") + "' " + problem;
  }

  TlsFiles files_;
};

TEST_F(StreamTlsTest, IsMadeOfWhatWebServersHave) {
  EXPECT_EQ(why(), "it is made");
  EXPECT_EQ(why(true), "it is made");
  EXPECT_EQ(why({.names = "DNS:a", .usage = ""}), "it is made");
  EXPECT_EQ(why({.names = "DNS:a", .usage = "serverAuth", .rsa_bits = 2048}), "it is made");
  files_.put(test::Authority::self_signed(server_plan()));
  EXPECT_EQ(why(), "it is made");
}

TEST_F(StreamTlsTest, RefusesACertificateThatNoClientWouldTake) {
  auto plan = server_plan();
  plan.to = std::chrono::seconds(-60);
  EXPECT_EQ(why(plan), certificate("has expired"));
  plan = server_plan();
  plan.from = std::chrono::seconds(60);
  EXPECT_EQ(why(plan), certificate("is not valid yet"));
  EXPECT_EQ(why(client_plan()), certificate("is not for a server of TLS"));
  plan = server_plan();
  plan.rsa_bits = 1024;
  EXPECT_THAT(why(plan), StartsWith(certificate("is unfit: ")));
}

TEST_F(StreamTlsTest, RefusesFilesThatAreNotWhatTheyShouldBe) {
  const auto other = files_.authority.issue(server_plan());
  const auto key = "tls_key: '" + files_.path("key.pem") + "' ";
  files_.write("key.pem", other.key);
  EXPECT_EQ(why(), key + "is not the key of '" + files_.path("cert.pem") + "'");
  files_.write("key.pem", "x");
  EXPECT_THAT(why(), StartsWith(key + "has no key in PEM: "));
  files_.write("key.pem", "\x30\x82\x01\x01");
  EXPECT_EQ(why(), key + "is in DER, not PEM: openssl pkey -inform DER turns it");
  files_.write("key.pem", other.certificate);
  EXPECT_EQ(why(), key + "has a certificate, and no key");
  files_.write("key.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
  EXPECT_EQ(why(), key + "has a password, and nobody is there to type it: openssl pkey takes it off");
  files_.write("key.pem", other.key, 0640);
  EXPECT_THAT(why(), HasSubstr("others than its owner can reach it: chmod 600"));
  std::filesystem::remove(files_.path("key.pem"));
  EXPECT_EQ(why(), key + "cannot be read: No such file or directory");
  files_.write("cert.pem", "x");
  EXPECT_EQ(why(), "tls_certificate: '" + files_.path("cert.pem") + "': there is no certificate in PEM: no start line");
  files_.write("cert.pem", "\x30\x82\x01\x01");
  EXPECT_EQ(why(), certificate("is in DER, not PEM: openssl x509 -inform DER turns it"));
  files_.write("cert.pem", other.key);
  EXPECT_EQ(why(), certificate("has a key, and no certificate"));
  files_.write("cert.pem", other.certificate + other.certificate.substr(0, 100));
  EXPECT_THAT(why(), HasSubstr("one of them is cut or damaged"));
  files_.write("cert.pem", std::string(limits::certificate_file_bytes_max + 1, 'x'));
  EXPECT_THAT(why(), HasSubstr("is over 65536 bytes"));
}

TEST_F(StreamTlsTest, AChainGoesFromTheCertificateToItsAuthority) {
  const test::Authority root("demo", "critical,CA:TRUE");
  const auto between = root.between();
  files_.put(between.issue(server_plan()), between.pem());
  EXPECT_EQ(why(), "it is made");
  files_.put(between.issue(server_plan()), between.pem() + root.pem());
  EXPECT_EQ(why(), "it is made");
  files_.put(between.issue(server_plan()), root.pem() + between.pem());
  EXPECT_EQ(why(), certificate("has a certificate, number 2, that has not signed the one before it"));
  auto last = root.between();
  auto many = last.pem() + root.pem();
  for (std::size_t i = 3; i < limits::certificate_chain_max; ++i) {
    last = last.between();
    many = last.pem() + many;
  }
  files_.put(last.issue(server_plan()), many);
  EXPECT_EQ(why(), "it is made");
  files_.put(last.issue(server_plan()), many + root.pem());
  EXPECT_EQ(why(), certificate("has more than 8 certificates"));
}

TEST_F(StreamTlsTest, EachOfAChainIsLookedAt) {
  const test::Authority root("demo", "critical,CA:TRUE");
  const auto with_between = [&](const std::function<void(test::CertificatePlan&)>& change) {
    const auto between = root.between(change);
    files_.put(between.issue(server_plan()), between.pem() + root.pem());
    return why();
  };
  const auto second = [&](const std::string& what) {
    return certificate(("has a certificate, number 2, that " + what).c_str());
  };
  EXPECT_EQ(with_between([](auto& plan) { plan.to = std::chrono::seconds(-60); }), second("has expired"));
  EXPECT_EQ(with_between([](auto& plan) { plan.from = std::chrono::seconds(60); }), second("is not valid yet"));
  EXPECT_EQ(with_between([](auto& plan) { plan.constraints = "critical,CA:FALSE"; }),
            second("is not that of an authority"));
  // Of the same name, with another key.
  const auto one = root.between(), other = root.between();
  files_.put(one.issue(server_plan()), other.pem() + root.pem());
  EXPECT_EQ(why(), second("has not signed the one before it"));
  files_.put(one.issue(server_plan()), one.pem() + root.pem() + root.pem());
  EXPECT_EQ(why(), certificate("has a certificate, number 4, that has not signed the one before it"));
}

TEST_F(StreamTlsTest, ItEndsWithTheFirstOfItsChain) {
  const test::Authority root("demo", "critical,CA:TRUE");
  const auto between = root.between([](auto& plan) { plan.to = std::chrono::seconds(1800); });
  files_.put(between.issue(server_plan()), between.pem());
  const auto now = certificate_now();
  const auto made = StreamTls::read({files_.path("cert.pem"), files_.path("key.pem")}, now).value();
  EXPECT_LE(made->not_after(), now + std::chrono::seconds(1900));
  EXPECT_EQ(made->signer(), "CN = authority");
  files_.put(between.issue(server_plan()), between.pem() + root.pem());
  EXPECT_EQ(StreamTls::read({files_.path("cert.pem"), files_.path("key.pem")}, now).value()->signer(), "");
  files_.put(between.issue(server_plan()));
  EXPECT_EQ(StreamTls::read({files_.path("cert.pem"), files_.path("key.pem")}, now).value()->signer(),
            "CN = between 1");
}

TEST_F(StreamTlsTest, ItsOwnersStandsFirst) {
  const auto own = files_.authority.issue(server_plan());
  files_.write("cert.pem", files_.authority.pem() + own.certificate);
  EXPECT_EQ(why(), certificate("begins with the certificate of an authority: its owner's stands first"));
}

TEST_F(StreamTlsTest, AFileThatIsCutIsRefusedWhereverThatShows) {
  const test::Authority second;
  const auto whole = files_.clients.pem() + second.pem();
  for (auto size = files_.clients.pem().size() + 1; size < whole.size() - 1; ++size) {
    files_.write("clients.pem", whole.substr(0, size));
    ASSERT_THAT(why(true), HasSubstr("one of them is cut or damaged")) << size;
  }
}

TEST_F(StreamTlsTest, ClientsAreSignedByAuthorities) {
  const auto clients = "tls_client_authorities: '" + files_.path("clients.pem") + "' ";
  files_.write("clients.pem", files_.clients.issue(client_plan()).certificate);
  EXPECT_EQ(why(true), clients + "has a certificate that is not that of an authority");
  std::string many;
  for (std::size_t i = 0; i <= limits::authorities_max; ++i) many += files_.clients.pem();
  files_.write("clients.pem", many);
  EXPECT_EQ(why(true), clients + "has more than 8 certificates of authorities");
  std::filesystem::remove(files_.path("clients.pem"));
  EXPECT_EQ(why(true), clients + "cannot be read: No such file or directory");
}

TEST_F(StreamTlsTest, AClientNeedsAuthoritiesAndNoCertificate) {
  const auto now = certificate_now();
  files_.write("ca.pem", files_.authority.pem());
  StreamTlsFiles client{.authorities = files_.path("ca.pem"), .server_name = "localhost"};
  EXPECT_EQ(StreamTls::read(client, now).value()->not_after(), std::nullopt);
  client.authorities = "";
  EXPECT_THAT(StreamTls::read(client, now).error().message, StartsWith("tls_authorities: '' cannot be read: "));
  client.authorities = files_.path("ca.pem");
  client.certificate = files_.path("cert.pem");
  client.key = files_.path("key.pem");
  EXPECT_EQ(StreamTls::read(client, now).error().message, certificate("is not for a client of TLS"));
  files_.put(files_.clients.issue(client_plan()));
  EXPECT_GT(StreamTls::read(client, now).value()->not_after(), now);
}

TEST_F(StreamTlsTest, OfAServerSystemIsAFile) {
  const auto now = certificate_now();
  const StreamTlsFiles server{files_.path("cert.pem"), files_.path("key.pem"), system_authorities};
  EXPECT_THAT(StreamTls::read(server, now).error().message, StartsWith("tls_client_authorities: 'system' cannot be"));
}

TEST_F(StreamTlsTest, ACertificateCanBeForNamesAndAddresses) {
  for (const auto* name : {"localhost", "shop.example.org", "127.0.0.1", "::1"})
    EXPECT_TRUE(StreamTls::can_be_for(name)) << name;
  for (const auto* name : {"", "*.example.org", "https://shop", "a b", "shop.", "sch\xc3\xb6n"})
    EXPECT_FALSE(StreamTls::can_be_for(name)) << name;
}

}  // namespace stream_tls_test
}  // namespace skep
