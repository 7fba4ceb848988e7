#include "skep/runtime/memory_guard.hpp"

#include "skep/runtime/limits.hpp"

namespace skep {

/// Divides first: a product of a budget and 100 could overflow.
bool MemoryGuard::at_least(unsigned percent) const noexcept {
  return used_ >= budget_ / 100 * percent + budget_ % 100 * percent / 100;
}

MemoryGuard::Decision MemoryGuard::look(std::size_t used_bytes) {
  used_ = used_bytes;
  if (budget_ == 0 || decision_ == Decision::exit) return decision_;  // an exit is not taken back
  if (at_least(limits::memory_exit_percent)) return decision_ = Decision::exit;
  if (at_least(limits::memory_shed_percent)) return decision_ = Decision::shed;
  if (!at_least(limits::memory_resume_percent)) decision_ = Decision::run;
  return decision_;
}

std::string MemoryGuard::reason() const {
  const auto mebibytes = [](std::size_t bytes) { return std::to_string(bytes >> 20) + "MiB"; };
  const auto percent = budget_ == 0 ? 0.0 : 100.0 * static_cast<double>(used_) / static_cast<double>(budget_);
  return "memory: " + mebibytes(used_) + " of " + mebibytes(budget_) + " in use (" +
         std::to_string(static_cast<unsigned>(percent)) + " %)";
}

}  // namespace skep
