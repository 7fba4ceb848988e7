#pragma once
// Certificates of every kind for tests, wrong ones too: what `skep pki` would not make.

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/openssl.hpp"

namespace skep::test {

/// Texts in PEM.
struct Credential {
  std::string certificate;
  std::string key;
};

struct CertificatePlan {
  std::string names = "URI:skep://demo/node/a";  ///< in OpenSSL's configuration language; "": none
  std::string usage = "clientAuth,serverAuth";
  std::string constraints = "critical,CA:FALSE";
  std::string key_usage = "critical,digitalSignature";
  std::chrono::seconds from{-3600}, to{3600};  ///< from now on
  long serial = 7;
  unsigned rsa_bits = 0;  ///< 0: P-256
  std::string name{};     ///< common name; "": "leaf", or "authority" where it signs itself
};

inline std::string text_in(BIO& bio) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(&bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

/// Signs itself, or others.
class Authority {
 public:
  explicit Authority(const std::string& cluster = "demo",
                     const std::string& constraints = "critical,CA:TRUE,pathlen:0") {
    keep(make(plan(cluster, constraints), nullptr, nullptr));
  }
  /// One between this one and its leaves.
  [[nodiscard]] Authority between(const std::function<void(CertificatePlan&)>& change = {}) const {
    auto its = plan("demo", "critical,CA:TRUE");
    its.name = "between " + std::to_string(depth_ + 1);
    if (change) change(its);
    Authority made(nullptr);
    made.depth_ = depth_ + 1;
    made.keep(issue(its));
    return made;
  }

  [[nodiscard]] const std::string& pem() const { return pem_; }
  [[nodiscard]] Credential issue(const CertificatePlan& plan = {}) const {
    return make(plan, certificate_.get(), key_.get());
  }
  /// Its own, as if it were a leaf.
  [[nodiscard]] Credential itself() const { return {pem_, key_text(*key_)}; }
  [[nodiscard]] static Credential self_signed(const CertificatePlan& plan = {}) { return make(plan, nullptr, nullptr); }

 private:
  explicit Authority(std::nullptr_t) {}
  static CertificatePlan plan(const std::string& cluster, const std::string& constraints) {
    CertificatePlan plan;
    plan.names = "URI:skep://" + cluster;
    plan.usage = "";
    plan.constraints = constraints;
    plan.key_usage = "critical,keyCertSign,cRLSign";
    return plan;
  }
  void keep(const Credential& made) {
    certificate_ = certificate_from_pem(made.certificate);
    key_ = key_from_pem(made.key);
    pem_ = made.certificate;
  }
  static std::string key_text(EVP_PKEY& key) {
    const BioPtr text(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(text.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
    return text_in(*text);
  }
  static void extend(X509& made, X509& issuer, int id, const std::string& value) {
    if (value.empty()) return;
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, &issuer, &made, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, FreeWith<&X509_EXTENSION_free>> extension(
        X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
    ASSERT_TRUE(extension && X509_add_ext(&made, extension.get(), -1) == 1) << value;
  }
  static Credential make(const CertificatePlan& plan, X509* issuer, EVP_PKEY* issuer_key) {
    const PkeyPtr key(plan.rsa_bits != 0 ? EVP_RSA_gen(plan.rsa_bits) : EVP_EC_gen("P-256"));
    const X509Ptr made(X509_new());
    X509_set_version(made.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), plan.serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), plan.from.count());
    X509_gmtime_adj(X509_getm_notAfter(made.get()), plan.to.count());
    X509_set_pubkey(made.get(), key.get());
    const std::string name = !plan.name.empty() ? plan.name : issuer != nullptr ? "leaf" : "authority";
    X509_NAME_add_entry_by_NID(X509_get_subject_name(made.get()), NID_commonName, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    if (issuer == nullptr) issuer = made.get();
    X509_set_issuer_name(made.get(), X509_get_subject_name(issuer));
    extend(*made, *issuer, NID_basic_constraints, plan.constraints);
    extend(*made, *issuer, NID_key_usage, plan.key_usage);
    extend(*made, *issuer, NID_ext_key_usage, plan.usage);
    extend(*made, *issuer, NID_subject_key_identifier, "hash");
    if (issuer != made.get()) extend(*made, *issuer, NID_authority_key_identifier, "keyid:always");
    extend(*made, *issuer, NID_subject_alt_name, plan.names);
    X509_sign(made.get(), issuer_key != nullptr ? issuer_key : key.get(), EVP_sha256());
    const BioPtr text(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(text.get(), made.get());
    return {text_in(*text), key_text(*key)};
  }

  X509Ptr certificate_;
  PkeyPtr key_;
  std::string pem_;
  unsigned depth_ = 0;  ///< authorities above it
};

}  // namespace skep::test
