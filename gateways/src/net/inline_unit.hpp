#pragma once
// The execution unit of a bee that an I/O thread runs by itself.
//
// Whom it has sent something is kept, and runs on the same thread when the bee has returned. Once it is closed, which
// another thread may do while the bee still runs, they are handed on at once. Threads: `exec_later` from that of the
// bee; the others from any.

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <functional>
#include <mutex>
#include <vector>

namespace skep {

class InlineUnit final : public caf::execution_unit {
 public:
  using Resumables = std::vector<caf::resumable*>;
  using HandOn = std::function<void(caf::resumable*)>;

  /// `hand_on` is called from any thread.
  InlineUnit(caf::actor_system& system, HandOn hand_on);

  void open();
  /// Returns who has been kept; each with a reference, as CAF hands them to `exec_later`.
  [[nodiscard]] Resumables close();
  void exec_later(caf::resumable* actor) override;

 private:
  HandOn hand_on_;
  std::mutex mutex_;
  Resumables kept_;
  bool open_ = false;
};

}  // namespace skep
