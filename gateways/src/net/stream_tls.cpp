#include "net/stream_tls.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <utility>

#include "net/tls_reason.hpp"
#include "skep/gateways/limits.hpp"
#include "text_file.hpp"

namespace skep {
namespace {

struct FreeStack {
  void operator()(STACK_OF(X509) * certificates) const noexcept { sk_X509_free(certificates); }
};
using CertificatesPtr = std::unique_ptr<STACK_OF(X509), FreeStack>;

Error refused_file(const std::string& path, const std::string& why) {
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
  if (!certificates && is_der(*text))
    return refused_file(path, "is in DER, not PEM: openssl x509 -inform DER turns it");
  if (!certificates && has_key(*text)) return refused_file(path, "has a key, and no certificate");
  if (!certificates) return Error{certificates.error().code, "'" + path + "': " + certificates.error().message};
  return certificates;
}

std::string number_text(std::size_t number, const std::string& what) {
  return number == 1 ? what : "has a certificate, number " + std::to_string(number) + ", that " + what;
}

std::string wrong_text(int verdict, std::size_t number, bool client) {
  switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return number_text(number + 1, "has not signed the one before it");
    case X509_V_ERR_INVALID_CA:
      return number_text(number, "is not that of an authority");
    case X509_V_ERR_INVALID_PURPOSE:
      return number_text(number, client ? "is not for a client of TLS" : "is not for a server of TLS");
    default:
      return number_text(number, verdict_text(verdict));
  }
}

/// Judges a chain as a peer would that trusts its last one. "", or what follows the name of its file.
std::string what_is_wrong(const std::vector<X509Ptr>& chain, CertificateTime now, bool client) {
  const StoreContextPtr context(X509_STORE_CTX_new());
  const X509StorePtr trusted(X509_STORE_new());
  const CertificatesPtr between(sk_X509_new_null());
  if (!context || !trusted || !between) throw std::bad_alloc();
  X509_STORE_add_cert(trusted.get(), chain.back().get());
  for (const auto& each : chain) sk_X509_push(between.get(), each.get());
  if (X509_STORE_CTX_init(context.get(), trusted.get(), chain.front().get(), between.get()) != 1)
    throw std::bad_alloc();
  X509_STORE_CTX_set_purpose(context.get(), client ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
  X509_STORE_CTX_set_time(context.get(), 0, now.time_since_epoch().count());
  const bool good = X509_verify_cert(context.get()) == 1;
  clear_errors();
  const auto depth = static_cast<std::size_t>(X509_STORE_CTX_get_error_depth(context.get()));
  const int verdict = X509_STORE_CTX_get_error(context.get());
  const bool leaf_behind = chain.size() > 1 && X509_check_ca(chain[1].get()) == 0;
  if (!good && X509_check_ca(chain.front().get()) != 0 && (leaf_behind || verdict == X509_V_ERR_INVALID_PURPOSE))
    return "begins with the certificate of an authority: its owner's stands first";
  if (!good) return wrong_text(verdict, depth + 1, client);
  const auto* built = X509_STORE_CTX_get0_chain(context.get());
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const bool there = i < static_cast<std::size_t>(sk_X509_num(built));
    if (!there || X509_cmp(sk_X509_value(built, static_cast<int>(i)), chain[i].get()) != 0)
      return number_text(i + 1, "has not signed the one before it");
  }
  return "";
}

SslContextPtr make_context(OldestTls oldest) {
  auto context = make_hardened_context(oldest);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context.get(), 1);  // a record's header and its body in one call
  // OpenSSL counts those between.
  SSL_CTX_set_verify_depth(context.get(), static_cast<int>(limits::certificate_chain_max) - 2);
  return context;
}

/// Which option names the file.
Result<void> of_option(const char* option, Result<void> done) {
  if (!done) return Error{done.error().code, std::string(option) + ": " + done.error().message};
  return done;
}

bool is_address(const std::string& host) {
  const std::unique_ptr<ASN1_OCTET_STRING, FreeWith<&ASN1_OCTET_STRING_free>> address(a2i_IPADDRESS(host.c_str()));
  clear_errors();
  return address != nullptr;
}

bool has_entries(const char* folder) {
  std::error_code failed;
  const std::filesystem::directory_iterator first(folder, failed);
  return !failed && first != std::filesystem::directory_iterator();
}

}  // namespace

StreamTls::StreamTls(const StreamTlsFiles& files)
    : server_name_(files.server_name), context_(make_context(files.oldest)) {}

