#pragma once
// Decides what a node does about its memory: go on, shed, or exit. Pure: bytes in use in, a decision out.
//
// At limits::memory_shed_percent of its budget a node sheds: gateways refuse new requests (`overloaded`) until use is
// below memory_resume_percent again, so that it does not flap. At memory_exit_percent it exits with the reason: better
// a named end and a restart than a kill in the middle of whatever comes next.
//
// How often to look follows from how fast memory can rise: `next_look` is when use would reach the next mark if it rose
// by limits::memory_rise_max a second. A core that fills new pages was measured at 0.5 to 0.7 GiB/s (a bee that hoards
// strings, and one large block), so that leaves room for three. A node with gigabytes of room looks once a second; one
// close to a mark each limits::memory_look_time_min: at 1 GiB/s that is 10 MiB between two looks, while the marks of a
// budget of 256 MiB are 25 MiB apart. A look takes some microseconds.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace skep {

class MemoryGuard {
 public:
  using Time = std::chrono::steady_clock::time_point;
  enum class Decision : std::uint8_t { run, shed, exit };

  explicit MemoryGuard(std::size_t budget_bytes) : budget_(budget_bytes) {}  ///< 0: no budget, always `run`

  Decision look(std::size_t used_bytes);
  /// Whether what was freed is to be given back to the system before so much is believed: a look at it would not say
  /// `run`, and it was not for limits::memory_trim_time. Says so once.
  [[nodiscard]] bool should_trim(std::size_t used_bytes, Time now) noexcept;
  [[nodiscard]] Decision decision() const noexcept { return decision_; }  ///< of the last look
  /// Until the next look, as of the last.
  [[nodiscard]] std::chrono::milliseconds next_look() const noexcept;
  /// "memory: 961MiB of 1024MiB in use (93 %)"
  [[nodiscard]] std::string reason() const;

 private:
  [[nodiscard]] std::size_t mark(unsigned percent) const noexcept;
  [[nodiscard]] bool at_least(unsigned percent) const noexcept { return used_ >= mark(percent); }

  std::size_t budget_;
  std::size_t used_ = 0;
  Decision decision_ = Decision::run;
  Time trim_at_{};  ///< not before
};

}  // namespace skep
