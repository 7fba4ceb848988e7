#pragma once
// The event loop of one I/O thread, to Asio and to CAF.
//
// To CAF it is an execution unit: actors whose `subtype` is `io_actor` are resumed here, between socket events. Bees
// whose slices are short run inline, when nothing else is to be done; all others that it is asked to run go to the
// scheduler. A queued actor is kept alive by the reference that its mailbox handed over with it, as in caf::io's
// multiplexer. There are two threads: while one of them runs a bee that does not return, the other one has the loop.

#include <caf/execution_unit.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/resumable.hpp>

#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <span>
#include <thread>

#include "net/handover.hpp"
#include "net/inline_unit.hpp"
#include "node_admission.hpp"
#include "skep/actors/inline_runs.hpp"
#include "skep/gateways/io_threads.hpp"

namespace skep {

class IoThreads::Loop final : public caf::execution_unit {
 public:
  using RunsInline = bool (*)(const caf::resumable& actor);

  /// `runs_inline`: whom it may run; others than bees in tests.
  Loop(caf::actor_system& system, std::string name, std::size_t payload_bytes_max, std::size_t threads,
       RunsInline runs_inline = may_run_inline);
  ~Loop() override;

  /// Runs what is queued, then ends the threads and waits for them.
  void stop();
  /// Actors with `subtype` `io_actor`: from any thread. Others: from the loop's.
  void exec_later(caf::resumable* actor) override;
  /// What an actor of the loop runs on that has a message from whoever runs on `sender`.
  [[nodiscard]] caf::execution_unit* unit_for(caf::execution_unit* sender) noexcept;

  /// Whether the caller runs on it. Threads: any.
  [[nodiscard]] bool runs_here() const noexcept { return owner_ == std::this_thread::get_id(); }
  /// Whether the caller is a handler or an actor of this loop, and no bee. If it waits for the loop it waits for ever;
  /// a bee waits until the other thread has the loop.
  [[nodiscard]] bool handles_here() const noexcept { return !has_bee_inside_ && runs_here(); }
  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }
  [[nodiscard]] NodeAdmission& admission() noexcept { return admission_; }
  /// Room for one read, shared by all who read on this loop; free again when the reader returns.
  [[nodiscard]] std::span<char> scratch() noexcept { return scratch_; }

 private:
  /// One of the two.
  struct LoopThread {
    InlineUnit unit;  ///< of the bees that it runs
    std::thread thread{};
    pthread_t handle{};  ///< written by itself
  };

  void post(caf::intrusive_ptr<caf::resumable> actor);
  void resume(caf::intrusive_ptr<caf::resumable> actor);
  void hand_on(caf::resumable* actor);
  void hand_on_all();
  void live(LoopThread& own, LoopThread& other, bool owner);
  void run(LoopThread& own);
  [[nodiscard]] bool run_inline(LoopThread& own, caf::resumable* bee);

  std::string name_;  ///< of the thread, for whoever looks at the process: 15 letters at most
  boost::asio::io_context context_{1};
  NodeAdmission admission_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::array<char, 64u << 10> scratch_;
  const RunsInline runs_inline_;
  Handover handover_;
  std::atomic<std::thread::id> owner_{};
  std::atomic<bool> has_bee_inside_{false};
  int handlers_since_idle_ = 0;       ///< as far as it matters
  std::deque<caf::resumable*> bees_;  ///< to run inline
  std::array<LoopThread, 2> threads_;
};

}  // namespace skep
