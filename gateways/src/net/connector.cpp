#include "net/connector.hpp"

#include <boost/asio/connect.hpp>

namespace skep {

Connector::Connector(boost::asio::io_context& context, Settings settings, Handlers handlers)
    : settings_(std::move(settings)),
      handlers_(std::move(handlers)),
      back_off_(settings_.delay_min, settings_.delay_max),
      resolver_(context),
      socket_(context),
      retry_(new LoopWakeup(context, [this] { connect(); })),
      timeout_(new LoopWakeup(context, [this] {
        boost::system::error_code ignored;
        resolver_.cancel();
        socket_.close(ignored);
      })) {}

void Connector::connect() {
  timeout_->by(std::chrono::steady_clock::now() + settings_.attempt_time_max);
  const auto done = [self = ConnectorPtr(this)](boost::system::error_code failed, const Endpoints& endpoints) {
    if (!self->open_) return;
    if (failed) return self->on_connect(failed);
    self->attempt(endpoints);
  };
  boost::system::error_code not_numeric;
  const auto ip = boost::asio::ip::make_address(settings_.peer.host, not_numeric);
  if (not_numeric) return resolver_.async_resolve(settings_.peer.host, std::to_string(settings_.peer.port), done);
  attempt(Endpoints::create(Tcp::endpoint(ip, settings_.peer.port), settings_.peer.host, ""));
}

void Connector::attempt(const Endpoints& endpoints) {
  boost::asio::async_connect(socket_, endpoints,
                             [self = ConnectorPtr(this)](boost::system::error_code failed, const Tcp::endpoint&) {
                               if (self->open_) self->on_connect(failed);
                             });
}

void Connector::on_connect(boost::system::error_code failed) {
  timeout_->disarm();
  if (failed == boost::asio::error::operation_aborted) return fail("no answer in time");
  if (failed) return fail(failed.message());
  back_off_.reset();
  auto socket = std::move(socket_);  // leaves one that can be opened again
  prepare(socket);
  handlers_.connected(std::move(socket));
}

void Connector::fail(const std::string& why) {
  boost::system::error_code ignored;
  socket_.close(ignored);
  handlers_.failed("cannot connect to " + to_string(settings_.peer) + ": " + why);
  connect_later();
}

void Connector::connect_later() {
  if (open_) retry_->by(std::chrono::steady_clock::now() + back_off_.next());
}

void Connector::close() noexcept {
  open_ = false;
  retry_->cancel();
  timeout_->cancel();
  boost::system::error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
}

}  // namespace skep
