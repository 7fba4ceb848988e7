// skep pki show: what certificates hold.

#include <filesystem>
#include <iostream>

#include "output_form.hpp"
#include "pki/pki_folder.hpp"
#include "pki_verbs.hpp"
#include "skep/runtime/printable.hpp"
#include "skep/serialization/json.hpp"

namespace skep::cli {
namespace {

std::int64_t days_left(const Certificate& certificate, CertificateTime now) {
  return std::chrono::floor<std::chrono::hours>(certificate.not_after - now).count() / 24;
}

std::string uri_of(const Certificate& certificate) {
  return certificate.identity ? certificate.identity->uri() : "skep://" + certificate.cluster;
}

void print(const IssuedCertificate& one, bool revoked, CertificateTime now) {
  const auto& certificate = one.certificate;
  std::cout << uri_of(certificate) << (certificate.identity ? "" : "  (authority)") << '\n'
            << "  file       " << printable(one.path) << '\n'
            << "  serial     " << certificate.serial << (revoked ? "  REVOKED" : "") << '\n'
            << "  sha-256    " << certificate.fingerprint << '\n'
            << "  algorithm  " << to_string(certificate.algorithm) << '\n'
            << "  valid      " << to_text(certificate.not_before) << " to " << to_text(certificate.not_after) << ", ";
  if (certificate.not_after <= now) {
    std::cout << "EXPIRED\n";
  } else {
    std::cout << days_left(certificate, now) << " days left\n";
  }
  for (const auto& name : certificate.dns_names) std::cout << "  dns        " << name << '\n';
  for (const auto& address : certificate.addresses) std::cout << "  ip         " << address << '\n';
}

void write_list(JsonWriter& json, std::string_view key, const Words& words) {
  json.key(key).begin_array();
  for (const auto& word : words) json.value(word);
  json.end_array();
}

void write(JsonWriter& json, const IssuedCertificate& one, bool revoked, CertificateTime now) {
  const auto& certificate = one.certificate;
  json.begin_object().key("uri").value(uri_of(certificate)).key("file").value(one.path);
  json.key("authority").value(!certificate.identity).key("serial").value(certificate.serial);
  json.key("sha256").value(certificate.fingerprint).key("algorithm").value(to_string(certificate.algorithm));
  json.key("not_before").value(to_iso(certificate.not_before)).key("not_after").value(to_iso(certificate.not_after));
  json.key("days_left").value(days_left(certificate, now)).key("revoked").value(revoked);
  write_list(json, "dns", certificate.dns_names);
  write_list(json, "ip", certificate.addresses);
  json.end_object();
}

/// The file, or of a folder the authority and all that it has issued.
Result<IssuedCertificates> certificates_at(const std::string& path) {
  const bool folder = std::filesystem::is_directory(path);
  if (const auto closed = check_closed(path); folder && !closed) return closed.error();
  const auto first = folder ? path + "/ca.pem" : path;
  auto read = read_certificate_file(first);
  if (!read) return read.error();
  const IssuedCertificate one{first, *read};
  if (!folder) return IssuedCertificates{{one}, {}};
  auto issued = issued_in(path);
  if (issued) issued->readable.insert(issued->readable.begin(), one);
  return issued;
}

}  // namespace

int pki_show(const PkiCall& call) {
  const auto form = output_form(call.arguments);
  if (!form) return usage_error(pki_verb, form.error().message);
  const auto& path = call.words[0];
  const auto all = certificates_at(path);
  if (!all) return pki_failure(all.error());
  const bool folder = std::filesystem::is_directory(path);
  const auto denied = denied_in(folder ? path : call.arguments.values["dir"].as<std::string>());
  if (!denied) return pki_failure(denied.error());
  JsonWriter json;
  json.begin_array();
  for (const auto& one : all->readable) {
    const bool revoked = denied->contains(one.certificate.serial);
    if (*form == OutputForm::json) write(json, one, revoked, call.now);
    if (*form == OutputForm::text) print(one, revoked, call.now);
    if (!revoked) warn_of_end("'" + printable(one.path) + "'", one.certificate, call.now);
  }
  json.end_array();
  if (*form == OutputForm::json) std::cout << json.text() << '\n';
  say_unreadable(all->unreadable);
  return all->unreadable.empty() ? success : bad_file;
}

}  // namespace skep::cli
