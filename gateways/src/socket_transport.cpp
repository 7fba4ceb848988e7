#include "socket_transport.hpp"

namespace skep {
namespace {

/// Clients over `sessions_max` that are being told so; further ones are cut off without a word.
constexpr std::size_t turned_away_max = 64;

}  // namespace

ListeningTransport::ListeningTransport(GatewayCore& gateway, Settings settings, TakeClient take)
    : gateway_(gateway),
      settings_(std::move(settings)),
      take_(std::move(take)),
      door_(new Doorkeeper(gateway.loop().context(), settings_.door,
                           {[this](const std::string& line) { gateway_.log(LogLevel::warning, line); },
                            [this] { gateway_.counts_changed(); }})),
      acceptor_(new Acceptor(gateway.loop().context(), {[this](Socket socket) { arrived(std::move(socket)); },
                                                        [this](const std::string& why) {
                                                          gateway_.log(LogLevel::warning,
                                                                       "accepts no connections for now: " + why);
                                                        },
                                                        [this] { make_room(); }})) {}

Result<void> ListeningTransport::open() {
  if (settings_.tls) {
    tls_.emplace(gateway_, *settings_.tls);
    if (auto read = tls_->open(); !read) return read;
    reception_.emplace(gateway_.loop().context(),
                       TlsReception::Settings{settings_.newcomers_max, settings_.handshake_time_max},
                       TlsReception::Handlers{
                           [this] { return tls_->make_ssl(); }, [this](Client client) { accepted(std::move(client)); },
                           [](Visit& visit, const std::string& why) { visit.refuse(Refused::tls, why); }});
  }
  auto opened = acceptor_->open(settings_.address);
  if (opened) warn_of_strangers();
  return opened;
}

void ListeningTransport::warn_of_strangers() const {
  if (settings_.address.is_loopback()) return;
  if (!settings_.tls) {
    const auto* tokens = settings_.door.tokens.empty() ? "" : ": tokens can be read on their way";
    gateway_.log(LogLevel::warning, std::string("is open to other machines, unencrypted (public = true)") + tokens);
  } else if (settings_.tls->authorities.empty() && settings_.door.tokens.empty()) {
    gateway_.log(
        LogLevel::warning,
        "is open to whoever reaches it: no tokens, no tls_client_authorities; `origins` hold back web pages alone");
  }
}

void ListeningTransport::reload() {
  if (!tls_) return;
  tls_->reload();
  gateway_.counts_changed();
}

void ListeningTransport::close() noexcept {
  acceptor_->close();
  if (reception_) reception_->close();
}

/// Who is not known yet keeps nobody out.
void ListeningTransport::make_room() {
  const std::string why = "descriptors are scarce";
  if (reception_) reception_->end_oldest((reception_->newcomers() + 1) / 2, why);
  gateway_.end_oldest_strangers((gateway_.stranger_count() + 1) / 2, why);
}

void ListeningTransport::shut() noexcept {
  close();
  door_->close();
}

void ListeningTransport::add_counts(GatewayCounts& counts) const {
  door_->add_to(counts);
  if (tls_) tls_->add_counts(counts);
}

void ListeningTransport::arrived(Socket socket) {
  auto visit = door_->arrive(socket);
  if (!visit) return;  // which closes it
  if (reception_) return reception_->receive(std::move(socket), std::move(*visit));
  accepted({Stream(std::move(socket)), std::move(*visit), {}});
}

void ListeningTransport::accepted(Client client) {
  if (client.visit.asks_token()) {
    if (gateway_.stranger_count() >= settings_.newcomers_max)
      gateway_.end_oldest_strangers(1,
                                    "there are more than newcomers_max = " + std::to_string(settings_.newcomers_max));
    return take_(std::move(client), GatewayCore::Admit::stranger);
  }
  if (gateway_.session_count() < settings_.sessions_max) return take_(std::move(client), GatewayCore::Admit::yes);
  if (gateway_.turned_away_count() < turned_away_max) take_(std::move(client), GatewayCore::Admit::full);
}

namespace {

AddressLimits::Settings limits_elsewhere(const SocketOptions& options) {
  return {.sessions_max = static_cast<std::uint32_t>(options.address_sessions_max),
          .rate = static_cast<std::uint32_t>(options.address_rate),
          .burst = static_cast<std::uint32_t>(options.address_burst),
          .wrong_tokens_max = static_cast<std::uint32_t>(options.wrong_tokens_max)};
}

/// This machine has those alone that were set.
AddressLimits::Settings limits_here(const SocketOptions& options) {
  auto settings = limits_elsewhere(options);
  const auto unless_set = [&](const char* option, std::uint32_t& limit) {
    if (!options.set.contains(option)) limit = 0;
  };
  unless_set("address_sessions_max", settings.sessions_max);
  unless_set("address_rate", settings.rate);
  unless_set("wrong_tokens_max", settings.wrong_tokens_max);
  return settings;
}

}  // namespace

OldestTls oldest_tls(const SocketOptions& options) {
  return options.tls_oldest == "1.3" ? OldestTls::v1_3 : OldestTls::v1_2;
}

ListeningTransport::Settings listening_settings(const SocketOptions& options) {
  ListeningTransport::Settings settings{.address = *parse_host_port(options.listen)};
  settings.sessions_max = static_cast<std::size_t>(options.sessions_max);
  settings.door = {AccessTokens::parse(options.tokens).value(), limits_elsewhere(options), limits_here(options)};
  settings.newcomers_max = static_cast<std::size_t>(options.newcomers_max);
  settings.handshake_time_max = options.tls_handshake_time_max;
  if (options.with_tls()) {
    settings.tls = {options.tls_certificate.path, options.tls_key.path, options.tls_client_authorities.path,
                    oldest_tls(options)};
  }
  return settings;
}

ConnectingTransport::ConnectingTransport(GatewayCore& gateway, Settings settings, TakeClient take)
    : gateway_(gateway),
      settings_(std::move(settings)),
      take_(std::move(take)),
      connector_(new Connector(
          gateway.loop().context(), settings_.connector,
          {[this](Socket socket) { connected(std::move(socket)); }, [this](const std::string& why) { failed(why); }})) {
}

Result<void> ConnectingTransport::open() {
  if (settings_.tls) {
    tls_.emplace(gateway_, *settings_.tls);
    if (auto read = tls_->open(); !read) return read;
    reception_.emplace(
        gateway_.loop().context(), TlsReception::Settings{1, settings_.handshake_time_max},
        TlsReception::Handlers{[this] { return tls_->make_ssl(); }, [this](Client client) { take(std::move(client)); },
                               [this](Visit&, const std::string& why) { connector_->fail(why); }});
  }
  connector_->connect();
  return {};
}

void ConnectingTransport::reload() {
  if (!tls_) return;
  tls_->reload();
  gateway_.counts_changed();
}

void ConnectingTransport::shut() noexcept {
  connector_->close();
  if (reception_) reception_->close();
}

void ConnectingTransport::add_counts(GatewayCounts& counts) const {
  if (tls_) tls_->add_counts(counts);
}

void ConnectingTransport::connected(Socket socket) {
  if (reception_) return reception_->receive(std::move(socket), Visit());
  take({Stream(std::move(socket)), Visit(), {}});
}

void ConnectingTransport::take(Client client) {
  gateway_.log(LogLevel::info, "connected to " + client.stream.peer());
  failing_ = false;
  client.refused_late = [this](const std::string& why) {
    failed("cannot connect to " + to_string(settings_.connector.peer) + ": " + why);
  };
  take_(std::move(client), GatewayCore::Admit::yes);
}

void ConnectingTransport::failed(const std::string& why) {
  if (!failing_) gateway_.log(LogLevel::warning, why + "; tries again");
  failing_ = true;
}

}  // namespace skep
