#include "certificate_watch.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "skep/gateways/limits.hpp"

namespace skep {

CertificateTime next_warning(CertificateTime not_after, CertificateTime now) noexcept {
  const CertificateTime first = not_after - limits::certificate_warn_time;
  return now < first ? first : now + limits::certificate_warn_interval;
}

CertificateWatch::CertificateWatch(const MakeWakeup& make, Clocks clocks, std::function<void()> tell)
    : clocks_(std::move(clocks)), tell_(std::move(tell)), wakeup_(make([this] { look(); })) {}

void CertificateWatch::use(CertificateTime not_after) {
  not_after_ = not_after;
  due_ = next_warning(not_after, clocks_.wall());
  wakeup_->disarm();
  wait();
}

void CertificateWatch::look() {
  const auto now = clocks_.wall();
  if (now >= due_) {
    tell_();
    due_ = next_warning(not_after_, now);
  }
  wait();
}

void CertificateWatch::wait() {
  using std::chrono::seconds;
  const auto left = std::clamp<seconds>(due_ - clocks_.wall(), seconds(1), seconds(limits::certificate_warn_interval));
  wakeup_->by(clocks_.steady() + left);
}

}  // namespace skep
