#include "net/tls_reason.hpp"

#include <openssl/err.h>

#include "net/openssl.hpp"

namespace skep {
namespace {

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
    case SSL_AD_HANDSHAKE_FAILURE:
      return "its log says why";
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return "it wants a certificate, and was shown none";
    default:
      return nullptr;
  }
}

}  // namespace

std::string tls_reason(const TlsWords& words) {
  constexpr int alerts = SSL_AD_REASON_OFFSET;  // from there on: the peer has said so
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
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason > alerts && text != nullptr) {
    const auto* plain = alert_words(reason - alerts);
    const auto why = plain != nullptr ? std::string(plain) + " (" + text + ')' : std::string(text);
    return "it has refused " + words.self + ": " + why;
  }
  return text != nullptr ? std::string("it breaks the rules of TLS: ") + text
                         : "the connection has ended without a word";
}

}  // namespace skep
