#include "tls_reception.hpp"

#include <memory>
#include <utility>

#include "skep/actors/option.hpp"

namespace skep {

struct TlsReception::Newcomer : boost::intrusive_ref_counter<Newcomer, boost::thread_unsafe_counter> {
  Newcomer(TlsReception& reception, std::uint64_t number, Socket accepted, Visit its_visit, ServerTlsPtr tls,
           Time until)
      : host(&reception),
        id(number),
        socket(std::move(accepted)),
        visit(std::move(its_visit)),
        layer(std::make_unique<TlsLayer>(std::move(tls), socket.native_handle())),
        due(until) {}

  TlsReception* host;  ///< null once it is none any more
  std::uint64_t id;
  Socket socket;
  Visit visit;
  std::unique_ptr<TlsLayer> layer;
  Time due;
};

TlsReception::TlsReception(boost::asio::io_context& context, Settings settings, Accepted accepted)
    : settings_(std::move(settings)),
      accepted_(std::move(accepted)),
      deadline_(new LoopWakeup(context, [this] { overdue(); })) {}

TlsReception::~TlsReception() {
  close();
}

void TlsReception::close() noexcept {
  deadline_->cancel();
  for (const auto& [id, newcomer] : std::exchange(newcomers_, {})) {
    newcomer->host = nullptr;
    newcomer->visit.end();
    boost::system::error_code ignored;
    newcomer->socket.close(ignored);
  }
}

void TlsReception::receive(Socket socket, Visit visit) {
  if (newcomers_.size() >= settings_.newcomers_max)
    end_oldest(1, "there are more than newcomers_max = " + std::to_string(settings_.newcomers_max));
  const auto due = std::chrono::steady_clock::now() + settings_.handshake_time_max;
  const NewcomerPtr newcomer(new Newcomer(*this, ++last_, std::move(socket), std::move(visit), settings_.tls, due));
  newcomers_.emplace(newcomer->id, newcomer);
  deadline_->by(due);
  go_on(*newcomer);
}

void TlsReception::go_on(Newcomer& newcomer) {
  switch (newcomer.layer->shake()) {
    case TlsLayer::Shake::wants_input:
      return wait(newcomer, Socket::wait_read);
    case TlsLayer::Shake::wants_room:
      return wait(newcomer, Socket::wait_write);
    case TlsLayer::Shake::failed:
      return refuse(newcomer, newcomer.layer->why());
    case TlsLayer::Shake::done:
      const auto taken = take(newcomer);
      taken->visit.has_certificate(taken->layer->client_subject());
      acknowledge_now(taken->socket);  // there is no ticket to send with it
      return accepted_({Stream(std::move(taken->socket), std::move(taken->layer)), std::move(taken->visit)});
  }
}

void TlsReception::wait(Newcomer& newcomer, Socket::wait_type what) {
  newcomer.socket.async_wait(what, [keep = NewcomerPtr(&newcomer)](boost::system::error_code failed) {
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
  gone->visit.refuse(Refused::tls, why);
  gone->visit.end();
  boost::system::error_code ignored;
  gone->socket.close(ignored);
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
