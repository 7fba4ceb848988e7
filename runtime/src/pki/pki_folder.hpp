#pragma once
// The folder of a cluster's authority.
//
//   ca.pem, ca.key                       the authority; the key has mode 0600, the folder 0700; it is refused where
//                                        others can write to it
//   issued/<role>-<name>-<serial>.pem    every certificate it has issued, so that it can be revoked
//   denied.txt                           the serials of those that are revoked, one a line: operators copy it to nodes
//   .lock                                held by who changes the folder
//
// All files are written whole or not at all.

#include <set>
#include <string>
#include <vector>

#include "pki/certificate_authority.hpp"
#include "pki/folder_lock.hpp"

namespace skep {

struct IssuedCertificate {
  std::string path;
  Certificate certificate;
};

struct IssuedCertificates {
  std::vector<IssuedCertificate> readable;
  std::vector<std::string> unreadable;  ///< of each other .pem file, its path and what is wrong with it
};

/// Errors of all: `errc::invalid_argument`: a file is not what it should be, or is there already; `errc::not_found`,
/// `errc::io`.
class PkiFolder {
 public:
  /// A new authority in `path`, which is made if it is not there.
  [[nodiscard]] static Result<PkiFolder> create(const std::string& path, const AuthorityRequest& request);
  /// One that is there; others wait until this goes.
  [[nodiscard]] static Result<PkiFolder> open(const std::string& path);

  [[nodiscard]] const Credential& authority() const noexcept { return authority_; }
  /// Drafts of commands that were killed: they were there, and are no more.
  [[nodiscard]] const std::vector<std::string>& removed_drafts() const noexcept { return removed_drafts_; }
  /// Issues, and keeps a copy.
  [[nodiscard]] Result<Credential> issue(const CertificateRequest& request);
  /// Takes the copy back: it could not be handed out.
  void forget(const std::string& certificate);
  /// Of one name ("worker-1", "node/worker-1"), those that are not revoked and not expired; or the one of a serial.
  /// Among those that can be read: of a name, there may be more.
  /// Errors: `errc::not_found`; `errc::invalid_argument` for a name of a node and of an admin.
  [[nodiscard]] Result<std::vector<Certificate>> find(const std::string& name_or_serial, CertificateTime now) const;
  [[nodiscard]] Result<void> revoke(const std::vector<Certificate>& certificates);

 private:
  void remove_drafts();

  std::string path_;
  FolderLock lock_;
  Credential authority_;
  std::vector<std::string> removed_drafts_;
};

/// Errors: `errc::io` where others than its owner can write to `folder`, or to its issued/, with the command that
/// helps.
[[nodiscard]] Result<void> check_closed(const std::string& folder);
/// One file that is no certificate hides no other one.
[[nodiscard]] Result<IssuedCertificates> issued_in(const std::string& folder);
/// Of `folder`/denied.txt; none where there is no such file.
/// Errors: `errc::invalid_argument` for a line that is no serial: a list that is read in part would let somebody in.
[[nodiscard]] Result<std::set<std::string>> denied_in(const std::string& folder);
/// Of a copy of that file, which has to be there.
[[nodiscard]] Result<std::set<std::string>> read_denied(const std::string& path);
[[nodiscard]] Result<std::string> read_certificate_text(const std::string& path);
/// One that holds a private key: read_secret_file, with the path in its errors.
[[nodiscard]] Result<std::string> read_key_file(const std::string& path);
/// Errors: as `read_certificate`, with the path before it.
[[nodiscard]] Result<Certificate> read_certificate_file(const std::string& path);

}  // namespace skep
