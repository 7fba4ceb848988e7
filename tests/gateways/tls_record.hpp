#pragma once
// A record of TLS 1.3 that OpenSSL would not send: the beginning of a message of TLS whose rest does not follow.

#include <gtest/gtest.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace skep::testing {

/// From now on `secret` has what a client of this context encrypts its data with, once it has shaken hands.
inline void tell_secret(SSL_CTX& context, std::string& secret) {
  SSL_CTX_set_ciphersuites(&context, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set_app_data(&context, &secret);
  SSL_CTX_set_keylog_callback(&context, [](const SSL* ssl, const char* line) {
    const std::string_view text(line);
    if (!text.starts_with("CLIENT_TRAFFIC_SECRET_0 ")) return;
    const auto digits = text.substr(text.rfind(' ') + 1);
    auto& told = *static_cast<std::string*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    told.clear();
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
      told += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  });
}

/// HKDF-Expand-Label (RFC 8446, 7.1), for up to 32 bytes.
inline std::string expanded(const std::string& secret, const std::string& label, std::size_t size) {
  const auto whole = "tls13 " + label;
  std::string info{0, static_cast<char>(size), static_cast<char>(whole.size())};
  info += whole;
  info += {0, 1};
  std::array<unsigned char, EVP_MAX_MD_SIZE> made;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(info.data()), info.size(), made.data(), nullptr);
  return {reinterpret_cast<const char*>(made.data()), size};
}

/// The header of a KeyUpdate, alone in a record, behind `before` others with data.
inline std::string unfinished_message(const std::string& secret, std::uint64_t before) {
  constexpr int tag = 16;
  const std::string plain{24, 0, 0, 1, 22};  // KeyUpdate, of 1 byte; then what kind of record it is (RFC 8446, 5.2)
  const std::string header{23, 3, 3, 0, static_cast<char>(plain.size() + tag)};
  auto nonce = expanded(secret, "iv", 12);
  for (std::size_t i = 0; i < 8; ++i) nonce[11 - i] = static_cast<char>(nonce[11 - i] ^ ((before >> (8 * i)) & 0xff));
  const auto bytes = [](const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  std::array<unsigned char, 64> sealed;
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> cipher(EVP_CIPHER_CTX_new(),
                                                                               &EVP_CIPHER_CTX_free);
  int size = 0, none = 0;
  const auto key = expanded(secret, "key", 16);
  EVP_EncryptInit_ex(cipher.get(), EVP_aes_128_gcm(), nullptr, bytes(key), bytes(nonce));
  EVP_EncryptUpdate(cipher.get(), nullptr, &none, bytes(header), static_cast<int>(header.size()));
  EVP_EncryptUpdate(cipher.get(), sealed.data(), &size, bytes(plain), static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(cipher.get(), sealed.data() + size, &none);
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, tag, sealed.data() + size);
  return header + std::string(reinterpret_cast<const char*>(sealed.data()), static_cast<std::size_t>(size + tag));
}

}  // namespace skep::testing
