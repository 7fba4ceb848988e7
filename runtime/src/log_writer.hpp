#pragma once
// Writes lines to a descriptor from a thread of its own: nobody else ever waits for whoever reads them.
//
// A write to a pipe that nobody reads does not return, and a thread in it cannot be ended. So the thread shares with
// its owner only a state that both keep: lines wait in a queue whose oldest go when it is full, and in the end the
// owner waits for a limited time and leaves the thread behind. Lines that are lost, also to an error, are counted, and
// said as soon as one gets through again, once a second at most. Threads: any.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace skep::detail {

class LogWriter {
 public:
  /// The line that says how many lines are lost.
  using LostLine = std::function<std::string(std::uint64_t lines)>;

  /// `descriptor` stays the caller's, who may close it at any time.
  LogWriter(int descriptor, std::size_t lines_max, LostLine lost_line);
  ~LogWriter();  ///< waits for what is queued, for limits::log_flush_time_max at most
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  void push(std::string line);
  /// Waits until `line` is written after all that is queued; for `time_max` at most, and from half of it on what is
  /// queued goes so that `line` comes next.
  void last(std::string line, std::chrono::milliseconds time_max);
  [[nodiscard]] std::uint64_t lost() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace skep::detail