Result<StreamTlsPtr> StreamTls::read(const StreamTlsFiles& files, CertificateTime now) {
  const boost::intrusive_ptr<StreamTls> made(new StreamTls(files));
  const bool client = made->is_client(), shows = !files.certificate.empty() || !client;
  const auto* trusts = client ? "tls_authorities" : "tls_client_authorities";
  Result<void> done;
  if (shows) done = of_option("tls_certificate", made->use_certificate(files.certificate, now));
  if (done && shows) done = of_option("tls_key", made->use_key(files.key, files.certificate));
  if (done && (client || !files.authorities.empty())) done = of_option(trusts, made->trust(files.authorities));
  if (!done) return done.error();
  if (client) made->expect(*files.server_name);
  return StreamTlsPtr(made);
}

Result<void> StreamTls::use_certificate(const std::string& path, CertificateTime now) {
  auto chain = read_certificates(path);
  if (!chain) return chain.error();
  if (chain->size() > limits::certificate_chain_max) {
    return refused_file(path, "has more than " + std::to_string(limits::certificate_chain_max) + " certificates");
  }
  if (const auto wrong = what_is_wrong(*chain, now, is_client()); !wrong.empty()) return refused_file(path, wrong);
  not_after_ = CertificateTime::max();
  for (const auto& each : *chain) {
    const bool own = each == chain->front();
    const int used =
        own ? SSL_CTX_use_certificate(context_.get(), each.get()) : SSL_CTX_add1_chain_cert(context_.get(), each.get());
    if (used != 1) return refused_file(path, "is unfit: " + take_error("unknown reason"));
    const auto to = time_from(X509_get0_notAfter(each.get()));
    if (!to) return refused_file(path, "has times that cannot be read");
    not_after_ = std::min(*not_after_, *to);
  }
  auto& last = *chain->back();
  signer_ = X509_check_issued(&last, &last) == X509_V_OK ? "" : name_text(*X509_get_issuer_name(&last));
  return {};
}

Result<void> StreamTls::use_key(const std::string& path, const std::string& certificate_path) {
  const auto text = with_path(path, read_secret_file(path, limits::certificate_file_bytes_max));
  if (!text) return text.error();
  clear_errors();
  const auto key = key_from_pem(*text);
  if (!key) return refused_file(path, why_no_key(*text));
  const bool fits = X509_check_private_key(SSL_CTX_get0_certificate(context_.get()), key.get()) == 1;
  const bool used = fits && SSL_CTX_use_PrivateKey(context_.get(), key.get()) == 1;
  clear_errors();
  if (used) return {};
  return refused_file(path, "is not the key of '" + certificate_path + "'");
}

Result<void> StreamTls::trust(const std::string& path) {
  // Whoever is named is trusted, also one that another authority has signed.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context_.get()), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  if (is_client() && path == system_authorities) return trust_system();
  auto authorities = read_certificates(path);
  if (!authorities) return authorities.error();
  if (authorities->size() > limits::authorities_max) {
    return refused_file(path,
                        "has more than " + std::to_string(limits::authorities_max) + " certificates of authorities");
  }
  for (const auto& authority : *authorities) {
    if (X509_check_ca(authority.get()) == 0)
      return refused_file(path, "has a certificate that is not that of an authority");
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), authority.get());
    if (!is_client()) SSL_CTX_add_client_CA(context_.get(), authority.get());
  }
  clear_errors();
  return {};
}

/// Where OpenSSL looks for them by itself: a file, which is read now, or a folder.
Result<void> StreamTls::trust_system() {
  SSL_CTX_set_default_verify_paths(context_.get());
  clear_errors();
  const auto* read = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context_.get()));
  if (sk_X509_OBJECT_num(read) > 0 || has_entries(X509_get_default_cert_dir())) return {};
  return Error{errc::not_found, std::string("this system has no authorities that it trusts: there is nothing in '") +
                                    X509_get_default_cert_file() + "' and '" + X509_get_default_cert_dir() + "'"};
}

bool StreamTls::can_be_for(const std::string& server_name) {
  return is_address(server_name) || check_dns_name(server_name).ok();
}

void StreamTls::expect(const std::string& name) {
  auto* judged = SSL_CTX_get0_param(context_.get());
  asks_for_name_ = !is_address(name);
  // A common name is none (RFC 9525, 2), and * stands for all of a name's first part.
  X509_VERIFY_PARAM_set_hostflags(judged, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int done = asks_for_name_ ? X509_VERIFY_PARAM_set1_host(judged, name.c_str(), 0)
                                  : X509_VERIFY_PARAM_set1_ip_asc(judged, name.c_str());
  if (done != 1) throw std::bad_alloc();
}

SslPtr StreamTls::make_ssl() const {
  clear_errors();
  SslPtr made(SSL_new(context_.get()));
  if (!made || (asks_for_name_ && SSL_set_tlsext_host_name(made.get(), server_name_->c_str()) != 1))
    throw std::bad_alloc();
  is_client() ? SSL_set_connect_state(made.get()) : SSL_set_accept_state(made.get());
  return made;
}

}  // namespace skep
