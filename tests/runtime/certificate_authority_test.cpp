#include "pki/certificate_authority.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <memory>
#include <set>

#include "net/openssl.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"
#include "support/test_certificates.hpp"

namespace skep {
namespace certificate_authority_test {

using std::chrono::hours;
constexpr CertificateTime now{std::chrono::seconds(1'800'000'000)};

Credential authority(const std::string& cluster = "demo", KeyAlgorithm algorithm = KeyAlgorithm::p256) {
  return make_authority({cluster, algorithm, now, limits::authority_time}).value();
}

CertificateRequest request(const std::string& name = "a", PeerRole role = PeerRole::node) {
  return {{"demo", role, name}, {}, {}, KeyAlgorithm::p256, "", now, limits::certificate_time};
}

/// What OpenSSL says of the chain, as a TLS peer would ask it; X509_V_OK is 0.
int verify(const std::string& leaf, const std::string& ca, int purpose, CertificateTime at = now) {
  const X509StorePtr store(X509_STORE_new());
  const auto root = certificate_from_pem(ca), end = certificate_from_pem(leaf);
  X509_STORE_add_cert(store.get(), root.get());
  const std::unique_ptr<X509_STORE_CTX, FreeWith<&X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), end.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  X509_STORE_CTX_set_time(context.get(), 0, at.time_since_epoch().count());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

/// A certificate as others make them, with these alternative names in OpenSSL's configuration language; "": none.
std::string foreign(const char* names, bool rsa = false) {
  return test::Authority::self_signed({.names = names, .rsa_bits = rsa ? 2048u : 0u}).certificate;
}

TEST(CertificateAuthorityTest, ReadsNoCertificatesOfOtherKinds) {
  const auto why = [](const std::string& pem) {
    const auto read = read_certificate(pem);
    return read ? "it is read" : read.error().message;
  };
  const auto* good = "URI:skep://demo/node/a,DNS:a.example.org";
  EXPECT_EQ(why(foreign(good)), "it is read");
  EXPECT_EQ(read_certificate(foreign(good))->serial, "07");
  EXPECT_EQ(why(foreign("")), "it has no alternative names: it is not one of Skep");
  EXPECT_EQ(why(foreign("DNS:a.example.org")), "it has no URI");
  EXPECT_EQ(why(foreign("URI:skep://demo/node/a,URI:skep://demo/node/b")), "it has two URIs");
  EXPECT_EQ(why(foreign("URI:skep://demo/node/a,email:a@example.org")),
            "it has a name that is no URI, DNS name or address");
  EXPECT_EQ(why(foreign("URI:skep://demo/node/a,DNS:*.example.org")), "it has a DNS name that is none");
  EXPECT_EQ(why(foreign("URI:https://demo/node/a")), "it is not of the form skep://CLUSTER/node/NAME");
  EXPECT_EQ(why(foreign("URI:skep://demo")), "it is not of the form skep://CLUSTER/node/NAME") << "it is no authority";
  EXPECT_EQ(why(foreign(good, true)), "its key is neither of P-256 nor of Ed25519");
}

TEST(CertificateAuthorityTest, IssuesWhatOpensslAcceptsWithBothAlgorithms) {
  for (const auto ca_algorithm : {KeyAlgorithm::p256, KeyAlgorithm::ed25519}) {
    for (const auto algorithm : {KeyAlgorithm::p256, KeyAlgorithm::ed25519}) {
      const auto ca = authority("demo", ca_algorithm);
      auto asked = request();
      asked.algorithm = algorithm;
      const auto leaf = issue(ca, asked).value();
      EXPECT_EQ(verify(leaf.certificate, ca.certificate, X509_PURPOSE_SSL_SERVER), X509_V_OK);
      EXPECT_EQ(verify(leaf.certificate, ca.certificate, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
      EXPECT_EQ(read_certificate(leaf.certificate)->algorithm, algorithm);
      EXPECT_TRUE(is_key_of(leaf.key, leaf.certificate));
      EXPECT_FALSE(is_key_of(ca.key, leaf.certificate));
    }
  }
}

TEST(CertificateAuthorityTest, AnotherAuthorityOfTheSameNameIsNotIts) {
  const auto leaf = issue(authority(), request()).value();
  const auto other = authority();
  EXPECT_NE(verify(leaf.certificate, other.certificate, X509_PURPOSE_SSL_SERVER), X509_V_OK);
}

TEST(CertificateAuthorityTest, AnAdminIsNoServerAndALeafNoAuthority) {
  const auto ca = authority();
  const auto admin = issue(ca, request("ann", PeerRole::admin)).value();
  EXPECT_EQ(verify(admin.certificate, ca.certificate, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  EXPECT_EQ(verify(admin.certificate, ca.certificate, X509_PURPOSE_SSL_SERVER), X509_V_ERR_INVALID_PURPOSE);
  const auto parsed = certificate_from_pem(admin.certificate), root = certificate_from_pem(ca.certificate);
  EXPECT_EQ(X509_check_ca(parsed.get()), 0);
  EXPECT_EQ(X509_get_key_usage(parsed.get()), unsigned{KU_DIGITAL_SIGNATURE});
  EXPECT_EQ(X509_get_key_usage(root.get()), unsigned{KU_KEY_CERT_SIGN | KU_CRL_SIGN});
  EXPECT_EQ(X509_get_pathlen(root.get()), 0);
  EXPECT_FALSE(issue(admin, request()).ok());
  EXPECT_EQ(issue(admin, request()).error().message, "the authority's certificate is that of skep://demo/admin/ann");
}

TEST(CertificateAuthorityTest, SaysWhoseItIsAndItsNames) {
  auto asked = request("worker-1");
  asked.dns_names = {"worker-1.example.org"};
  asked.addresses = {"10.0.0.1", "2001:db8::1"};
  const auto read = read_certificate(issue(authority(), asked).value().certificate).value();
  EXPECT_EQ(read.identity->uri(), "skep://demo/node/worker-1");
  EXPECT_EQ(read.cluster, "demo");
  EXPECT_EQ(read.dns_names, asked.dns_names);
  EXPECT_EQ(read.addresses, asked.addresses);
  EXPECT_EQ(read.fingerprint.size(), 64u);
  const auto root = read_certificate(authority().certificate).value();
  EXPECT_EQ(root.identity, std::nullopt);
  EXPECT_EQ(root.cluster, "demo");
}

TEST(CertificateAuthorityTest, TimesAreCountedFromTheGivenOneAndEndWithTheAuthority) {
  const auto ca = authority();
  const auto leaf = issue(ca, request()).value();
  const auto read = read_certificate(leaf.certificate).value();
  EXPECT_EQ(read.not_before, now - limits::certificate_skew);
  EXPECT_EQ(read.not_after, now + limits::certificate_time);
  EXPECT_EQ(verify(leaf.certificate, ca.certificate, X509_PURPOSE_SSL_CLIENT, read.not_before - hours(1)),
            X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_EQ(verify(leaf.certificate, ca.certificate, X509_PURPOSE_SSL_CLIENT, read.not_after + hours(1)),
            X509_V_ERR_CERT_HAS_EXPIRED);
  const auto ends = read_certificate(ca.certificate)->not_after;
  auto late = request();
  late.now = ends - hours(24);
  EXPECT_EQ(read_certificate(issue(ca, late).value().certificate)->not_after, ends);
  late.now = ends;
  EXPECT_EQ(issue(ca, late).error().message, "the authority has expired");
}

TEST(CertificateAuthorityTest, ItsEndIsSoonWhenLessThanTheTimeToWarnIsLeft) {
  const auto read = read_certificate(issue(authority(), request()).value().certificate).value();
  const auto last = read.not_after - limits::certificate_warn_time;
  EXPECT_FALSE(ends_soon(read, last));
  EXPECT_TRUE(ends_soon(read, last + std::chrono::seconds(1)));
  EXPECT_TRUE(ends_soon(read, read.not_after + hours(1)));
}

TEST(CertificateAuthorityTest, TimesHaveLimits) {
  auto asked = request();
  for (const auto wrong : {hours(0), hours(-24), limits::certificate_time_max + hours(1)}) {
    asked.time = wrong;
    EXPECT_FALSE(issue(authority(), asked).ok());
  }
  EXPECT_FALSE(make_authority({"demo", KeyAlgorithm::p256, now, limits::authority_time_max + hours(1)}).ok());
  EXPECT_TRUE(make_authority({"demo", KeyAlgorithm::p256, now, limits::authority_time_max}).ok());
}

TEST(CertificateAuthorityTest, SerialsArePositiveLongAndDiffer) {
  const auto ca = authority();
  std::set<std::string> serials;
  for (int i = 0; i < 20; ++i) {
    const auto serial = read_certificate(issue(ca, request()).value().certificate)->serial;
    EXPECT_EQ(serial.size(), 32u);
    EXPECT_LT(serial.front(), '8');
    serials.insert(serial);
  }
  EXPECT_EQ(serials.size(), 20u);
}

TEST(CertificateAuthorityTest, KeepsAKeyThatIsGiven) {
  const auto ca = authority();
  const auto first = issue(ca, request()).value();
  auto again = request();
  again.key = first.key;
  const auto second = issue(ca, again).value();
  EXPECT_EQ(second.key, first.key);
  EXPECT_TRUE(is_key_of(first.key, second.certificate));
  again.key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  EXPECT_FALSE(issue(ca, again).ok());
}

TEST(CertificateAuthorityTest, RefusesHostileNames) {
  const auto ca = authority();
  for (const auto* name : {"", "../x", "a/b", "a\nb", "\x1b[31m", "-a", "a b", ".x"}) {
    EXPECT_FALSE(issue(ca, request(name)).ok()) << name;
    EXPECT_FALSE(make_authority({name, KeyAlgorithm::p256, now, limits::authority_time}).ok()) << name;
  }
  for (const auto* name : {"", "a..b", "*.a", "a\n", "-a.b", "a,URI:skep://demo/admin/x", ".", "a."}) {
    auto asked = request();
    asked.dns_names = {name};
    EXPECT_FALSE(issue(ca, asked).ok()) << name;
  }
  for (const auto* address : {"", "10.0.0", "10.0.0.1/8", "example.org", "10.0.0.256"}) {
    auto asked = request();
    asked.addresses = {address};
    EXPECT_FALSE(issue(ca, asked).ok()) << address;
  }
}

TEST(CertificateAuthorityTest, NamesHaveALimit) {
  auto asked = request();
  asked.dns_names.assign(limits::certificate_names_max, "a.example.org");
  EXPECT_TRUE(issue(authority(), asked).ok());
  asked.addresses = {"10.0.0.1"};
  EXPECT_EQ(issue(authority(), asked).error().message, "a certificate has at most 64 names");
}

TEST(CertificateAuthorityTest, TheLongestNamesDo) {
  const std::string longest(limits::peer_name_bytes_max, 'c');
  const auto ca = make_authority({longest, KeyAlgorithm::p256, now, limits::authority_time}).value();
  EXPECT_EQ(read_certificate(ca.certificate)->cluster, longest);
  auto asked = request(longest);
  asked.identity.cluster = longest;
  EXPECT_EQ(read_certificate(issue(ca, asked).value().certificate)->identity, asked.identity);
  EXPECT_FALSE(make_authority({longest + 'c', KeyAlgorithm::p256, now, limits::authority_time}).ok());
}

TEST(CertificateAuthorityTest, RefusesAnotherClusterAndAKeyThatIsNotTheAuthoritys) {
  EXPECT_EQ(issue(authority("other"), request()).error().message, "the authority is that of cluster other");
  auto mixed = authority();
  mixed.key = authority().key;
  EXPECT_EQ(issue(mixed, request()).error().message, "the authority's key is not that of its certificate");
}

TEST(CertificateAuthorityTest, TruncatedTextsAreNoCertificates) {
  const auto ca = authority();
  for (std::size_t size = 0; size + 2 < ca.certificate.size(); size += 7) {
    EXPECT_FALSE(read_certificate(ca.certificate.substr(0, size)).ok()) << size;
    EXPECT_FALSE(issue({ca.certificate.substr(0, size), ca.key}, request()).ok()) << size;
  }
  EXPECT_FALSE(issue({ca.certificate, ca.key.substr(0, ca.key.size() / 2)}, request()).ok());
  EXPECT_FALSE(read_certificate(ca.key).ok());
}

}  // namespace certificate_authority_test
}  // namespace skep
