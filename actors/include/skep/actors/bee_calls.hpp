#pragma once
// The bees of a process as whoever watches them sees them: which are inside a call, and since when.
//
// Bees enter when they are spawned and leave when their actor ends; one that was abandoned inside a call stays until it
// returns. `look` compares every bee's CallMark with what it was at the last look, so a call counts from the first look
// that saw it. Lifetime: outlives the bees. Threads: any; one lock, which no call of a bee takes.

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "skep/actors/call_mark.hpp"
#include "skep/actors/watchdog.hpp"

namespace skep {

/// Called under the lock of BeeCalls, by any thread: it must not call back.
class WatchedBee {
 public:
  /// "bee 'classify' replica 0 of swarm 'digits'"
  [[nodiscard]] virtual std::string watched_name() const = 0;
  /// It is given up: told once.
  virtual void on_abandoned(const std::string& why) = 0;

 protected:
  ~WatchedBee() = default;
};

struct WatchSettings {
  Execution execution = Execution::shared;
  std::optional<std::chrono::nanoseconds> time_max{};  ///< of this bee's calls; else the Watchdog's
};

class BeeCalls {
 public:
  using Time = Watchdog::Time;

  /// A bee's place; it leaves when this goes.
  class Entry {
   public:
    Entry(BeeCalls& calls, std::uint64_t bee) noexcept : calls_(calls), bee_(bee) {}
    ~Entry() { calls_.remove(bee_); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    BeeCalls& calls_;
    std::uint64_t bee_;
  };

  /// What stays behind when all that can end has ended.
  struct Left {
    std::string names;          ///< "bee 'a' replica 0 of swarm 's', ..."
    std::size_t count = 0;      ///< of them
    bool all_abandoned = true;  ///< nobody waits for them any more
  };

  BeeCalls() = default;
  BeeCalls(const BeeCalls&) = delete;
  BeeCalls& operator=(const BeeCalls&) = delete;

  /// The number that `remove`, `name` and `abandon` take. `bee` and `mark` must live until `remove`.
  [[nodiscard]] std::uint64_t add(WatchedBee& bee, const CallMark& mark, WatchSettings settings = {});
  void remove(std::uint64_t bee);

  /// All calls that go on now.
  [[nodiscard]] std::vector<CallInProgress> look(Time now);
  [[nodiscard]] std::string name(std::uint64_t bee) const;  ///< empty once it has left
  /// Tells whoever is to know that nobody waits for this bee any more. Does nothing once it has left.
  void abandon(std::uint64_t bee, const std::string& why);
  [[nodiscard]] Left left() const;

 private:
  struct Place {
    WatchedBee* bee;
    const CallMark* mark;
    WatchSettings settings;
    std::uint64_t count = 0;  ///< at the last look
    Time since{};             ///< when that was first seen
    bool abandoned = false;
  };

  mutable std::mutex mutex_;  // over all
  std::map<std::uint64_t, Place> places_;
  std::uint64_t last_ = 0;
};

}  // namespace skep
