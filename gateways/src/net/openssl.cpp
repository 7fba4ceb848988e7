#include "net/openssl.hpp"

#include <openssl/err.h>

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

}  // namespace skep
