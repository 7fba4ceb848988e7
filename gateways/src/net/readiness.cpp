#include "net/readiness.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace skep {
namespace {

[[noreturn]] void refuse(int descriptor, int why) {
  throw std::system_error(why, std::generic_category(), "cannot wait for descriptor " + std::to_string(descriptor));
}

int open_epoll(int descriptor) {
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll < 0) refuse(descriptor, errno);
  epoll_event event{};
  event.events = EPOLLIN;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0) return epoll;
  const int why = errno;
  ::close(epoll);
  refuse(descriptor, why);
}

}  // namespace

Readiness::Readiness(boost::asio::io_context& context, int descriptor, std::function<void()> ready)
    : waiter_(context, open_epoll(descriptor)), ready_(std::move(ready)) {}

void Readiness::arm() {
  if (!live_ || std::exchange(armed_, true)) return;
  waiter_.async_wait(Waiter::wait_read, [self = ReadinessPtr(this)](boost::system::error_code failed) {
    self->armed_ = false;
    if (!failed && self->live_) self->ready_();
  });
}

void Readiness::cancel() noexcept {
  live_ = false;
  boost::system::error_code ignored;
  waiter_.close(ignored);
}

}  // namespace skep
