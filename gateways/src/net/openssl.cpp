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

X509Ptr certificate_from_pem(const std::string& pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

}  // namespace skep
