#include "net/tls_reason.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "net/openssl.hpp"

namespace skep {
namespace {

constexpr int alerts = SSL_AD_REASON_OFFSET;  ///< reasons from there on are what the peer has said

/// What the peer says of the certificate that it was shown, or of the lack of one; null for other alerts.
const char* alert_words(int alert) {
  switch (alert) {
    case SSL_AD_UNKNOWN_CA:
      return "it trusts none of the authorities that signed the certificate it was shown";
    case SSL_AD_CERTIFICATE_EXPIRED:
      return "the certificate it was shown has expired, or is not valid yet, by its clock";
    case SSL_AD_CERTIFICATE_REVOKED:
      return "the certificate it was shown is revoked";
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
      return "its log says what is wrong with the certificate it was shown";
    case SSL_AD_PROTOCOL_VERSION:
      return "it speaks none of the versions that were offered";
    case SSL_AD_UNRECOGNIZED_NAME:
      return "it is not the one that was asked for";
    case SSL_AD_HANDSHAKE_FAILURE:
      return "its log says why";
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return "it wants a certificate, and was shown none";
    default:
      return nullptr;
  }
}

}  // namespace

std::string verdict_text(int verdict) {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "is not valid yet";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "is signed by none of the authorities that are trusted";
    case X509_V_ERR_INVALID_PURPOSE:
      return "is not for this use";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return "has a key that is too weak";
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return "comes with too long a chain";
    default:
      return std::string("is refused: ") + X509_verify_cert_error_string(verdict);
  }
}

bool peer_refuses() noexcept {
  const auto code = ERR_peek_error();
  return ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) > alerts;
}

bool peer_lacks_tls() noexcept {
  const auto code = ERR_peek_error();
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  return reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST || reason == SSL_R_WRONG_VERSION_NUMBER;
}

std::string tls_reason(const TlsWords& words) {
  const auto code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  switch (reason) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
      return "it speaks HTTP, not TLS";
    case SSL_R_WRONG_VERSION_NUMBER:
      return "it does not speak TLS";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
      return "it does not offer " + words.versions;
    case SSL_R_NO_SHARED_CIPHER:
      return "it offers no cipher that is allowed";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "it has no certificate";
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return "the connection has ended without a word";
    default:
      break;
  }
  if (peer_refuses() && text != nullptr) {
    const auto* plain = alert_words(reason - alerts);
    const auto why = plain != nullptr ? std::string(plain) + " (" + text + ')' : std::string(text);
    return "it has refused " + words.self + ": " + why;
  }
  return text != nullptr ? std::string("it breaks the rules of TLS: ") + text
                         : "the connection has ended without a word";
}

}  // namespace skep
