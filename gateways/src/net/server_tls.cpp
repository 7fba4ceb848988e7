#include "net/server_tls.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <new>
#include <utility>

#include "net/tls_context.hpp"
#include "skep/gateways/limits.hpp"
#include "text_file.hpp"

namespace skep {
namespace {

/// 112 bits, so 2,048 of RSA.
constexpr int security_level = 2;
/// Of TLS 1.2; those of 1.3 are all right.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

struct FreeStack {
  void operator()(STACK_OF(X509) * certificates) const noexcept { sk_X509_free(certificates); }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

Error refused(const std::string& path, const std::string& why) {
  return {errc::invalid_argument, "'" + path + "' " + why};
}

/// The words of text_file.hpp follow the name of the file.
Result<std::string> with_path(const std::string& path, Result<std::string> text) {
  if (!text) return Error{text.error().code, "'" + path + "' " + text.error().message};
  return text;
}

/// A sequence with its length in one or two bytes.
bool is_der(const std::string& bytes) {
  return bytes.size() > 2 && bytes[0] == '\x30' && (bytes[1] == '\x81' || bytes[1] == '\x82');
}

bool has_key(const std::string& pem) {
  return pem.find("PRIVATE KEY-----") != std::string::npos;
}

/// Why OpenSSL finds no key there.
std::string why_no_key(const std::string& text) {
  if (is_der(text)) return "is in DER, not PEM: openssl pkey -inform DER turns it";
  if (text.find("ENCRYPTED") != std::string::npos)
    return "has a password, and nobody is there to type it: openssl pkey takes it off";
  if (!has_key(text) && text.find("CERTIFICATE-----") != std::string::npos) return "has a certificate, and no key";
  return "has no key in PEM: " + take_error("unknown reason");
}

Result<std::vector<X509Ptr>> read_certificates(const std::string& path) {
  const auto text = with_path(path, read_text_file(path, limits::certificate_file_bytes_max));
  if (!text) return text.error();
  auto certificates = certificates_from_pem(*text);
  if (!certificates && is_der(*text)) return refused(path, "is in DER, not PEM: openssl x509 -inform DER turns it");
  if (!certificates && has_key(*text)) return refused(path, "has a key, and no certificate");
  if (!certificates) return Error{certificates.error().code, "'" + path + "': " + certificates.error().message};
  return certificates;
}

std::string number_text(std::size_t number, const std::string& what) {
  return number == 1 ? what : "has a certificate, number " + std::to_string(number) + ", that " + what;
}

std::string wrong_text(int verdict, std::size_t number) {
  switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return number_text(number + 1, "has not signed the one before it");
    case X509_V_ERR_INVALID_CA:
      return number_text(number, "is not that of an authority");
    case X509_V_ERR_INVALID_PURPOSE:
      return number_text(number, "is not for a server of TLS");
    default:
      return number_text(number, verdict_text(verdict));
  }
}

/// Judges a chain as a client would that trusts its last one. "", or what follows the name of its file.
std::string what_is_wrong(const std::vector<X509Ptr>& chain, CertificateTime now) {
  const StoreContextPtr context(X509_STORE_CTX_new());
  const X509StorePtr trusted(X509_STORE_new());
  const CertificatesPtr between(sk_X509_new_null());
  if (!context || !trusted || !between) throw std::bad_alloc();
  X509_STORE_add_cert(trusted.get(), chain.back().get());
  for (const auto& each : chain) sk_X509_push(between.get(), each.get());
  if (X509_STORE_CTX_init(context.get(), trusted.get(), chain.front().get(), between.get()) != 1)
    throw std::bad_alloc();
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  X509_STORE_CTX_set_time(context.get(), 0, now.time_since_epoch().count());
  const bool good = X509_verify_cert(context.get()) == 1;
  clear_errors();
  const auto depth = static_cast<std::size_t>(X509_STORE_CTX_get_error_depth(context.get()));
  const int verdict = X509_STORE_CTX_get_error(context.get());
  const bool leaf_behind = chain.size() > 1 && X509_check_ca(chain[1].get()) == 0;
  if (!good && X509_check_ca(chain.front().get()) != 0 && (leaf_behind || verdict == X509_V_ERR_INVALID_PURPOSE))
    return "begins with the certificate of an authority: the gateway's own stands first";
  if (!good) return wrong_text(verdict, depth + 1);
  const auto* built = X509_STORE_CTX_get0_chain(context.get());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const bool there = i < static_cast<std::size_t>(sk_X509_num(built));
    if (!there || X509_cmp(sk_X509_value(built, static_cast<int>(i)), chain[i].get()) != 0)
      return number_text(i + 1, "has not signed the one before it");
  }
  return "";
}

/// After OpenSSL's own verdict on each certificate of a client's chain, its own last.
int judge(int good, X509_STORE_CTX* chain) {
  if (good != 1 || X509_STORE_CTX_get_error_depth(chain) != 0) return good;
  if (X509_check_ca(X509_STORE_CTX_get_current_cert(chain)) == 0) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_APPLICATION_VERIFICATION);  // whoever signs clients is none
  return 0;
}

