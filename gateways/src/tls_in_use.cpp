#include "tls_in_use.hpp"

#include <algorithm>
#include <chrono>

#include "gateway_core.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {

std::string not_reloaded(const GatewaySpread& spread, const std::string& why) {
  const auto where = spread.threads > 1 ? " (thread " + std::to_string(spread.thread) + ")" : "";
  return "not reloaded" + where + ", what was in use stays: " + why;
}

TlsInUse::TlsInUse(GatewayCore& gateway, StreamTlsFiles files)
    : gateway_(gateway),
      files_(std::move(files)),
      expiry_(
          [&gateway](std::function<void()> call) -> WakeupPtr {
            return new LoopWakeup(gateway.loop().context(), std::move(call));
          },
          CertificateWatch::Clocks{certificate_now, std::chrono::steady_clock::now}, [this] { warn_of_end(); }) {}

bool TlsInUse::speaks() const noexcept {
  return gateway_.settings().spread.thread == 0;
}

Result<void> TlsInUse::open() {
  auto read = StreamTls::read(files_, certificate_now());
  if (!read) return read.error();
  tls_ = std::move(read).value();
  tell("in use");
  return {};
}

void TlsInUse::reload() {
  auto read = StreamTls::read(files_, certificate_now());
  if (!read) return gateway_.log(LogLevel::error, not_reloaded(gateway_.settings().spread, read.error().message));
  tls_ = std::move(read).value();
  tell("reloaded");
}

void TlsInUse::tell(const std::string& what) {
  if (!speaks()) return;
  if (files_.server_name) {
    gateway_.log(LogLevel::info, "authorities of its server, '" + files_.authorities + "', are " + what +
                                     ": its certificate has to be for '" + *files_.server_name + "'");
  }
  if (tls_->not_after()) tell_of_certificate(what);
}

void TlsInUse::tell_of_certificate(const std::string& what) {
  const auto& file = files_.certificate;
  const auto peers = files_.server_name ? "; its server has to trust '" : "; clients have to trust '";
  const auto trusted = tls_->signer().empty() ? "" : peers + tls_->signer() + "'";
  gateway_.log(LogLevel::info,
               "certificate '" + file + "' is " + what + ": " + counted(hours_left() / 24, "day") + " left" + trusted);
  if (*tls_->not_after() - certificate_now() < limits::certificate_warn_time) warn_of_end();
  expiry_.use(*tls_->not_after());
}

void TlsInUse::warn_of_end() const {
  const auto certificate = "its certificate '" + files_.certificate + "' ";
  const std::string help = ": put another in its place, then SIGHUP";
  if (*tls_->not_after() <= certificate_now()) return gateway_.log(LogLevel::error, certificate + "has ended" + help);
  gateway_.log(LogLevel::warning, certificate + "ends in " + counted(hours_left(), "hour") + help);
}

std::uint64_t TlsInUse::hours_left() const {
  const auto left = std::chrono::duration_cast<std::chrono::hours>(*tls_->not_after() - certificate_now()).count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(left, 0));
}

void TlsInUse::add_counts(GatewayCounts& counts) const {
  if (!tls_->not_after()) return;
  counts.certificate_expiry += static_cast<std::uint64_t>(tls_->not_after()->time_since_epoch().count());
}

}  // namespace skep
