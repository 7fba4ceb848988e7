#include "net/tls_context.hpp"

#include <gtest/gtest.h>

#include <chrono>

#include "skep/gateways/limits.hpp"
#include "support/test_certificates.hpp"

namespace skep {
namespace tls_context_test {

using test::Authority;
using test::CertificatePlan;

class TlsContextTest : public ::testing::Test {
 protected:
  TlsMaterial material(const CertificatePlan& plan = {}) const {
    const auto made = authority_.issue(plan);
    return {authority_.pem(), made.certificate, made.key};
  }
  static std::string why(const TlsMaterial& material) {
    const auto made = TlsContext::make(material, certificate_now());
    return made ? "it is made" : made.error().message;
  }

  Authority authority_;
};

TEST_F(TlsContextTest, SaysWhoseItIsAndWhomItDenies) {
  auto all = material();
  all.denied = {"0b"};
  const auto made = TlsContext::make(all, certificate_now());
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ((*made)->identity().uri(), "skep://demo/node/a");
  EXPECT_EQ((*made)->certificate().serial, "07");
  EXPECT_TRUE((*made)->denies("0b"));
  EXPECT_FALSE((*made)->denies("07"));
}

TEST_F(TlsContextTest, AnAdminsNeedsTheClientsUseAlone) {
  EXPECT_EQ(why(material({.names = "URI:skep://demo/admin/ann", .usage = "clientAuth"})), "it is made");
  EXPECT_EQ(why(material({.names = "URI:skep://demo/admin/ann", .usage = ""})),
            "the certificate: it lacks the extendedKeyUsage of an admin: clientAuth");
}

TEST_F(TlsContextTest, ANodesNeedsBothUsesInSoManyWords) {
  for (const auto* usage : {"", "clientAuth", "serverAuth", "anyExtendedKeyUsage", "clientAuth,emailProtection"}) {
    EXPECT_EQ(why(material({.usage = usage})),
              "the certificate: it lacks the extendedKeyUsage of a node: clientAuth and serverAuth")
        << usage;
  }
  EXPECT_EQ(why(material({.usage = "emailProtection,serverAuth,clientAuth"})), "it is made");
  EXPECT_EQ(why(material({.key_usage = "critical,cRLSign"})), "the certificate is not for this use");
}

TEST_F(TlsContextTest, NamesOfACertificateHaveALimit) {
  const auto with = [this](std::size_t names) {
    std::string all = "URI:skep://demo/node/a";
    for (std::size_t i = 0; i < names; ++i) all += i % 2 == 0 ? ",DNS:a" : ",IP:10.0.0.1";
    return why(material({.names = all}));
  };
  EXPECT_EQ(with(limits::certificate_names_max), "it is made");
  for (const auto count : {limits::certificate_names_max + 1, std::size_t{3000}}) {
    EXPECT_EQ(with(count), "the certificate: it has more than 64 names beside its URI") << count;
  }
}

TEST_F(TlsContextTest, RefusesWhatTheOthersWouldNotLetIn) {
  using std::chrono::seconds;
  EXPECT_EQ(why(material({.to = seconds(-60)})), "the certificate has expired");
  EXPECT_EQ(why(material({.from = seconds(60)})), "the certificate is not valid yet");
  auto other = material();
  other.authorities = Authority().pem();
  EXPECT_EQ(why(other), "the certificate is signed by none of the authorities that are trusted");
  auto revoked = material();
  revoked.denied = {"07"};
  EXPECT_EQ(why(revoked), "the certificate is revoked");
  const auto itself = authority_.itself();
  EXPECT_EQ(why({authority_.pem(), itself.certificate, itself.key}), "the certificate is that of an authority");
  EXPECT_EQ(why(material({.names = ""})), "the certificate: it has no alternative names: it is not one of Skep");
}

TEST_F(TlsContextTest, RefusesTextsThatAreNotWhatTheyShouldBe) {
  auto all = material();
  all.key = material().key;
  EXPECT_EQ(why(all), "the key is not that of the certificate");
  all.key = "x";
  EXPECT_EQ(why(all), "the key is none in PEM without a password: unsupported");
  all = material();
  all.authorities = "x";
  EXPECT_EQ(why(all), "the authorities: there is no certificate in PEM: no start line");
  all.authorities = material().certificate;
  EXPECT_EQ(why(all), "an authority's certificate is that of skep://demo/node/a");
  all.authorities = Authority("other").pem();
  EXPECT_EQ(why(all), "an authority is that of cluster other, not demo");
  all.certificate = "x";
  EXPECT_EQ(why(all), "the certificate: it is no certificate in PEM: no start line");
}

TEST_F(TlsContextTest, AnAuthorityThatIsCutIsNotPassedOver) {
  for (const std::size_t cut : {30u, 100u}) {
    auto all = material();
    all.authorities += all.authorities.substr(0, all.authorities.size() - cut);
    EXPECT_NE(why(all).find("one of them is cut or damaged"), std::string::npos) << why(all);
  }
}

TEST_F(TlsContextTest, SeveralAuthoritiesAreTrustedUpToALimit) {
  auto all = material();
  for (std::size_t i = 1; i < limits::authorities_max; ++i) all.authorities = Authority().pem() + all.authorities;
  auto twice = all;
  twice.authorities += all.authorities;
  const auto made = TlsContext::make(twice, certificate_now());
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_EQ((*made)->authorities().size(), limits::authorities_max);
  EXPECT_EQ((*made)->authorities().back().fingerprint, read_certificate(authority_.pem()).value().fingerprint);
  all.authorities = Authority().pem() + all.authorities;
  EXPECT_EQ(why(all), "more than 8 authorities are trusted");
}

}  // namespace tls_context_test
}  // namespace skep