SslContextPtr make_context(OldestTls oldest) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) throw std::bad_alloc();
  auto* made = context.get();
  SSL_CTX_set_min_proto_version(made, oldest == OldestTls::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(made, TLS1_3_VERSION);
  SSL_CTX_set_security_level(made, security_level);
  SSL_CTX_set_cipher_list(made, ciphers);
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(made, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(made, 0);
  SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(made, 1);  // a record's header and its body in one call
  SSL_CTX_set_verify_depth(made, static_cast<int>(limits::certificate_chain_max) - 2);  // OpenSSL counts those between
  return context;
}

}  // namespace

ServerTls::ServerTls(OldestTls oldest) : oldest_(oldest), context_(make_context(oldest)) {}

Result<ServerTlsPtr> ServerTls::read(const ServerTlsFiles& files, CertificateTime now) {
  const boost::intrusive_ptr<ServerTls> made(new ServerTls(files.oldest));
  if (auto done = made->use_certificate(files.certificate, now); !done) return done.error();
  if (auto done = made->use_key(files.key, files.certificate); !done) return done.error();
  if (files.authorities.empty()) return ServerTlsPtr(made);
  if (auto done = made->trust(files.authorities); !done) return done.error();
  return ServerTlsPtr(made);
}

Result<void> ServerTls::use_certificate(const std::string& path, CertificateTime now) {
  auto chain = read_certificates(path);
  if (!chain) return chain.error();
  if (chain->size() > limits::certificate_chain_max) {
    return refused(path, "has more than " + std::to_string(limits::certificate_chain_max) + " certificates");
  }
  if (const auto wrong = what_is_wrong(*chain, now); !wrong.empty()) return refused(path, wrong);
  not_after_ = CertificateTime::max();
  for (const auto& each : *chain) {
    const bool own = each == chain->front();
    const int used =
        own ? SSL_CTX_use_certificate(context_.get(), each.get()) : SSL_CTX_add1_chain_cert(context_.get(), each.get());
    if (used != 1) return refused(path, "is unfit: " + take_error("unknown reason"));
    const auto to = time_from(X509_get0_notAfter(each.get()));
    if (!to) return refused(path, "has times that cannot be read");
    not_after_ = std::min(not_after_, *to);
  }
  auto& last = *chain->back();
  signer_ = X509_check_issued(&last, &last) == X509_V_OK ? "" : name_text(*X509_get_issuer_name(&last));
  return {};
}

Result<void> ServerTls::use_key(const std::string& path, const std::string& certificate_path) {
  const auto text = with_path(path, read_secret_file(path, limits::certificate_file_bytes_max));
  if (!text) return text.error();
  clear_errors();
  const auto key = key_from_pem(*text);
  if (!key) return refused(path, why_no_key(*text));
  const bool fits = X509_check_private_key(SSL_CTX_get0_certificate(context_.get()), key.get()) == 1;
  const bool used = fits && SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1;
  clear_errors();
  if (used) return {};
  return refused(path, "is not the key of '" + certificate_path + "'");
}

Result<void> ServerTls::trust(const std::string& path) {
  auto authorities = read_certificates(path);
  if (!authorities) return authorities.error();
  if (authorities->size() > limits::authorities_max) {
    return refused(path, "has more than " + std::to_string(limits::authorities_max) + " certificates of authorities");
  }
  for (const auto& authority : *authorities) {
    if (X509_check_ca(authority.get()) == 0) return refused(path, "has a certificate that is not that of an authority");
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), authority.get());
    SSL_CTX_add_client_CA(context_.get(), authority.get());
  }
  clear_errors();
  // Whoever is named is trusted, also one that another authority has signed.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_.get()), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, judge);
  return {};
}

SslPtr ServerTls::make_ssl() const {
  clear_errors();
  SslPtr made(SSL_new(context_.get()));
  if (!made) throw std::bad_alloc();
  SSL_set_accept_state(made.get());
  return made;
}

}  // namespace skep
