#include "net/tls_context.hpp"

#include <openssl/x509_vfy.h>

#include <algorithm>
#include <new>
#include <utility>

#include "net/hardened_context.hpp"
#include "net/tls_reason.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

Error refused_material(const std::string& what, const std::string& why) {
  return {errc::invalid_argument, what + ' ' + why};
}

/// A leaf, then its authority.
constexpr int chain_depth_max = 1;

SslContextPtr make_context() {
  auto context = make_hardened_context(OldestTls::v1_3);
  SSL_CTX_set_verify_depth(context.get(), chain_depth_max);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context.get()), X509_V_FLAG_X509_STRICT);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

int verdict_on(X509& certificate, X509_STORE& trusted, int purpose, CertificateTime now) {
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (!context || X509_STORE_CTX_init(context.get(), &trusted, &certificate, nullptr) != 1) throw std::bad_alloc();
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  X509_STORE_CTX_set_time(context.get(), 0, now.time_since_epoch().count());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

}  // namespace

TlsContext::TlsContext(Certificate certificate, std::set<std::string> denied)
    : certificate_(std::move(certificate)), denied_(std::move(denied)), context_(make_context()) {}

Result<TlsContextPtr> TlsContext::make(const TlsMaterial& material, CertificateTime now) {
  auto own = read_certificate(material.certificate);
  if (!own) return refused_material("the certificate:", own.error().message);
  if (!own->identity) return refused_material("the certificate", "is that of an authority");
  if (material.denied.contains(own->serial)) return refused_material("the certificate", "is revoked");
  const boost::intrusive_ptr<TlsContext> made(new TlsContext(*own, material.denied));
  if (auto done = made->trust(material.authorities); !done) return done.error();
  if (auto done = made->use(material); !done) return done.error();
  if (auto done = made->check_own(material.certificate, now); !done) return done.error();
  return TlsContextPtr(made);
}

Result<void> TlsContext::trust(const std::string& authorities) {
  const auto all = certificates_from_pem(authorities);
  if (!all) return refused_material("the authorities:", all.error().message);
  for (const auto& parsed : *all) {
    const auto authority = read_certificate(*parsed);
    if (!authority) return refused_material("an authority's certificate:", authority.error().message);
    if (authority->identity)
      return refused_material("an authority's certificate", "is that of " + authority->identity->uri());
    if (authority->cluster != certificate_.cluster) {
      return refused_material("an authority",
                              "is that of cluster " + authority->cluster + ", not " + certificate_.cluster);
    }
    if (std::ranges::count(authorities_, authority->fingerprint, &Certificate::fingerprint) != 0) continue;
    if (authorities_.size() == limits::authorities_max) {
      return refused_material("more than " + std::to_string(limits::authorities_max), "authorities are trusted");
    }
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), parsed.get());
    authorities_.push_back(*authority);
  }
  clear_errors();
  return {};
}

Result<void> TlsContext::use(const TlsMaterial& material) {
  clear_errors();
  const auto own = certificate_from_pem(material.certificate);
  if (SSL_CTX_use_certificate(context_.get(), own.get()) != 1)
    return refused_material("the certificate:", take_error("unfit"));
  const auto key = key_from_pem(material.key);
  if (!key) return refused_material("the key", "is none in PEM without a password: " + take_error("unknown reason"));
  if (X509_check_private_key(own.get(), key.get()) != 1 || SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1) {
    clear_errors();
    return refused_material("the key", "is not that of the certificate");
  }
  return {};
}

/// As the others will judge it: it would be of no use to find that out from them.
Result<void> TlsContext::check_own(const std::string& certificate, CertificateTime now) const {
  clear_errors();
  const auto own = certificate_from_pem(certificate);
  auto& trusted = *SSL_CTX_get_cert_store(context_.get());
  const bool node = identity().role == PeerRole::node;
  for (const int purpose : {X509_PURPOSE_SSL_CLIENT, X509_PURPOSE_SSL_SERVER}) {
    if (purpose == X509_PURPOSE_SSL_SERVER && !node) continue;
    const auto verdict = verdict_on(*own, trusted, purpose, now);
    clear_errors();
    if (verdict != X509_V_OK) return refused_material("the certificate", verdict_text(verdict));
  }
  return {};
}

SslPtr TlsContext::make_ssl() const {
  clear_errors();
  SslPtr made(SSL_new(context_.get()));
  if (!made) throw std::bad_alloc();
  return made;
}

}  // namespace skep
