#include "doorkeeper.hpp"

#include <cassert>
#include <chrono>
#include <utility>
#include <vector>

#include "net/loopback.hpp"

namespace skep {
namespace {

using Clock = std::chrono::steady_clock;

ClientNetwork network_at(const boost::asio::ip::address& address) {
  return address.is_v4() ? network_of(address.to_v4().to_uint()) : network_of(address.to_v6().to_bytes());
}

}  // namespace

std::string_view to_string(Refused why) noexcept {
  constexpr std::array<std::string_view, refused_count> words{"tls", "token", "upgrade", "address", "protocol"};
  return words[static_cast<std::size_t>(why)];
}

std::string in_brackets(const std::string& client) {
  return client.empty() ? "" : " (" + client + ")";
}

Doorkeeper::Doorkeeper(boost::asio::io_context& context, Settings settings, AddressBooksPtr books, Handlers handlers)
    : settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      books_(std::move(books)),
      wakeup_(new LoopWakeup(context, [this] { report(); })) {}

std::optional<Visit> Doorkeeper::arrive(const Socket& socket, SeatedConnection seated) {
  boost::system::error_code failed;
  const auto peer = socket.remote_endpoint(failed);
  if (failed) return std::nullopt;  // it has gone again
  const auto text = peer_of(socket);
  const bool here = is_loopback(peer.address());
  const auto network = network_at(peer.address());
  const auto& limits = here ? settings_.here : settings_.elsewhere;
  switch (books_->of(here).arrive(network, Clock::now())) {
    case AddressLimits::Verdict::welcome:
      return Visit(DoorkeeperPtr(this), text, network, here, std::move(seated));
    case AddressLimits::Verdict::too_many:
      refuse(Refused::address, text, "",
             "its address has connections enough: address_sessions_max = " + std::to_string(limits.sessions_max));
      break;
    case AddressLimits::Verdict::too_fast:
      refuse(Refused::address, text, "",
             "its address opens connections too fast: address_rate = " + std::to_string(limits.rate) +
                 ", address_burst = " + std::to_string(limits.burst));
      break;
  }
  return std::nullopt;
}

void Doorkeeper::use(AccessTokens tokens) {
  assert(!tokens.empty() || !asks_tokens());
  settings_.tokens = std::move(tokens);
}

void Doorkeeper::refuse(Refused what, const std::string& address, const std::string& client, const std::string& why) {
  if (!open_) return;
  auto& lines = lines_[static_cast<std::size_t>(what)];
  ++lines.refused;
  handlers_.counted();
  lines.address = address;
  lines.client = client;
  tell(what, lines.paced.add(address + in_brackets(client) + " is refused: " + why, Clock::now()));
}

void Doorkeeper::report() {
  const auto now = Clock::now();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    tell(static_cast<Refused>(i), lines_[i].paced.take(now));
  }
}

void Doorkeeper::report_all() {
  const auto now = Clock::now();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    tell(static_cast<Refused>(i), lines_[i].paced.flush(now));
  }
}

/// If there is one; what waits has its time.
void Doorkeeper::tell(Refused what, const std::optional<std::string>& line) {
  const auto& lines = lines_[static_cast<std::size_t>(what)];
  if (const auto due = lines.paced.due()) wakeup_->by(*due);
  if (!line) return;
  std::vector<LogField> fields{{"reason", to_string(what)}, {"address", lines.address}};
  if (!lines.client.empty()) fields.push_back({"client", lines.client});
  handlers_.log(*line, fields);
}

void Doorkeeper::add_to(GatewayCounts& counts) const noexcept {
  counts.refused_tls += refused(Refused::tls);
  counts.refused_tokens += refused(Refused::token);
  counts.refused_upgrades += refused(Refused::upgrade);
  counts.refused_addresses += refused(Refused::address);
  counts.refused_protocols += refused(Refused::protocol);
}

void Doorkeeper::close() noexcept {
  open_ = false;
  wakeup_->cancel();
}

Visit& Visit::operator=(Visit&& other) noexcept {
  end();
  door_ = std::move(other.door_);
  address_ = std::move(other.address_);
  network_ = other.network_;
  here_ = other.here_;
  seated_ = std::move(other.seated_);
  subject_ = std::move(other.subject_);
  token_ = std::move(other.token_);
  return *this;
}

void Visit::end() noexcept {
  if (const auto door = std::exchange(door_, nullptr)) door->books_->of(here_).leave(network_, Clock::now());
  seated_.end();
}

TokenVerdict Visit::judge(std::optional<std::string_view> token) {
  auto& limits = door_->books_->of(here_);
  const auto now = Clock::now();
  if (!limits.may_try(network_, now)) {
    refuse(Refused::token, "its address has shown too many wrong tokens (wrong_tokens_max)");
    return TokenVerdict::too_many;
  }
  const auto* known = token ? door_->settings_.tokens.find(*token) : nullptr;
  if (known != nullptr) return token_ = *known, TokenVerdict::right;
  if (token) limits.wrong_token(network_, now);
  refuse(Refused::token, token ? "its token is wrong" : "it has no token");
  return TokenVerdict::wrong;
}

void Visit::refuse(Refused what, const std::string& why) {
  if (door_) door_->refuse(what, address_, client(), why);
}

std::string Visit::client() const {
  std::string text = subject_.empty() ? "" : "certificate '" + subject_ + "'";
  if (!token_ || token_->name.empty()) return text;
  return text + (text.empty() ? "" : ", ") + "token " + token_->name;
}

}  // namespace skep
