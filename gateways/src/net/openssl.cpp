#include "net/openssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

namespace skep {

void clear_errors() noexcept {
  ERR_clear_error();
}

std::string take_error(const std::string& otherwise) {
  const auto code = ERR_peek_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return reason != nullptr ? reason : otherwise;
}

namespace {

int no_password(char*, int, int, void*) {
  return -1;
}

BioPtr bio_of(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

}  // namespace

X509Ptr certificate_from_pem(const std::string& pem) {
  return X509Ptr(PEM_read_bio_X509(bio_of(pem).get(), nullptr, no_password, nullptr));
}

PkeyPtr key_from_pem(const std::string& pem) {
  return PkeyPtr(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, no_password, nullptr));
}

}  // namespace skep
