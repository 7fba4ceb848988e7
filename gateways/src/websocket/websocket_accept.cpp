#include "websocket_accept.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>

#include "skep/serialization/base64.hpp"

namespace skep {

std::string websocket_accept(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return to_base64(std::as_bytes(std::span(digest.data(), size)));
}

}  // namespace skep
