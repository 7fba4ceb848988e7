#pragma once
// What `skep pki` does, each sub-verb with what was asked for.

#include "arguments.hpp"
#include "net/certificate.hpp"

namespace skep::cli {

struct PkiCall {
  Arguments arguments;
  Words words;  ///< behind the sub-verb, but for options
  CertificateTime now;
};

[[nodiscard]] int pki_init(const PkiCall& call);
[[nodiscard]] int pki_issue(const PkiCall& call);
[[nodiscard]] int pki_renew(const PkiCall& call);
[[nodiscard]] int pki_show(const PkiCall& call);
[[nodiscard]] int pki_revoke(const PkiCall& call);

/// Prints the problem; returns the exit code for it.
[[nodiscard]] int pki_failure(const Error& error);
/// On stderr, of the files among those issued that are no certificates.
void say_unreadable(const Words& problems);
/// "2027-02-25 11:36 UTC"
[[nodiscard]] std::string to_text(CertificateTime time);
/// ISO 8601: "2027-02-25T11:36:00Z"
[[nodiscard]] std::string to_iso(CertificateTime time);
/// On stderr, of one that ends soon or has ended.
void warn_of_end(const std::string& what, const Certificate& certificate, CertificateTime now);

}  // namespace skep::cli
