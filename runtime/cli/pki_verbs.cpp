#include "pki_verbs.hpp"

#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <iostream>
#include <optional>

#include "pki/file_draft.hpp"
#include "pki/pki_folder.hpp"
#include "skep/actors/option.hpp"
#include "skep/runtime/limits.hpp"
#include "skep/runtime/printable.hpp"

namespace skep::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const PkiCall& call, const char* option) {
  return call.arguments.values[option].as<std::string>();
}

Words list_of(const PkiCall& call, const char* option) {
  const auto& value = call.arguments.values[option];
  return value.empty() ? Words{} : value.as<Words>();
}

std::chrono::hours time_of(const PkiCall& call, std::chrono::hours otherwise) {
  const auto& value = call.arguments.values["days"];
  return value.empty() ? otherwise : std::chrono::hours(24) * value.as<int>();
}

std::optional<KeyAlgorithm> algorithm_from(const std::string& name) {
  for (const auto algorithm : {KeyAlgorithm::p256, KeyAlgorithm::ed25519}) {
    if (name == to_string(algorithm)) return algorithm;
  }
  return std::nullopt;
}

int unknown_algorithm(const std::string& name) {
  return usage_error(pki_verb, "no algorithm '" + name + "' (" + suggest(name, {"p256", "ed25519"}) + ")");
}

struct Handout {
  std::string certificate, key, authority;  ///< paths

  Handout(const std::string& folder, const std::string& name)
      : certificate((fs::path(folder) / (name + ".pem")).string()),
        key((fs::path(folder) / (name + ".key")).string()),
        authority((fs::path(folder) / "ca.pem").string()) {}
};

Result<void> hand_out_authority(const Handout& to, const std::string& text) {
  auto done = write_whole_file(to.authority, text, Secrecy::open, Existing::keep);
  return fs::exists(to.authority) ? Result<void>() : done;  // perhaps one with two authorities, during a change
}

void say_removed(const Words& drafts) {
  for (const auto& path : drafts) {
    std::cerr << "skep pki: removed '" << path << "', which a command that was killed had left\n";
  }
}

/// Holds its lock while it lives.
Result<PkiFolder> open_folder(const PkiCall& call) {
  auto folder = PkiFolder::open(text_of(call, "dir"));
  if (folder) say_removed(folder->removed_drafts());
  return folder;
}

void remove_drafts_beside(const std::string& path) {
  say_removed(remove_stale_drafts(fs::path(path).parent_path().string()));
}

/// All files, or none: what can fail has been done before the first one is put in its place.
Result<void> hand_out(const Handout& to, const Credential& made, const std::string& authority, Existing existing) {
  if (existing == Existing::keep && fs::exists(to.certificate)) {
    return Error{errc::invalid_argument, "'" + to.certificate + "' is there already (--force writes over it)"};
  }
  std::error_code failed;
  fs::create_directories(fs::path(to.key).parent_path(), failed);  // if not, writing says why
  remove_drafts_beside(to.key);
  auto key = FileDraft::write(to.key, made.key, Secrecy::secret);
  if (!key) return key.error();
  auto certificate = FileDraft::write(to.certificate, made.certificate, Secrecy::open);
  if (!certificate) return certificate.error();
  if (auto done = hand_out_authority(to, authority); !done) return done;
  if (auto done = key->put(existing); !done) return done;
  auto done = certificate->put(existing);
  if (!done && existing == Existing::keep) ::unlink(to.key.c_str());
  return done;
}

/// What can fail has been done before the first one is put in its place.
Result<void> replace_pair(const std::string& certificate_path, const std::string& key_path, const Credential& made) {
  auto certificate = FileDraft::write(certificate_path, made.certificate, Secrecy::open);
  if (!certificate) return certificate.error();
  if (auto done = write_whole_file(key_path, made.key, Secrecy::secret, Existing::replace); !done) return done;
  return certificate->put(Existing::replace);
}

std::string formatted(CertificateTime time, const char* form) {
  const auto seconds = static_cast<std::time_t>(time.time_since_epoch().count());
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, form, &parts)};
}

