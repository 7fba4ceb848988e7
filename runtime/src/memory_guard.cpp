#include "skep/runtime/memory_guard.hpp"

#include <algorithm>

#include "skep/actors/option.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {

/// Divides first: a product of a budget and 100 could overflow.
std::size_t MemoryGuard::mark(unsigned percent) const noexcept {
  return budget_ / 100 * percent + budget_ % 100 * percent / 100;
}

MemoryGuard::Decision MemoryGuard::look(std::size_t used_bytes) {
  used_ = used_bytes;
  if (budget_ == 0 || decision_ == Decision::exit) return decision_;  // an exit is not taken back
  if (at_least(limits::memory_exit_percent)) return decision_ = Decision::exit;
  if (at_least(limits::memory_shed_percent)) return decision_ = Decision::shed;
  if (!at_least(limits::memory_resume_percent)) decision_ = Decision::run;
  return decision_;
}

bool MemoryGuard::should_trim(std::size_t used_bytes, Time now) noexcept {
  const auto percent = decision_ == Decision::run ? limits::memory_shed_percent : limits::memory_resume_percent;
  if (budget_ == 0 || used_bytes < mark(percent) || now < trim_at_) return false;
  trim_at_ = now + limits::memory_trim_time;
  return true;
}

std::chrono::milliseconds MemoryGuard::next_look() const noexcept {
  if (budget_ == 0) return limits::memory_look_time_max;
  const auto next = mark(decision_ == Decision::run ? limits::memory_shed_percent : limits::memory_exit_percent);
  const auto room = next > used_ ? next - used_ : 0;
  const std::chrono::milliseconds time(room / (limits::memory_rise_max / 1000));
  return std::clamp<std::chrono::milliseconds>(time, limits::memory_look_time_min, limits::memory_look_time_max);
}

std::string MemoryGuard::reason() const {
  const auto used = ByteSize{used_ >> 20 << 20};  // what is used is never round
  const auto percent = budget_ == 0 ? 0.0 : 100.0 * static_cast<double>(used_) / static_cast<double>(budget_);
  return "memory: " + to_string(used) + " of " + to_string(ByteSize{budget_}) + " in use (" +
         std::to_string(static_cast<unsigned>(percent)) + " %)";
}

}  // namespace skep
