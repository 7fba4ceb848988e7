#include "pki/certificate_authority.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "net/openssl.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {
namespace {

using NamePtr = std::unique_ptr<GENERAL_NAME, FreeWith<&GENERAL_NAME_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, FreeWith<&X509_EXTENSION_free>>;
using OctetsPtr = std::unique_ptr<ASN1_OCTET_STRING, FreeWith<&ASN1_OCTET_STRING_free>>;

Error refused(const std::string& why) {
  return {errc::invalid_argument, why};
}

Error failed(const std::string& what) {
  return refused(what + ": " + take_error("unknown reason"));
}

PkeyPtr make_key(KeyAlgorithm algorithm) {
  if (algorithm == KeyAlgorithm::p256) return PkeyPtr(EVP_EC_gen("P-256"));
  return PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

std::string text_of(BIO& bio) {
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(&bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

Result<Credential> to_pem(X509& certificate, EVP_PKEY& key) {
  const BioPtr certificate_text(BIO_new(BIO_s_mem()));
  const BioPtr key_text(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_X509(certificate_text.get(), &certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return failed("the certificate cannot be written");
  }
  return Credential{text_of(*certificate_text), text_of(*key_text)};
}

/// 128 bits, above 0: two of one authority never meet by chance (CA/Browser Forum asks for 64).
bool set_serial(X509& certificate) {
  std::array<unsigned char, 16> bytes;
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return false;
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);
  const BignumPtr number(BN_bin2bn(bytes.data(), bytes.size(), nullptr));
  return BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool set_times(X509& certificate, CertificateTime from, CertificateTime to) {
  return ASN1_TIME_set(X509_getm_notBefore(&certificate), from.time_since_epoch().count()) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(&certificate), to.time_since_epoch().count()) != nullptr;
}

/// For people who read certificates with other programs; nothing of Skep asks for it.
bool set_subject(X509& certificate, const std::string& cluster, const std::string& name) {
  auto* subject = X509_get_subject_name(&certificate);
  const auto add = [&](int id, const std::string& text) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    return X509_NAME_add_entry_by_NID(subject, id, MBSTRING_UTF8, bytes, static_cast<int>(text.size()), -1, 0) == 1;
  };
  return add(NID_organizationName, cluster) && add(NID_commonName, name);
}

/// `value` is a constant of this file: OpenSSL's configuration language is for no name that came from outside.
bool add_extension(X509& certificate, X509& issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
  return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

bool push(GENERAL_NAMES& names, int type, ASN1_STRING* value) {
  NamePtr name(GENERAL_NAME_new());
  if (value == nullptr || !name) return false;
  GENERAL_NAME_set0_value(name.get(), type, value);
  if (sk_GENERAL_NAME_push(&names, name.get()) == 0) return false;
  name.release();
  return true;
}

ASN1_STRING* text_value(const std::string& text) {
  ASN1_STRING* value = ASN1_IA5STRING_new();
  if (value != nullptr) ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
  return value;
}

bool add_names(X509& certificate, const std::string& uri, const CertificateRequest& request) {
  const GeneralNamesPtr names(GENERAL_NAMES_new());
  bool done = push(*names, GEN_URI, text_value(uri));
  for (const auto& name : request.dns_names) done = done && push(*names, GEN_DNS, text_value(name));
  for (const auto& address : request.addresses) {
    done = done && push(*names, GEN_IPADD, a2i_IPADDRESS(address.c_str()));
  }
  return done && X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names.get(), 0, 0) == 1;
}

bool sign(X509& certificate, EVP_PKEY& key) {
  const bool ed25519 = EVP_PKEY_is_a(&key, "ED25519") == 1;
  return X509_sign(&certificate, &key, ed25519 ? nullptr : EVP_sha256()) > 0;
}

Result<void> check_names(const CertificateRequest& request) {
  if (auto good = check_peer_name("cluster", request.identity.cluster); !good) return good;
  if (auto good = check_peer_name(to_string(request.identity.role), request.identity.name); !good) return good;
  if (request.dns_names.size() + request.addresses.size() > limits::certificate_names_max) {
    return refused("a certificate has at most " + std::to_string(limits::certificate_names_max) + " names");
  }
  for (const auto& name : request.dns_names) {
    if (auto good = check_dns_name(name); !good) return good;
  }
  for (const auto& address : request.addresses) {
    clear_errors();
    const OctetsPtr parsed(address.find('\0') == std::string::npos ? a2i_IPADDRESS(address.c_str()) : nullptr);
    clear_errors();
    if (!parsed) return refused("an address is written like 10.0.0.1 or 2001:db8::1");
  }
  return {};
}

Result<void> check_time(std::chrono::hours time, std::chrono::hours most) {
  if (time >= std::chrono::hours(24) && time <= most) return {};
  return refused("a certificate is valid for 1 to " + std::to_string(most.count() / 24) + " days");
}

/// What the authority and the request must be to each other.
Result<Certificate> check_authority(const Credential& authority, const CertificateRequest& request) {
  auto read = read_certificate(authority.certificate);
  if (!read) return Error{read.error().code, "the authority's certificate: " + read.error().message};
  if (read->identity) return refused("the authority's certificate is that of " + read->identity->uri());
  if (read->cluster != request.identity.cluster) return refused("the authority is that of cluster " + read->cluster);
  if (read->not_after <= request.now) return refused("the authority has expired");
  return read;
}

bool fill_leaf(X509& leaf, X509& issuer, const CertificateRequest& request, CertificateTime to) {
  const bool node = request.identity.role == PeerRole::node;
  return X509_set_version(&leaf, X509_VERSION_3) == 1 && set_serial(leaf) &&
         set_times(leaf, request.now - limits::certificate_skew, to) &&
         set_subject(leaf, request.identity.cluster, request.identity.name) &&
         X509_set_issuer_name(&leaf, X509_get_subject_name(&issuer)) == 1 &&
         add_extension(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(leaf, issuer, NID_key_usage, "critical,digitalSignature") &&
         add_extension(leaf, issuer, NID_ext_key_usage, node ? "clientAuth,serverAuth" : "clientAuth") &&
         add_extension(leaf, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(leaf, issuer, NID_authority_key_identifier, "keyid:always") &&
         add_names(leaf, request.identity.uri(), request);
}

bool fill_authority(X509& authority, const AuthorityRequest& request) {
  return X509_set_version(&authority, X509_VERSION_3) == 1 && set_serial(authority) &&
         set_times(authority, request.now - limits::certificate_skew, request.now + request.time) &&
         set_subject(authority, request.cluster, "Skep CA") &&
         X509_set_issuer_name(&authority, X509_get_subject_name(&authority)) == 1 &&
         add_extension(authority, authority, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
         add_extension(authority, authority, NID_key_usage, "critical,keyCertSign,cRLSign") &&
         add_extension(authority, authority, NID_subject_key_identifier, "hash") &&
         add_names(authority, cluster_uri(request.cluster), {});
}

}  // namespace

Result<Credential> make_authority(const AuthorityRequest& request) {
  if (auto good = check_peer_name("cluster", request.cluster); !good) return good.error();
  if (auto good = check_time(request.time, limits::authority_time_max); !good) return good.error();
  clear_errors();
  const auto key = make_key(request.algorithm);
  if (!key) return failed("no key could be made");
  const X509Ptr made(X509_new());
  if (!made || X509_set_pubkey(made.get(), key.get()) != 1 || !fill_authority(*made, request) || !sign(*made, *key)) {
    return failed("the authority could not be made");
  }
  return to_pem(*made, *key);
}

Result<void> check_request(const CertificateRequest& request) {
  if (auto good = check_names(request); !good) return good;
  return check_time(request.time, limits::certificate_time_max);
}

Result<Credential> issue(const Credential& authority, const CertificateRequest& request) {
  if (auto good = check_request(request); !good) return good.error();
  auto of = check_authority(authority, request);
  if (!of) return of.error();
  clear_errors();
  const auto issuer = certificate_from_pem(authority.certificate);
  const auto issuer_key = key_from_pem(authority.key);
  if (!issuer_key) return failed("the authority's key cannot be read");
  if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    clear_errors();
    return refused("the authority's key is not that of its certificate");
  }
  const auto key = request.key.empty() ? make_key(request.algorithm) : key_from_pem(request.key);
  if (!key) return failed("the key cannot be read");
  const X509Ptr made(X509_new());
  const auto to = std::min(request.now + request.time, of->not_after);
  if (!made || X509_set_pubkey(made.get(), key.get()) != 1 || !fill_leaf(*made, *issuer, request, to) ||
      !sign(*made, *issuer_key)) {
    return failed("the certificate could not be made");
  }
  auto pem = to_pem(*made, *key);
  if (!pem) return pem;
  if (auto read = read_certificate(pem->certificate); !read) return read.error();  // a given key of another kind
  return pem;
}

bool is_key_of(const std::string& key, const std::string& certificate) {
  clear_errors();
  const auto parsed = certificate_from_pem(certificate);
  const auto secret = key_from_pem(key);
  const bool good = parsed && secret && X509_check_private_key(parsed.get(), secret.get()) == 1;
  clear_errors();
  return good;
}

}  // namespace skep
