#include "net/openssl.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

namespace skep {

void free_bytes(void* bytes) noexcept {
  OPENSSL_free(bytes);
}

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

/// Cut inside of "-----BEGIN ...-----", which OpenSSL takes for nothing.
bool ends_in_marker(const std::string& pem) {
  const auto end = pem.find_last_not_of(" \t\r\n");
  if (end == std::string::npos) return false;
  const auto line_feed = pem.rfind('\n', end);  // none: its first line
  const auto line = std::string_view(pem).substr(line_feed + 1, end - line_feed);
  return line.starts_with('-') && !(line.starts_with("-----END ") && line.ends_with("-----"));
}

}  // namespace

X509Ptr certificate_from_pem(const std::string& pem) {
  return X509Ptr(PEM_read_bio_X509(bio_of(pem).get(), nullptr, no_password, nullptr));
}

Result<std::vector<X509Ptr>> certificates_from_pem(const std::string& pem) {
  clear_errors();
  std::vector<X509Ptr> found;
  const auto text = bio_of(pem);
  while (X509Ptr next{PEM_read_bio_X509(text.get(), nullptr, no_password, nullptr)}) found.push_back(std::move(next));
  if (found.empty()) {
    return Error{errc::invalid_argument, "there is no certificate in PEM: " + take_error("unknown reason")};
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE || ends_in_marker(pem)) {
    return Error{errc::invalid_argument, "one of them is cut or damaged: " + take_error("unknown reason")};
  }
  clear_errors();  // that there is no further one
  return found;
}

std::string name_text(const X509_NAME& name) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (!text || X509_NAME_print_ex(text.get(), &name, 0, XN_FLAG_ONELINE) < 0) return {};
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::optional<std::chrono::sys_seconds> time_from(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

PkeyPtr key_from_pem(const std::string& pem) {
  return PkeyPtr(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, no_password, nullptr));
}

}  // namespace skep
