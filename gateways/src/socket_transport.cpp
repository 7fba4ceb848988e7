#include "socket_transport.hpp"

namespace skep {
namespace {

/// Clients over `sessions_max` that are being told so; further ones are cut off without a word.
constexpr std::size_t turned_away_max = 64;

}  // namespace

ListeningTransport::ListeningTransport(GatewayCore& gateway, Settings settings, TakeSocket take)
    : gateway_(gateway),
      settings_(std::move(settings)),
      take_(std::move(take)),
      acceptor_(new Acceptor(gateway.loop().context(), {[this](Socket socket) { accepted(std::move(socket)); },
                                                        [this](const std::string& why) {
                                                          gateway_.log(LogLevel::warning,
                                                                       "accepts no connections for now: " + why);
                                                        }})) {}

Result<void> ListeningTransport::open() {
  auto opened = acceptor_->open(settings_.address);
  if (!opened) return opened;
  if (!settings_.address.is_loopback()) {
    gateway_.log(LogLevel::warning, "is open to other machines, unencrypted (public = true)");
  }
  return opened;
}

void ListeningTransport::accepted(Socket socket) {
  if (gateway_.session_count() < settings_.sessions_max) return take_(std::move(socket), GatewayCore::Admit::yes);
  if (gateway_.turned_away_count() < turned_away_max) take_(std::move(socket), GatewayCore::Admit::full);
}

ConnectingTransport::ConnectingTransport(GatewayCore& gateway, Connector::Settings settings, TakeSocket take)
    : gateway_(gateway),
      take_(std::move(take)),
      connector_(new Connector(
          gateway.loop().context(), std::move(settings),
          {[this](Socket socket) { connected(std::move(socket)); }, [this](const std::string& why) { failed(why); }})) {
}

Result<void> ConnectingTransport::open() {
  connector_->connect();
  return {};
}

void ConnectingTransport::connected(Socket socket) {
  gateway_.log(LogLevel::info, "connected to " + peer_of(socket));
  failing_ = false;
  take_(std::move(socket), GatewayCore::Admit::yes);
}

void ConnectingTransport::failed(const std::string& why) {
  if (!failing_) gateway_.log(LogLevel::warning, why + "; tries again");
  failing_ = true;
}

}  // namespace skep
