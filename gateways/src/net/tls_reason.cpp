#include "net/tls_reason.hpp"

#include <openssl/err.h>

#include "net/openssl.hpp"

namespace skep {

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
    return "it has refused " + words.self + ": " + text;
  }
  return text != nullptr ? std::string("it breaks the rules of TLS: ") + text
                         : "the connection has ended without a word";
}

}  // namespace skep
