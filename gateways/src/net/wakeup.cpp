#include "net/wakeup.hpp"

#include <boost/asio/post.hpp>

namespace skep {

void Wakeup::by(Time when) {
  if (!live_ || (armed_ && *armed_ <= when)) return;
  armed_ = when;
  arm(when);
}

void Wakeup::soon() {
  if (!live_ || posted_) return;
  posted_ = true;
  post();
}

void Wakeup::disarm() noexcept {
  armed_.reset();
  stop_timer();
}

void Wakeup::cancel() noexcept {
  live_ = false;
  disarm();
}

void Wakeup::came(Time when) {
  if (!live_ || armed_ != when) return;
  armed_.reset();
  call_();
}

void Wakeup::came() {
  posted_ = false;
  if (live_) call_();
}

LoopWakeup::LoopWakeup(boost::asio::io_context& context, std::function<void()> call)
    : Wakeup(std::move(call)), context_(context), timer_(context) {}

void LoopWakeup::arm(Time when) {
  timer_.expires_at(when);
  timer_.async_wait([self = boost::intrusive_ptr(this), when](boost::system::error_code failed) {
    if (!failed) self->came(when);
  });
}

void LoopWakeup::stop_timer() noexcept {
  boost::system::error_code ignored;
  timer_.cancel(ignored);
}

void LoopWakeup::post() {
  boost::asio::post(context_, [self = boost::intrusive_ptr(this)] { self->came(); });
}

}  // namespace skep
