#include "doorkeeper.hpp"

#include <chrono>
#include <utility>

namespace skep {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds report_interval{1};

ClientNetwork network_at(const boost::asio::ip::address& address) {
  return address.is_v4() ? network_of(address.to_v4().to_uint()) : network_of(address.to_v6().to_bytes());
}

bool is_here(const boost::asio::ip::address& address) {
  if (address.is_v4()) return address.is_loopback();
  const auto v6 = address.to_v6();
  if (!v6.is_v4_mapped()) return v6.is_loopback();
  return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).is_loopback();
}

}  // namespace

Doorkeeper::Doorkeeper(boost::asio::io_context& context, Settings settings, AddressBooksPtr books, Handlers handlers)
    : settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      books_(std::move(books)),
      lines_(report_interval),
      wakeup_(new LoopWakeup(context, [this] { report(); })) {}

std::optional<Visit> Doorkeeper::arrive(const Socket& socket, SeatedConnection seated) {
  boost::system::error_code failed;
  const auto peer = socket.remote_endpoint(failed);
  if (failed) return std::nullopt;  // it has gone again
  const auto text = peer_of(socket);
  const bool here = is_here(peer.address());
  const auto network = network_at(peer.address());
  const auto& limits = here ? settings_.here : settings_.elsewhere;
  switch (books_->of(here).arrive(network, Clock::now())) {
    case AddressLimits::Verdict::welcome:
      return Visit(DoorkeeperPtr(this), text, network, here, std::move(seated));
    case AddressLimits::Verdict::too_many:
      refuse(Refused::address, text,
             "its address has connections enough: address_sessions_max = " + std::to_string(limits.sessions_max));
      break;
    case AddressLimits::Verdict::too_fast:
      refuse(Refused::address, text,
             "its address opens connections too fast: address_rate = " + std::to_string(limits.rate) +
                 ", address_burst = " + std::to_string(limits.burst));
      break;
  }
  return std::nullopt;
}

void Doorkeeper::refuse(Refused what, const std::string& address, const std::string& why) {
  if (!open_) return;
  tls_ += what == Refused::tls ? 1 : 0;
  tokens_ += what == Refused::token ? 1 : 0;
  upgrades_ += what == Refused::upgrade ? 1 : 0;
  addresses_ += what == Refused::address ? 1 : 0;
  handlers_.counted();
  if (const auto line = lines_.add(address + " is refused: " + why, Clock::now())) handlers_.log(*line);
  if (const auto due = lines_.due()) wakeup_->by(*due);
}

void Doorkeeper::report() {
  if (const auto line = lines_.take(Clock::now())) handlers_.log(*line);
}

void Doorkeeper::add_to(GatewayCounts& counts) const noexcept {
  counts.refused_tls += tls_;
  counts.refused_tokens += tokens_;
  counts.refused_upgrades += upgrades_;
  counts.refused_addresses += addresses_;
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
  if (token && door_->settings_.tokens.admit(*token)) return TokenVerdict::right;
  if (token) limits.wrong_token(network_, now);
  refuse(Refused::token, token ? "its token is wrong" : "it has no token");
  return TokenVerdict::wrong;
}

void Visit::refuse(Refused what, const std::string& why) {
  if (door_) door_->refuse(what, address_, why);
}

}  // namespace skep
