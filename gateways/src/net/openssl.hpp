#pragma once
// Owners of OpenSSL's objects, and its reasons as text.
//
// OpenSSL keeps a queue of errors for each thread, and what one call left there can be taken for the failure of the
// next one, on another connection: so begin every call with `clear_errors`, and read the reason in the same thread.

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "skep/serialization/result.hpp"

namespace skep {

template <auto Free>
struct FreeWith {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

void free_bytes(void* bytes) noexcept;

using BignumPtr = std::unique_ptr<BIGNUM, FreeWith<&BN_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<&BIO_free_all>>;
using GeneralNamesPtr = std::unique_ptr<GENERAL_NAMES, FreeWith<&GENERAL_NAMES_free>>;
using PkeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<&EVP_PKEY_free>>;
using StoreContextPtr = std::unique_ptr<X509_STORE_CTX, FreeWith<&X509_STORE_CTX_free>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<&X509_free>>;
using X509StorePtr = std::unique_ptr<X509_STORE, FreeWith<&X509_STORE_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, FreeWith<&SSL_CTX_free>>;
using BytesPtr = std::unique_ptr<unsigned char, FreeWith<&free_bytes>>;
using TextPtr = std::unique_ptr<char, FreeWith<&free_bytes>>;
using SslPtr = std::unique_ptr<SSL, FreeWith<&SSL_free>>;

void clear_errors() noexcept;
/// The oldest reason in this thread's queue, in OpenSSL's words, or `otherwise`; the queue is empty then.
[[nodiscard]] std::string take_error(const std::string& otherwise);

/// The first one in `pem`; null, with the reason in the queue, if there is none.
[[nodiscard]] X509Ptr certificate_from_pem(const std::string& pem);
/// All of them, one at least.
/// Errors: `errc::invalid_argument`: there is none, or one is cut or damaged.
[[nodiscard]] Result<std::vector<X509Ptr>> certificates_from_pem(const std::string& pem);
/// As "CN = Example", printable: what is no ASCII is escaped.
[[nodiscard]] std::string name_text(const X509_NAME& name);
/// UTC; nothing for one that cannot be read.
[[nodiscard]] std::optional<std::chrono::sys_seconds> time_from(const ASN1_TIME* time);
/// The private key in `pem`; null for none, or one with a password, which nobody is asked for.
[[nodiscard]] PkeyPtr key_from_pem(const std::string& pem);

}  // namespace skep
