#include "net/hardened_context.hpp"

#include <new>

namespace skep {
namespace {

/// 112 bits, so 2,048 of RSA.
constexpr int security_level = 2;
/// Of TLS 1.2; those of 1.3 are all right.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

}  // namespace

SslContextPtr make_hardened_context(OldestTls oldest) {
  SslContextPtr context(SSL_CTX_new(TLS_method()));
  if (!context) throw std::bad_alloc();
  auto* made = context.get();
  SSL_CTX_set_min_proto_version(made, oldest == OldestTls::v1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(made, TLS1_3_VERSION);
  SSL_CTX_set_security_level(made, security_level);
  SSL_CTX_set_cipher_list(made, ciphers);
  SSL_CTX_set_session_cache_mode(made, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(made, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_num_tickets(made, 0);
  return context;
}

}  // namespace skep
