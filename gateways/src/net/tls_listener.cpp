#include "net/tls_listener.hpp"

#include <algorithm>
#include <utility>

namespace skep {

TlsListener::TlsListener(boost::asio::io_context& context, Settings settings, Handlers handlers)
    : settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      acceptor_(new Acceptor(context, {[this](Socket socket) { accept(std::move(socket)); },
                                       [this](const std::string& why) { handlers_.paused(why); }})) {}

Result<void> TlsListener::open(const HostPort& address) {
  return acceptor_->open(address);
}

void TlsListener::close() noexcept {
  acceptor_->close();
  for (const auto& socket : std::exchange(unknown_, {})) socket->close();
}

void TlsListener::accept(Socket socket) {
  if (unknown_.size() >= settings_.unknown_max) {
    const auto oldest = take(*unknown_.front());
    oldest->close();
    handlers_.refused(oldest->address(), "there are more than unknown_peers_max = " +
                                             std::to_string(settings_.unknown_max) + " that are not known yet");
  }
  TlsSocket::Settings settings{settings_.context, TlsChannel::End::server, "", settings_.scratch,
                               settings_.handshake_time_max};
  const auto& added =
      unknown_.emplace_back(new TlsSocket(std::move(socket), std::move(settings), static_cast<TlsSocketOwner&>(*this)));
  TlsSocketPtr(added)->start();
}

TlsSocketPtr TlsListener::take(TlsSocket& socket) {
  const auto found = std::ranges::find(unknown_, &socket, [](const TlsSocketPtr& each) { return each.get(); });
  auto taken = std::move(*found);
  unknown_.erase(found);
  return taken;
}

void TlsListener::established(TlsSocket& socket) {
  handlers_.accepted(take(socket));
}

void TlsListener::closed(TlsSocket& socket, const std::string& why) {
  const auto gone = take(socket);
  handlers_.refused(gone->address(), why.empty() ? "it has gone again" : why);
}

}  // namespace skep
