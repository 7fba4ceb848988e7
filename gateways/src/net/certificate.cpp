#include "net/certificate.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "net/openssl.hpp"
#include "skep/actors/sha256.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

Error refused(const std::string& why) {
  return {errc::invalid_argument, why};
}

/// "" for one that is not above 0.
std::string serial_of(const X509& certificate) {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
  if (!number || BN_is_negative(number.get()) || BN_is_zero(number.get())) return {};
  const TextPtr digits(BN_bn2hex(number.get()));
  std::string text(digits.get());
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::string fingerprint_of(const X509& certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(&certificate, &bytes);
  const BytesPtr der(bytes);
  return size < 0 ? "" : Sha256::hex_of(std::as_bytes(std::span(bytes, static_cast<std::size_t>(size))));
}

std::optional<KeyAlgorithm> algorithm_of(const X509& certificate) {
  const auto* key = X509_get0_pubkey(&certificate);
  if (key == nullptr) return std::nullopt;
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyAlgorithm::ed25519;
  std::array<char, 64> group{};
  if (EVP_PKEY_is_a(key, "EC") != 1) return std::nullopt;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) != 1) return std::nullopt;
  return std::string_view(group.data()) == "prime256v1" ? std::optional(KeyAlgorithm::p256) : std::nullopt;
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string address_of(const ASN1_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int length = ASN1_STRING_length(bytes);
  if (length != 4 && length != 16) return {};
  return ::inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), text.data(), text.size());
}

GeneralNamesPtr alternative_names(const X509& certificate) {
  return GeneralNamesPtr(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
}

/// "" with all else in `found`; or what is wrong.
std::string read_names(const GENERAL_NAMES& names, Certificate& found, std::string& uri) {
  const int count = sk_GENERAL_NAME_num(&names);
  if (static_cast<std::size_t>(count) > limits::certificate_names_max + 1) {  // and the URI
    return "it has more than " + std::to_string(limits::certificate_names_max) + " names beside its URI";
  }
  for (int i = 0; i < count; ++i) {
    const auto* name = sk_GENERAL_NAME_value(&names, i);
    if (name->type == GEN_URI) {
      if (!uri.empty()) return "it has two URIs";
      uri = text_of(name->d.uniformResourceIdentifier);
    } else if (name->type == GEN_DNS) {
      found.dns_names.push_back(text_of(name->d.dNSName));
      if (!check_dns_name(found.dns_names.back())) return "it has a DNS name that is none";
    } else if (name->type == GEN_IPADD) {
      found.addresses.push_back(address_of(name->d.iPAddress));
      if (found.addresses.back().empty()) return "it has an address that is none";
    } else {
      return "it has a name that is no URI, DNS name or address";
    }
  }
  return uri.empty() ? "it has no URI" : "";
}

Result<void> read_cluster(const std::string& uri, Certificate& found) {
  auto cluster = parse_cluster(uri);
  if (!cluster) return cluster.error();
  found.cluster = *cluster;
  return {};
}

/// A node is either end of TLS, an admin a client. OpenSSL takes a certificate that does not say its use for any.
Result<void> check_usage(X509& certificate, PeerRole role) {
  const bool node = role == PeerRole::node;
  const std::uint32_t needed = node ? XKU_SSL_CLIENT | XKU_SSL_SERVER : XKU_SSL_CLIENT;
  const bool says = (X509_get_extension_flags(&certificate) & EXFLAG_XKUSAGE) != 0;
  if (says && (X509_get_extended_key_usage(&certificate) & needed) == needed) return {};
  return refused(std::string("it lacks the extendedKeyUsage of ") +
                 (node ? "a node: clientAuth and serverAuth" : "an admin: clientAuth"));
}

Result<void> read_identity(X509& certificate, const std::string& uri, Certificate& found) {
  if (X509_check_ca(&certificate) == 1) return read_cluster(uri, found);
  auto identity = parse_identity(uri);
  if (!identity) return identity.error();
  found.cluster = identity->cluster;
  found.identity = *identity;
  return check_usage(certificate, identity->role);
}

}  // namespace

std::string_view to_string(KeyAlgorithm algorithm) noexcept {
  return algorithm == KeyAlgorithm::p256 ? "p256" : "ed25519";
}

bool ends_soon(const Certificate& certificate, CertificateTime now) noexcept {
  return certificate.not_after - now < limits::certificate_warn_time;
}

Result<void> check_dns_name(std::string_view name) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const Error none = refused("a DNS name is made of parts of letters, digits and '-' with '.' between them");
  if (name.empty() || name.size() > 253) return none;
  for (bool last = false; !last;) {  // RFC 1123, section 2.1
    const auto part = name.substr(0, name.find('.'));
    last = part.size() == name.size();
    if (part.empty() || part.size() > 63 || part.front() == '-' || part.back() == '-') return none;
    if (!std::ranges::all_of(part, [&](char c) { return is_letter_or_digit(c) || c == '-'; })) return none;
    name.remove_prefix(last ? 0 : part.size() + 1);
  }
  return {};
}

std::vector<std::string> server_names(const X509& certificate) {
  std::vector<std::string> found;
  const auto names = alternative_names(certificate);
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    auto text = name->type == GEN_DNS     ? text_of(name->d.dNSName)
                : name->type == GEN_IPADD ? address_of(name->d.iPAddress)
                                          : std::string();
    const std::string_view parts(text);
    const bool good = name->type == GEN_IPADD || check_dns_name(parts.substr(parts.starts_with("*.") ? 2 : 0)).ok();
    if (good && !text.empty()) found.push_back(std::move(text));
  }
  return found;
}

Result<Certificate> read_certificate(const std::string& pem) {
  clear_errors();
  const auto parsed = certificate_from_pem(pem);
  if (!parsed) return refused("it is no certificate in PEM: " + take_error("unknown reason"));
  return read_certificate(*parsed);
}

Result<Certificate> read_certificate(const X509& certificate) {
  Certificate found;
  found.serial = serial_of(certificate);
  if (found.serial.empty()) return refused("its serial number is not above 0");
  found.fingerprint = fingerprint_of(certificate);
  const auto algorithm = algorithm_of(certificate);
  if (!algorithm) return refused("its key is neither of P-256 nor of Ed25519");
  found.algorithm = *algorithm;
  const auto from = time_from(X509_get0_notBefore(&certificate));
  const auto to = time_from(X509_get0_notAfter(&certificate));
  if (!from || !to) return refused("its times cannot be read");
  found.not_before = *from;
  found.not_after = *to;
  const auto names = alternative_names(certificate);
  std::string uri;
  const auto wrong = names ? read_names(*names, found, uri) : "it has no alternative names: it is not one of Skep";
  if (!wrong.empty()) return refused(wrong);
  // Not const for OpenSSL 3.0, which keeps in it what it has understood of the extensions.
  if (auto read = read_identity(const_cast<X509&>(certificate), uri, found); !read) return read.error();
  return found;
}

}  // namespace skep
