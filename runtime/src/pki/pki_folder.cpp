#include "pki/pki_folder.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "pki/file_draft.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/runtime/limits.hpp"
#include "text_file.hpp"

namespace skep {
namespace {

namespace fs = std::filesystem;

constexpr const char* deny_list_head = "# Serials of revoked certificates, one a line. Copy this file to every node.\n";

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return Error{errc::io, "'" + path + "' cannot be made: " + std::strerror(errno)};
}

Error at(const std::string& path, const Error& error) {
  return {error.code, "'" + path + "': " + error.message};
}

/// The words of text_file.hpp follow the name of the file.
Result<std::string> with_path(const std::string& path, Result<std::string> text) {
  if (!text) return Error{text.error().code, "'" + path + "' " + text.error().message};
  return text;
}

std::string copy_path(const std::string& folder, const Certificate& certificate) {
  return folder + "/issued/" + std::string(to_string(certificate.identity->role)) + '-' + certificate.identity->name +
         '-' + certificate.serial + ".pem";
}

std::string deny_list_path(const std::string& folder) {
  return folder + "/denied.txt";
}

/// A new one where there is none.
Result<std::string> read_deny_list(const std::string& path) {
  auto text = read_text_file(path, limits::deny_list_bytes_max);
  const bool none = text ? text->empty() : text.error().code == errc::not_found;
  return none ? Result<std::string>(deny_list_head) : with_path(path, std::move(text));
}

bool is_serial(const std::string& text) {
  return !text.empty() && text.size() <= 40 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Result<PkiFolder> PkiFolder::create(const std::string& path, const AuthorityRequest& request) {
  auto made = make_authority(request);
  if (!made) return made.error();
  if (auto done = make_folder(path); !done) return done.error();
  if (auto closed = check_closed(path); !closed) return closed.error();
  auto lock = FolderLock::take(path);
  if (!lock) return lock.error();
  PkiFolder folder;
  folder.path_ = path;
  folder.lock_ = std::move(lock).value();
  folder.authority_ = *made;
  if (fs::exists(path + "/ca.pem")) return Error{errc::invalid_argument, "'" + path + "/ca.pem' is there already"};
  if (::chmod(path.c_str(), 0700) != 0) return Error{errc::io, "'" + path + "' cannot be closed to others"};
  if (auto done = make_folder(path + "/issued"); !done) return done.error();
  folder.remove_drafts();
  if (auto done = write_whole_file(path + "/ca.key", made->key, Secrecy::secret, Existing::keep); !done) {
    return done.error();
  }
  auto done = write_whole_file(deny_list_path(path), deny_list_head, Secrecy::open, Existing::replace);
  if (done) done = write_whole_file(path + "/ca.pem", made->certificate, Secrecy::open, Existing::keep);
  if (done) return folder;
  ::unlink((path + "/ca.key").c_str());
  return done.error();
}

Result<PkiFolder> PkiFolder::open(const std::string& path) {
  PkiFolder folder;
  folder.path_ = path;
  auto certificate = read_certificate_text(path + "/ca.pem");
  if (!certificate && certificate.error().code == errc::not_found) {
    return Error{errc::not_found, "there is no authority in '" + path + "': skep pki init makes one"};
  }
  if (!certificate) return certificate.error();
  if (auto closed = check_closed(path); !closed) return closed.error();
  auto lock = FolderLock::take(path);
  if (!lock) return lock.error();
  folder.lock_ = std::move(lock).value();
  auto key = read_key_file(path + "/ca.key");
  if (!key) return key.error();
  folder.authority_ = {*certificate, *key};
  folder.remove_drafts();
  return folder;
}

void PkiFolder::remove_drafts() {
  for (const auto& folder : {path_, path_ + "/issued"}) {
    const auto removed = remove_stale_drafts(folder);
    removed_drafts_.insert(removed_drafts_.end(), removed.begin(), removed.end());
  }
}

Result<Credential> PkiFolder::issue(const CertificateRequest& request) {
  auto made = skep::issue(authority_, request);
  if (!made) return made;
  const auto certificate = read_certificate(made->certificate);
  if (!certificate) return certificate.error();
  auto kept = write_whole_file(copy_path(path_, *certificate), made->certificate, Secrecy::open, Existing::keep);
  if (!kept) return kept.error();
  return made;
}

void PkiFolder::forget(const std::string& certificate) {
  if (const auto read = read_certificate(certificate)) ::unlink(copy_path(path_, *read).c_str());
}

Result<std::vector<Certificate>> PkiFolder::find(const std::string& name_or_serial, CertificateTime now) const {
  const auto issued = issued_in(path_);
  if (!issued) return issued.error();
  const auto denied = denied_in(path_);
  if (!denied) return denied.error();
  std::vector<Certificate> found;
  std::set<std::string> roles;
  for (const auto& [path, certificate] : issued->readable) {
    if (certificate.serial == name_or_serial) return std::vector{certificate};
    const std::string role(to_string(certificate.identity->role));
    const auto& name = certificate.identity->name;
    if (name != name_or_serial && role + '/' + name != name_or_serial) continue;
    if (certificate.not_after <= now || denied->contains(certificate.serial)) continue;
    found.push_back(certificate);
    roles.insert(role);
  }
  if (found.empty()) return Error{errc::not_found, "no valid certificate in '" + path_ + "' has that name or serial"};
  if (roles.size() > 1) {
    return Error{errc::invalid_argument, "a node and an admin have that name: node/NAME or admin/NAME says which"};
  }
  return found;
}

Result<void> PkiFolder::revoke(const std::vector<Certificate>& certificates) {
  const auto path = deny_list_path(path_);
  const auto denied = denied_in(path_);
  if (!denied) return denied.error();
  auto list = read_deny_list(path);
  if (!list) return list.error();
  if (list->back() != '\n') *list += '\n';
  for (const auto& certificate : certificates) {
    if (denied->contains(certificate.serial)) continue;
    *list += "# " + certificate.identity->uri() + '\n' + certificate.serial + '\n';
  }
  if (list->size() > limits::deny_list_bytes_max) return Error{errc::too_large, "'" + path + "' would be too large"};
  return write_whole_file(path, *list, Secrecy::open, Existing::replace);
}

Result<void> check_closed(const std::string& folder) {
  for (const auto& path : {folder, folder + "/issued"}) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) == 0) continue;
    return Error{errc::io, "'" + path + "' is of an authority, and others than its owner can write to it: chmod 700 '" +
                               path + "', once you have looked at what is there"};
  }
  return {};
}