/// What the authority in `dir` has issued and not revoked.
Result<Certificate> renewable(const std::string& path, const std::string& dir, const PkiFolder& folder,
                              CertificateTime now) {
  auto old = read_certificate_file(path);
  if (!old) return old;
  if (!old->identity) return Error{errc::invalid_argument, "'" + path + "' is that of an authority"};
  const auto denied = denied_in(dir);
  if (!denied) return denied.error();
  if (denied->contains(old->serial)) {
    return Error{errc::invalid_argument, "'" + path + "' is revoked: skep pki issue makes another one"};
  }
  const auto issued = folder.find(old->serial, now);
  if (!issued || issued->front().fingerprint != old->fingerprint) {
    return Error{errc::invalid_argument, "'" + path + "' was not issued by the authority in '" + dir + "'"};
  }
  return old;
}

Result<std::string> key_of(const std::string& certificate_path, const std::string& key_path) {
  auto key = read_key_file(key_path);
  if (!key) return key;
  const auto certificate = read_certificate_text(certificate_path);
  if (!certificate) return certificate.error();
  if (is_key_of(*key, *certificate)) return key;
  return Error{errc::invalid_argument, "'" + key_path + "' is not the key of '" + certificate_path + "'"};
}

/// What cannot be read may be another certificate of a name, so not all of them are known to be revoked; a serial is
/// that of one.
int all_revoked(const std::string& name_or_serial, const std::vector<Certificate>& revoked, const Words& unreadable) {
  if (unreadable.empty() || revoked.front().serial == name_or_serial) return success;
  std::cerr << "skep pki: what was passed over may be of '" << name_or_serial
            << "' too: if so, its serial (the end of the file's name) has to go on denied.txt by hand\n";
  return bad_file;
}

void say_made(const std::string& path, const std::string& what) {
  std::cout << "  " << path << "  " << what << '\n';
}

}  // namespace

int pki_failure(const Error& error) {
  std::cerr << "skep pki: " << error.message << '\n';
  return error.code == errc::invalid_argument ? bad_file : failure;
}

void say_unreadable(const Words& problems) {
  for (const auto& problem : problems) std::cerr << "skep pki: passed over: " << printable(problem) << '\n';
}

std::string to_text(CertificateTime time) {
  return formatted(time, "%Y-%m-%d %H:%M UTC");
}

std::string to_iso(CertificateTime time) {
  return formatted(time, "%Y-%m-%dT%H:%M:%SZ");
}

void warn_of_end(const std::string& what, const Certificate& certificate, CertificateTime now) {
  if (!ends_soon(certificate, now)) return;
  std::cerr << "skep pki: warning: " << what << (certificate.not_after <= now ? " has expired: " : " expires soon: ")
            << to_text(certificate.not_after) << '\n';
}

int pki_init(const PkiCall& call) {
  if (call.arguments.values["cluster"].empty()) return usage_error(pki_verb, "init needs --cluster NAME");
  const auto algorithm = algorithm_from(text_of(call, "algorithm"));
  if (!algorithm) return unknown_algorithm(text_of(call, "algorithm"));
  const auto dir = text_of(call, "dir");
  const auto cluster = text_of(call, "cluster");
  if (const auto good = check_peer_name("cluster", cluster); !good) return usage_error(pki_verb, good.error().message);
  const auto time = time_of(call, limits::authority_time);
  if (time < std::chrono::hours(24) || time > limits::authority_time_max) {
    return usage_error(pki_verb, "an authority is valid for 1 to " +
                                     std::to_string(limits::authority_time_max.count() / 24) + " days");
  }
  const auto made = PkiFolder::create(dir, {cluster, *algorithm, call.now, time});
  if (!made) return pki_failure(made.error());
  say_removed(made->removed_drafts());
  std::cout << "made the authority of cluster " << cluster << '\n';
  say_made(dir + "/ca.pem", "its certificate, for every node and admin");
  say_made(dir + "/ca.key", "its key: whoever has it can join the cluster; keep it off the nodes");
  return success;
}

