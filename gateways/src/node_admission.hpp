#pragma once
// What all gateways of an I/O thread heed before they admit a request: its part of the node's payload budget, and
// whether the node sheds.
//
// While it sheds, gateways that reject refuse with `overloaded` and the reason, and those that block stop reading.
// Lifetime: part of the I/O thread's loop, so it outlives every gateway. Threads: the I/O thread.

#include <string>
#include <utility>
#include <vector>

#include "net/wakeup.hpp"
#include "skep/gateways/payload_budget.hpp"

namespace skep {

class NodeAdmission {
 public:
  /// `threads`: how many of these the node has, each with its part of the budget.
  explicit NodeAdmission(std::size_t payload_bytes_max, std::size_t threads = 1)
      : budget_(payload_bytes_max), threads_(threads) {}

  /// `turn` is called when what was held back may go on.
  void add(WakeupPtr turn) { turns_.push_back(std::move(turn)); }
  void remove(const WakeupPtr& turn) { std::erase(turns_, turn); }

  [[nodiscard]] const PayloadBudget& budget() const noexcept { return budget_; }
  [[nodiscard]] std::size_t threads() const noexcept { return threads_; }
  void take(std::size_t bytes) noexcept { budget_.take(bytes); }
  void give_back(std::size_t bytes) {
    budget_.give_back(bytes);
    if (bytes > 0) came_free();
  }
  void resize_buffers(std::size_t own, std::size_t wanted) {
    budget_.resize_buffers(own, wanted);
    if (wanted < own) came_free();
  }
  /// Somebody waits for what is given back: all turns are called once something is.
  void await_room() noexcept { awaited_ = true; }

  void shed(std::string why) { shedding_ = std::move(why); }
  void take_again() {
    shedding_.clear();
    wake();
  }
  /// Why it sheds; empty while it does not.
  [[nodiscard]] const std::string& shedding() const noexcept { return shedding_; }

 private:
  void came_free() {
    if (std::exchange(awaited_, false)) wake();
  }
  void wake() {
    for (const auto& turn : turns_) turn->soon();
  }

  PayloadBudget budget_;
  std::size_t threads_;
  bool awaited_ = false;
  std::string shedding_;
  std::vector<WakeupPtr> turns_;  ///< one a gateway
};

}  // namespace skep
