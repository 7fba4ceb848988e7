#include "tls_reception.hpp"

#include <utility>

#include "skep/actors/option.hpp"

namespace skep {

struct TlsReception::Newcomer : boost::intrusive_ref_counter<Newcomer, boost::thread_unsafe_counter> {
  Newcomer(TlsReception& reception, std::uint64_t number, Stream stream, Visit visit, Time until)
      : host(&reception), id(number), client{std::move(stream), std::move(visit), {}}, due(until) {}

  TlsReception* host;  ///< null once it is none any more
  std::uint64_t id;
  Client client;
  Time due;
};

TlsReception::TlsReception(boost::asio::io_context& context, Settings settings, Handlers handlers)
    : settings_(settings), handlers_(std::move(handlers)), deadline_(new LoopWakeup(context, [this] { overdue(); })) {}

TlsReception::~TlsReception() {
  close();
}

void TlsReception::close() noexcept {
  deadline_->cancel();
  for (const auto& [id, newcomer] : std::exchange(newcomers_, {})) {
    newcomer->host = nullptr;
    newcomer->client.visit.end();
    newcomer->client.stream.close();
  }
}

void TlsReception::receive(Socket socket, Visit visit) {
  if (newcomers_.size() >= settings_.newcomers_max)
    end_oldest(1, "there are more than newcomers_max = " + std::to_string(settings_.newcomers_max));
  const auto due = std::chrono::steady_clock::now() + settings_.handshake_time_max;
  Stream stream(std::move(socket), handlers_.make_ssl());
  const NewcomerPtr newcomer(new Newcomer(*this, ++last_, std::move(stream), std::move(visit), due));
  newcomers_.emplace(newcomer->id, newcomer);
  deadline_->by(due);
  go_on(*newcomer);
}

void TlsReception::go_on(Newcomer& newcomer) {
  auto& stream = newcomer.client.stream;
  switch (const auto state = stream.shake()) {
    case TlsLayer::Shake::wants_input:
    case TlsLayer::Shake::wants_room:
      return wait(newcomer, state);
    case TlsLayer::Shake::failed:
      return refuse(newcomer, stream.why({}));
    case TlsLayer::Shake::done:
      stream.acknowledge_now();  // there is no ticket to send with it
      return handlers_.accepted(std::move(take(newcomer)->client));
  }
}

void TlsReception::wait(Newcomer& newcomer, TlsLayer::Shake wanted) {
  newcomer.client.stream.await_shake(wanted, [keep = NewcomerPtr(&newcomer)](boost::system::error_code failed) {
    if (keep->host == nullptr) return;
    if (failed) return keep->host->refuse(*keep, failed.message());
    keep->host->go_on(*keep);
  });
}

TlsReception::NewcomerPtr TlsReception::take(Newcomer& newcomer) {
  const NewcomerPtr keep(&newcomer);
  newcomer.host = nullptr;
  newcomers_.erase(newcomer.id);
  return keep;
}

void TlsReception::refuse(Newcomer& newcomer, const std::string& why) {
  const auto gone = take(newcomer);
  handlers_.refused(gone->client.visit, why);
  gone->client.visit.end();
  gone->client.stream.close();
}

void TlsReception::end_oldest(std::size_t count, const std::string& why) {
  for (; count > 0 && !newcomers_.empty(); --count)
    refuse(*newcomers_.begin()->second, "it has not shaken hands yet, and " + why);
}

/// All have the same time, so they are due in the order in which they came.
void TlsReception::overdue() {
  const auto now = std::chrono::steady_clock::now();
  while (!newcomers_.empty() && newcomers_.begin()->second->due <= now) {
    refuse(*newcomers_.begin()->second,
           "it has not shaken hands within " + to_string(settings_.handshake_time_max) + " (tls_handshake_time_max)");
  }
  if (!newcomers_.empty()) deadline_->by(newcomers_.begin()->second->due);
}

}  // namespace skep
