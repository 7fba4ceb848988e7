#include "socket_transport.hpp"

#include <utility>
#include <vector>

#include "skep/serialization/counted.hpp"

namespace skep {
namespace {

/// Clients over `sessions_max` that are being told so; further ones are cut off without a word.
constexpr std::size_t turned_away_max = 64;

}  // namespace

ListeningTransport::ListeningTransport(GatewayCore& gateway, Settings settings, TakeClient take)
    : gateway_(gateway),
      settings_(std::move(settings)),
      take_(std::move(take)),
      spread_(gateway.settings().spread),
      door_(new Doorkeeper(gateway.loop().context(), settings_.door, books(),
                           {[this](const std::string& line, std::span<const LogField> fields) { tell(line, fields); },
                            [this] { gateway_.counts_changed(); }})),
      acceptor_(new Acceptor(gateway.loop().context(), {[this](Socket socket) { accepted_here(std::move(socket)); },
                                                        [this](const std::string& why) {
                                                          gateway_.log(LogLevel::warning,
                                                                       "accepts no connections for now: " + why);
                                                        },
                                                        [this] { scarce(); }})) {}

AddressBooksPtr ListeningTransport::books() const {
  const auto& [tokens, elsewhere, here] = settings_.door;
  return spread_.entrance ? spread_.entrance->books(elsewhere, here) : std::make_shared<AddressBooks>(elsewhere, here);
}

Result<void> ListeningTransport::open() {
  if (auto taken = take_tokens(); !taken) return taken;
  if (auto tls = open_tls(); !tls) return tls;
  if (is_first()) {
    if (auto opened = acceptor_->open(settings_.address); !opened) return opened;
    warn_of_strangers();
  }
  take_seat();
  return {};
}

Result<void> ListeningTransport::open_tls() {
  if (!settings_.tls) return {};
  tls_.emplace(gateway_, *settings_.tls);
  if (auto read = tls_->open(); !read) return read;
  reception_.emplace(
      gateway_.loop().context(),
      TlsReception::Settings{spread_.part_of(settings_.newcomers_max), settings_.handshake_time_max},
      TlsReception::Handlers{[this] { return tls_->make_ssl(); }, [this](Client client) { known(std::move(client)); },
                             [](Visit& visit, const std::string& why) { visit.refuse(Refused::tls, why); }});
  return {};
}

void ListeningTransport::take_seat() {
  if (!spread_.entrance) return;
  seat_ = std::make_shared<Seat>(
      gateway_.loop().context(), spread_.thread,
      Seat::Calls{
          [this](Socket socket, SeatedConnection seated) { arrived(std::move(socket), std::move(seated)); },
          [this] { make_room(); },
      });
  spread_.entrance->enter(seat_);
}

Result<void> ListeningTransport::take_tokens() {
  auto tokens = read_tokens(settings_.tokens);
  if (!tokens) return Error{tokens.error().code, "tokens_file: " + tokens.error().message};
  door_->use(std::move(tokens).value());
  return {};
}

void ListeningTransport::warn_of_strangers() const {
  if (settings_.address.is_loopback()) return;
  if (!settings_.tls) {
    const auto* tokens = !door_->asks_tokens() ? "" : ": tokens can be read on their way";
    gateway_.log(LogLevel::warning, std::string("is open to other machines, unencrypted (public = true)") + tokens);
  } else if (settings_.tls->authorities.empty() && !door_->asks_tokens()) {
    gateway_.log(
        LogLevel::warning,
        "is open to whoever reaches it: no tokens, no tls_client_authorities (`origins` of a websocket gateway "
        "hold back web pages alone)");
  }
}

/// Whom the doorkeeper has turned away.
void ListeningTransport::tell(const std::string& line, std::span<const LogField> fields) const {
  std::vector<LogField> all(fields.begin(), fields.end());
  all.push_back({"gateway", gateway_.settings().name});
  gateway_.log(LogLevel::warning, line, all);
}

/// Each by itself: what is wrong with one does not hold up the other.
void ListeningTransport::reload() {
  if (!settings_.tokens.file.empty()) reload_tokens();
  if (tls_) tls_->reload();
  gateway_.counts_changed();
}

/// Each thread reads them by itself: the first speaks for all of what went well, and each of what did not.
void ListeningTransport::reload_tokens() {
  const auto taken = take_tokens();
  if (!taken) return gateway_.log(LogLevel::error, not_reloaded(spread_, taken.error().message));
  const auto ended = gateway_.judge_again();
  const auto gone = ended == 0 ? "" : "; " + counted(ended, "session") + " ended with a token that is gone";
  if (!is_first() && ended == 0) return;
  const auto where = spread_.threads > 1 ? " (thread " + std::to_string(spread_.thread) + ")" : "";
  gateway_.log(LogLevel::info, "tokens '" + settings_.tokens.file + "' are reloaded" + where + ": " +
                                   counted(door_->token_count(), "token") + gone);
}

void ListeningTransport::close() noexcept {
  acceptor_->close();
  if (const auto seat = std::exchange(seat_, nullptr)) {
    spread_.entrance->leave(seat);
    seat->close();
  }
  if (reception_) reception_->close();
  door_->report_all();
}

void ListeningTransport::accepted_here(Socket socket) {
  if (seat_) return spread_.entrance->hand_on(std::move(socket), seat_);
  arrived(std::move(socket), {});
}

void ListeningTransport::scarce() {
  if (seat_) return spread_.entrance->make_room();
  make_room();
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

void ListeningTransport::arrived(Socket socket, SeatedConnection seated) {
  auto visit = door_->arrive(socket, std::move(seated));
  if (!visit) return;  // which closes it
  if (reception_) return reception_->receive(std::move(socket), std::move(*visit));
  accepted({Stream(std::move(socket)), std::move(*visit), {}});
}

void ListeningTransport::known(Client client) {
  client.visit.has_certificate(client.stream.client_subject());
  accepted(std::move(client));
}

void ListeningTransport::accepted(Client client) {
  if (client.visit.asks_token()) {
    const auto strangers_max = spread_.part_of(settings_.newcomers_max);
    if (gateway_.stranger_count() >= strangers_max)
      gateway_.end_oldest_strangers(1, "there are more than newcomers_max = " + std::to_string(strangers_max));
    return take_(std::move(client), GatewayCore::Admit::stranger);
  }
  if (gateway_.session_count() < spread_.part_of(settings_.sessions_max))
    return take_(std::move(client), GatewayCore::Admit::yes);
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

ListeningTransport::Settings listening_settings(const SocketOptions& options) {
  ListeningTransport::Settings settings{.address = *parse_host_port(options.listen)};
  settings.sessions_max = static_cast<std::size_t>(options.sessions_max);
  settings.door = {{}, limits_elsewhere(options), limits_here(options)};
  settings.tokens = token_sources(options);
  settings.newcomers_max = static_cast<std::size_t>(options.newcomers_max);
  settings.handshake_time_max = options.tls_handshake_time_max;
  settings.tls = server_tls_files(options);
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
  const auto connected = [this, peer = client.stream.peer()] {
    const bool gone = peer == "closed";  // it has left already
    gateway_.log(LogLevel::info, "connected to " + (gone ? to_string(settings_.connector.peer) : peer));
    failing_ = refused_late_ = false;
  };
  // After such a refusal it is one outage until the server has said something else.
  if (!refused_late_) connected();
  client.verdict = std::make_unique<ServerVerdict>();
  client.verdict->refused = [this](const std::string& why) {
    failed("cannot connect to " + to_string(settings_.connector.peer) + ": " + why);
    refused_late_ = true;
  };
  client.verdict->heard = [this, connected] {
    if (refused_late_) connected();
  };
  take_(std::move(client), GatewayCore::Admit::yes);
}

void ConnectingTransport::failed(const std::string& why) {
  if (!failing_) gateway_.log(LogLevel::warning, why + "; tries again");
  failing_ = true;
}

}  // namespace skep
