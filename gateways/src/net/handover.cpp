#include "net/handover.hpp"

namespace skep {
namespace {

/// That saw no absence, one after the other; then whoever stands by looks no more until it is told of one.
constexpr int quiet_looks_max = 10;

}  // namespace

Handover::Absence Handover::leave() {
  if (!stands_by_.load(std::memory_order_acquire)) return none;
  const auto absence = ++absences_;
  away_.store(absence);
  if (asleep_.load()) {
    const std::scoped_lock lock(mutex_);
    asleep_ = false;
    changed_.notify_all();
  }
  return absence;
}

bool Handover::come_back(Absence from) noexcept {
  return away_.compare_exchange_strong(from, none);
}

bool Handover::stand_by(const Call& begins, const Call& takes_over) {
  std::unique_lock lock(mutex_);
  begins();
  seen_ = none;
  quiet_looks_ = 0;
  stands_by_.store(true, std::memory_order_release);
  while (!stopped_) {
    if (quiet_looks_ >= quiet_looks_max) sleep(lock);
    changed_.wait_for(lock, away_max_, [this] { return stopped_; });
    if (!look()) continue;
    takes_over();
    return true;
  }
  return false;
}

/// Returns whether the caller has taken the loop over: its owner has been away since the look before.
bool Handover::look() {
  auto absence = away_.load();
  quiet_looks_ = absence == seen_ && absence == none ? quiet_looks_ + 1 : 0;
  const bool too_long = absence != none && absence == seen_;
  seen_ = absence;
  if (!too_long) return false;
  // The absences that follow are the caller's: nobody stands by until the former owner does.
  stands_by_ = false;
  if (away_.compare_exchange_strong(absence, none)) return true;
  stands_by_ = true;
  return false;
}

void Handover::sleep(std::unique_lock<std::mutex>& lock) {
  asleep_ = true;
  if (away_.load() != none) asleep_ = false;  // it left before it could see that
  changed_.wait(lock, [this] { return !asleep_ || stopped_; });
  quiet_looks_ = 0;
}

void Handover::stop() {
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

}  // namespace skep
