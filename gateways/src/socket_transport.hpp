#pragma once
// Sessions from sockets: those that clients open, or the one that this gateway opens and opens again.

#include <functional>
#include <string>

#include "gateway_core.hpp"
#include "net/acceptor.hpp"
#include "net/connector.hpp"
#include "transport.hpp"

namespace skep {

/// Makes a session of a connection and gives it to the gateway.
using TakeSocket = std::function<void(Socket socket, GatewayCore::Admit admit)>;

class ListeningTransport final : public Transport {
 public:
  struct Settings {
    HostPort address;
    std::size_t sessions_max = 0;
  };

  ListeningTransport(GatewayCore& gateway, Settings settings, TakeSocket take);
  ~ListeningTransport() override { acceptor_->close(); }

  [[nodiscard]] Result<void> open() override;
  void close() noexcept override { acceptor_->close(); }
  [[nodiscard]] std::string address() const override { return acceptor_->address(); }

 private:
  void accepted(Socket socket);

  GatewayCore& gateway_;
  Settings settings_;
  TakeSocket take_;
  AcceptorPtr acceptor_;
};

class ConnectingTransport final : public Transport {
 public:
  ConnectingTransport(GatewayCore& gateway, Connector::Settings settings, TakeSocket take);
  ~ConnectingTransport() override { connector_->close(); }

  [[nodiscard]] Result<void> open() override;
  void close() noexcept override { connector_->close(); }
  void session_ended() override { connector_->connect_later(); }

 private:
  void connected(Socket socket);
  void failed(const std::string& why);

  GatewayCore& gateway_;
  TakeSocket take_;
  ConnectorPtr connector_;
  bool failing_ = false;  ///< and logged: one line an outage
};

}  // namespace skep
