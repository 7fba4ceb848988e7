#include "net/connector.hpp"

#include <boost/asio/connect.hpp>

namespace skep {

Connector::Connector(boost::asio::io_context& context, Settings settings, Handlers handlers)
    : settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      back_off_(settings_.delay_min, settings_.delay_max, settings_.lasted),
      lookup_(context),
      socket_(context),
      retry_(new LoopWakeup(context, [this] { connect(); })),
      timeout_(new LoopWakeup(context, [this] { give_up(); })) {}

void Connector::connect() {
  if (std::exchange(attempting_, true)) return;
  retry_->disarm();
  timeout_->by(std::chrono::steady_clock::now() + settings_.attempt_time_max);
  if (const auto endpoint = numeric_endpoint(settings_.peer)) return attempt({*endpoint});
  lookup_.start(settings_.peer, [self = ConnectorPtr(this)](const Result<NameLookup::Endpoints>& found) {
    if (self->open_) found ? self->attempt(*found) : self->fail(found.error().message);
  });
}

/// The attempt has had its time.
void Connector::give_up() {
  lookup_.cancel();
  if (!socket_.is_open()) return fail("its name is not resolved in time");
  boost::system::error_code ignored;
  socket_.close(ignored);  // ends the attempt
}

void Connector::attempt(const NameLookup::Endpoints& endpoints) {
  boost::asio::async_connect(socket_, endpoints,
                             [self = ConnectorPtr(this)](boost::system::error_code failed, const Tcp::endpoint&) {
                               if (self->open_) self->on_connect(failed);
                             });
}

void Connector::on_connect(boost::system::error_code failed) {
  if (failed == boost::asio::error::operation_aborted) return fail("no answer in time");
  if (failed) return fail(failed.message());
  timeout_->disarm();
  attempting_ = false;
  connected_at_ = std::chrono::steady_clock::now();
  auto socket = std::move(socket_);  // leaves one that can be opened again
  prepare(socket);
  handlers_.connected(std::move(socket));
}

void Connector::fail(const std::string& why) {
  timeout_->disarm();
  attempting_ = false;
  connected_at_.reset();
  boost::system::error_code ignored;
  socket_.close(ignored);
  handlers_.failed("cannot connect to " + to_string(settings_.peer) + ": " + why);
  connect_later();
}

void Connector::connect_later() {
  if (!open_ || attempting_) return;
  const auto now = std::chrono::steady_clock::now();
  const auto since = std::exchange(connected_at_, std::nullopt);
  if (since) back_off_.ended(now - *since);
  retry_->by(now + back_off_.next());
}

void Connector::close() noexcept {
  open_ = false;
  retry_->cancel();
  timeout_->cancel();
  boost::system::error_code ignored;
  lookup_.cancel();
  socket_.close(ignored);
}

}  // namespace skep
