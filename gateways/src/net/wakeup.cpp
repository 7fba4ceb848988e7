#include "net/wakeup.hpp"

#include <boost/asio/post.hpp>

namespace skep {

Wakeup::Wakeup(boost::asio::io_context& context, std::function<void()> call)
    : context_(context), timer_(context), call_(std::move(call)) {}

void Wakeup::by(Time when) {
  if (!live_ || (armed_ && *armed_ <= when)) return;
  armed_ = when;
  timer_.expires_at(when);
  timer_.async_wait([self = WakeupPtr(this)](boost::system::error_code failed) {
    if (failed || !self->live_) return;
    self->armed_.reset();
    self->call_();
  });
}

void Wakeup::soon() {
  if (!live_ || posted_) return;
  posted_ = true;
  boost::asio::post(context_, [self = WakeupPtr(this)] {
    self->posted_ = false;
    if (self->live_) self->call_();
  });
}

void Wakeup::disarm() noexcept {
  armed_.reset();
  boost::system::error_code ignored;
  timer_.cancel(ignored);
}

void Wakeup::cancel() noexcept {
  live_ = false;
  disarm();
}

}  // namespace skep