int pki_issue(const PkiCall& call) {
  const auto& role = call.words[0];
  const auto& name = call.words[1];
  if (role != "node" && role != "admin") {
    return usage_error(pki_verb, "no role '" + role + "' (" + suggest(role, {"node", "admin"}) + ")");
  }
  if (const auto good = check_peer_name(role, name); !good) return usage_error(pki_verb, good.error().message);
  if (name == "ca") return usage_error(pki_verb, "'ca' is what the files of the authority are called");
  const auto algorithm = algorithm_from(text_of(call, "algorithm"));
  if (!algorithm) return unknown_algorithm(text_of(call, "algorithm"));
  auto folder = open_folder(call);
  if (!folder) return pki_failure(folder.error());
  const auto authority = read_certificate(folder->authority().certificate);
  if (!authority) return pki_failure(authority.error());
  const PeerIdentity identity{authority->cluster, role == "node" ? PeerRole::node : PeerRole::admin, name};
  const CertificateRequest request{identity,
                                   list_of(call, "dns"),
                                   list_of(call, "ip"),
                                   *algorithm,
                                   "",
                                   call.now,
                                   time_of(call, limits::certificate_time)};
  if (const auto good = check_request(request); !good) return usage_error(pki_verb, good.error().message);
  const auto made = folder->issue(request);
  if (!made) return pki_failure(made.error());
  const Handout to(text_of(call, "out"), name);
  const auto existing = call.arguments.values["force"].as<bool>() ? Existing::replace : Existing::keep;
  if (const auto done = hand_out(to, *made, folder->authority().certificate, existing); !done) {
    folder->forget(made->certificate);
    return pki_failure(done.error());
  }
  const auto certificate = read_certificate(made->certificate);
  std::cout << "issued " << identity.uri() << ", valid to " << to_text(certificate->not_after) << '\n';
  say_made(to.certificate, "its certificate");
  say_made(to.key, "its key");
  say_made(to.authority, "whom it trusts");
  warn_of_end("the authority", *authority, call.now);
  return success;
}

int pki_renew(const PkiCall& call) {
  const auto& path = call.words[0];
  auto folder = open_folder(call);
  if (!folder) return pki_failure(folder.error());
  const auto old = renewable(path, text_of(call, "dir"), *folder, call.now);
  if (!old) return pki_failure(old.error());
  const auto key_path = fs::path(path).replace_extension(".key").string();
  const bool new_key = call.arguments.values["new-key"].as<bool>();
  const auto key = new_key ? Result<std::string>(std::string()) : key_of(path, key_path);
  if (!key) return pki_failure(key.error());
  const auto made = folder->issue({*old->identity, old->dns_names, old->addresses, old->algorithm, *key, call.now,
                                   time_of(call, limits::certificate_time)});
  if (!made) return pki_failure(made.error());
  remove_drafts_beside(path);
  const auto done = new_key ? replace_pair(path, key_path, *made)
                            : write_whole_file(path, made->certificate, Secrecy::open, Existing::replace);
  if (!done) {
    folder->forget(made->certificate);
    return pki_failure(done.error());
  }
  std::cout << "renewed " << old->identity->uri() << ", valid to "
            << to_text(read_certificate(made->certificate)->not_after) << '\n';
  return success;
}

int pki_revoke(const PkiCall& call) {
  auto folder = open_folder(call);
  if (!folder) return pki_failure(folder.error());
  const auto issued = issued_in(text_of(call, "dir"));
  if (!issued) return pki_failure(issued.error());
  say_unreadable(issued->unreadable);
  const auto found = folder->find(call.words[0], call.now);
  if (!found) return pki_failure(found.error());
  if (const auto done = folder->revoke(*found); !done) return pki_failure(done.error());
  for (const auto& certificate : *found) {
    std::cout << "revoked " << certificate.identity->uri() << ", serial " << certificate.serial << '\n';
  }
  std::cout << "next: copy " << text_of(call, "dir") << "/denied.txt to every node, and send it SIGHUP\n";
  return all_revoked(call.words[0], *found, issued->unreadable);
}

}  // namespace skep::cli
