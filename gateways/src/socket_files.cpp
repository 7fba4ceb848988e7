#include "socket_files.hpp"

namespace skep {

ServerTlsFiles tls_files(const SocketOptions& options) {
  return {options.tls_certificate.path, options.tls_key.path, options.tls_client_authorities.path,
          options.tls_oldest == "1.3" ? OldestTls::v1_3 : OldestTls::v1_2};
}

TokenSources token_sources(const SocketOptions& options) {
  return {options.tokens, options.tokens_file.path};
}

}  // namespace skep
