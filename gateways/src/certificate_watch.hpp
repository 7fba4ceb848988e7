#pragma once
// Tells that a certificate in use ends soon: when limits::certificate_warn_time is left, and then once in
// limits::certificate_warn_interval.
//
// Certificates end by the time of day, which is set now and then and goes on while the machine sleeps: so it looks once
// an interval at least. Lifetime: its owner's. Threads: that of its wake-up.

#include <functional>

#include "net/certificate.hpp"
#include "net/wakeup.hpp"

namespace skep {

/// When to tell next of one that ends at `not_after`, if all was told at `now`.
[[nodiscard]] CertificateTime next_warning(CertificateTime not_after, CertificateTime now) noexcept;

class CertificateWatch {
 public:
  struct Clocks {
    std::function<CertificateTime()> wall;
    std::function<Wakeup::Time()> steady;
  };

  CertificateWatch(const MakeWakeup& make, Clocks clocks, std::function<void()> tell);
  ~CertificateWatch() { wakeup_->cancel(); }
  CertificateWatch(const CertificateWatch&) = delete;
  CertificateWatch& operator=(const CertificateWatch&) = delete;

  /// This one is in use from now on, and all was told of it.
  void use(CertificateTime not_after);

 private:
  void look();
  void wait();

  Clocks clocks_;
  std::function<void()> tell_;
  CertificateTime not_after_{}, due_{};
  WakeupPtr wakeup_;
};

}  // namespace skep
