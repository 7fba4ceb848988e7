#pragma once
// Sessions from sockets: those that clients open, or the one that this gateway opens and opens again.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client.hpp"
#include "entrance.hpp"
#include "gateway_core.hpp"
#include "net/acceptor.hpp"
#include "net/connector.hpp"
#include "net/stream.hpp"
#include "socket_files.hpp"
#include "tls_in_use.hpp"
#include "tls_reception.hpp"
#include "transport.hpp"

namespace skep {

/// Makes a session of a connection and gives it to the gateway.
using TakeClient = std::function<void(Client client, GatewayCore::Admit admit)>;

class ListeningTransport final : public Transport {
 public:
  struct Settings {
    HostPort address;
    std::size_t sessions_max = 0;
    Doorkeeper::Settings door{};  ///< its tokens are those of `tokens`, once it is open
    TokenSources tokens{};
    std::optional<StreamTlsFiles> tls{};
    std::size_t newcomers_max = 0;
    std::chrono::nanoseconds handshake_time_max{};
  };

  ListeningTransport(GatewayCore& gateway, Settings settings, TakeClient take);
  ~ListeningTransport() override { shut(); }

  [[nodiscard]] Result<void> open() override;
  void close() noexcept override;
  void reload() override;
  [[nodiscard]] std::string address() const override { return acceptor_->address(); }
  void add_counts(GatewayCounts& counts) const override;

 private:
  [[nodiscard]] AddressBooksPtr books() const;
  [[nodiscard]] Result<void> open_tls();
  void take_seat();
  void accepted_here(Socket socket);
  void arrived(Socket socket, SeatedConnection seated);
  void known(Client client);
  void accepted(Client client);
  [[nodiscard]] Result<void> take_tokens();
  void reload_tokens();
  void tell(const std::string& line, std::span<const LogField> fields) const;
  void warn_of_strangers() const;
  void scarce();
  void make_room();
  [[nodiscard]] bool is_first() const noexcept { return spread_.thread == 0; }
  void shut() noexcept;

  GatewayCore& gateway_;
  Settings settings_;
  TakeClient take_;
  GatewaySpread spread_;
  DoorkeeperPtr door_;
  std::optional<TlsInUse> tls_;
  std::optional<TlsReception> reception_;  ///< with TLS
  SeatPtr seat_;                           ///< null: the gateway has one thread
  AcceptorPtr acceptor_;                   ///< open on the first thread alone
};

/// Of a gateway that listens, whose options have been checked.
[[nodiscard]] ListeningTransport::Settings listening_settings(const SocketOptions& options);

class ConnectingTransport final : public Transport {
 public:
  struct Settings {
    Connector::Settings connector;
    std::optional<StreamTlsFiles> tls{};
    std::chrono::nanoseconds handshake_time_max{};
  };

  ConnectingTransport(GatewayCore& gateway, Settings settings, TakeClient take);
  ~ConnectingTransport() override { shut(); }

  [[nodiscard]] Result<void> open() override;
  void close() noexcept override { shut(); }
  void reload() override;
  void session_ended() override { connector_->connect_later(); }
  void add_counts(GatewayCounts& counts) const override;

 private:
  void connected(Socket socket);
  void take(Client client);
  void failed(const std::string& why);
  void shut() noexcept;

  GatewayCore& gateway_;
  Settings settings_;
  TakeClient take_;
  std::optional<TlsInUse> tls_;
  std::optional<TlsReception> reception_;  ///< with TLS
  ConnectorPtr connector_;
  bool failing_ = false;       ///< and logged: one line an outage
  bool refused_late_ = false;  ///< so it ended last
};

}  // namespace skep
