#pragma once
// The thread that watches one process from the side: bees that do not return, and memory.
//
// It is a thread of its own because all others may be what does not go on. It carries out what two pure parts decide:
// Watchdog (a stuck bee is named, again when it has returned, and given up if its thread is its own) and MemoryGuard
// (gateways shed; the process exits). Lifetime: between the actors' start and their end; outlived by all it is given.

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "process_memory.hpp"
#include "skep/actors/bee_calls.hpp"
#include "skep/actors/watchdog.hpp"
#include "skep/gateways/io_threads.hpp"
#include "skep/runtime/log.hpp"
#include "skep/runtime/memory_guard.hpp"

namespace skep::detail {

class NodeWatch {
 public:
  using Time = Watchdog::Time;
  struct Settings {
    std::string node;  ///< for the log
    std::chrono::nanoseconds callback_time_max = limits::callback_time_max;
    std::size_t memory_max = 0;  ///< 0: no budget
  };

  NodeWatch(Settings settings, BeeCalls& calls, IoThreads& io, Log& log);
  ~NodeWatch();
  NodeWatch(const NodeWatch&) = delete;
  NodeWatch& operator=(const NodeWatch&) = delete;

 private:
  void run();
  void look_at_bees(Time now);
  void name_stuck(const Watchdog::Finding& finding);
  void name_returned(const Watchdog::Finding& finding);
  void look_at_memory(Time now);
  [[nodiscard]] std::optional<std::size_t> memory_in_use(Time now);
  [[noreturn]] void exit_for_memory();

  Settings settings_;
  BeeCalls& calls_;
  IoThreads& io_;
  Log& log_;
  WatchedTime watched_time_;
  Watchdog watchdog_;
  std::map<std::uint64_t, std::string> named_;  ///< bees that are stuck
  MemoryGuard memory_;
  ResidentMemory resident_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace skep::detail