Result<IssuedCertificates> issued_in(const std::string& folder) {
  IssuedCertificates found;
  std::error_code failed;
  for (fs::directory_iterator entry(folder + "/issued", failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->path().extension() != ".pem") continue;
    const auto path = entry->path().string();
    auto certificate = read_certificate_file(path);
    if (!certificate) {
      found.unreadable.push_back(certificate.error().message);
    } else if (!certificate->identity) {
      found.unreadable.push_back("'" + path + "' is that of an authority");
    } else {
      found.readable.push_back({path, *certificate});
    }
  }
  if (failed) return Error{errc::io, "'" + folder + "/issued' cannot be read: " + failed.message()};
  std::ranges::sort(found.readable, {}, &IssuedCertificate::path);
  std::ranges::sort(found.unreadable);
  return found;
}

namespace {

Result<std::set<std::string>> serials_in(const std::string& path, const Result<std::string>& text) {
  if (!text) return text.error();
  std::set<std::string> serials;
  std::istringstream lines(*text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    line.resize(std::min(line.size(), line.find('#')));
    line.erase(std::min(line.size(), line.find_last_not_of(" \t\r") + 1));
    if (line.empty()) continue;
    if (!is_serial(line)) {
      return Error{errc::invalid_argument, "'" + path + "', line " + std::to_string(number) + ": that is no serial"};
    }
    serials.insert(line);
  }
  return serials;
}

}  // namespace

Result<std::set<std::string>> denied_in(const std::string& folder) {
  const auto path = deny_list_path(folder);
  return serials_in(path, read_deny_list(path));
}

Result<std::set<std::string>> read_denied(const std::string& path) {
  return serials_in(path, with_path(path, read_text_file(path, limits::deny_list_bytes_max)));
}

Result<std::string> read_certificate_text(const std::string& path) {
  return with_path(path, read_text_file(path, limits::certificate_file_bytes_max));
}

Result<std::string> read_key_file(const std::string& path) {
  return with_path(path, read_secret_file(path, limits::certificate_file_bytes_max));
}

Result<Certificate> read_certificate_file(const std::string& path) {
  auto text = read_certificate_text(path);
  if (!text) return text.error();
  auto read = read_certificate(*text);
  if (!read) return at(path, read.error());
  return read;
}

}  // namespace skep
