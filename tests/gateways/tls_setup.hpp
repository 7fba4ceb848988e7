#pragma once
// Gateways with TLS for tests, and the files that they read.

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gateways/gateway_fixture.hpp"
#include "gateways/tls_client.hpp"
#include "support/test_certificates.hpp"

namespace skep::testing {

/// What web servers have.
inline test::CertificatePlan server_plan() {
  return {.names = "DNS:localhost,IP:127.0.0.1", .usage = "serverAuth"};
}
inline test::CertificatePlan client_plan() {
  return {.names = "DNS:client", .usage = "clientAuth"};
}

/// In a folder of their own, which goes with this.
class TlsFiles {
 public:
  TlsFiles() {
    std::string folder = std::filesystem::temp_directory_path() / "skep-tls-XXXXXX";
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    put(authority.issue(server_plan()));
    write("clients.pem", clients.pem() + endless.pem());
  }
  ~TlsFiles() { std::filesystem::remove_all(folder_); }
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;

  /// A certificate with its key, in the place of those that are there.
  void put(const test::Credential& made, const std::string& between = {}) const {
    write("cert.pem", made.certificate + between);
    write("key.pem", made.key);
  }
  void write(const std::string& name, const std::string& text, ::mode_t mode = 0600) const {
    std::ofstream(path(name)) << text;
    EXPECT_EQ(::chmod(path(name).c_str(), mode), 0);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  /// Of a gateway of this type on any port of this machine.
  [[nodiscard]] HiveSetup gateway(const char* type = "tcp",
                                  std::initializer_list<std::pair<const char*, OptionValue>> more = {}) const {
    HiveSetup setup;
    setup.type = type;
    setup.options = table({{"listen", option("127.0.0.1:0")},
                           {"tls_certificate", option(path("cert.pem"))},
                           {"tls_key", option(path("key.pem"))}});
    for (const auto& [key, value] : more) setup.options = with(std::move(setup.options), key, value);
    return setup;
  }
  /// One that asks its clients for certificates.
  [[nodiscard]] HiveSetup closed_gateway(const char* type = "tcp",
                                         std::initializer_list<std::pair<const char*, OptionValue>> more = {}) const {
    auto setup = gateway(type, more);
    setup.options = with(std::move(setup.options), "tls_client_authorities", option(path("clients.pem")));
    return setup;
  }
  /// A client that trusts the authority, and shows a certificate of `clients`.
  [[nodiscard]] TlsClientSetup client() const {
    return {.authority = authority.pem(), .own = clients.issue(client_plan())};
  }

  test::Authority authority;                            ///< of the gateway
  test::Authority clients;                              ///< of its clients
  test::Authority endless{"demo", "critical,CA:TRUE"};  ///< the same, with any number between it and them

 private:
  std::string folder_;
};

/// A request and its answer.
template <class Client>
[[nodiscard]] std::string echo(Client& client, const std::string& line) {
  client.send(line + "\n");
  return client.line().value_or("closed");
}

}  // namespace skep::testing
