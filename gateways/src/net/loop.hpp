#pragma once
// The event loop of one I/O thread, to Asio and to CAF.
//
// To CAF it is an execution unit: actors whose `subtype` is `io_actor` are resumed here, between socket events; all
// others that it is asked to run go to the scheduler. A queued actor is kept alive by the reference that its mailbox
// handed over with it, as in caf::io's multiplexer.

#include <caf/execution_unit.hpp>
#include <caf/intrusive_ptr.hpp>
#include <caf/resumable.hpp>

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <span>
#include <thread>

#include "node_admission.hpp"
#include "skep/gateways/io_threads.hpp"

namespace skep {

class IoThreads::Loop final : public caf::execution_unit {
 public:
  Loop(caf::actor_system& system, std::string name, std::size_t payload_bytes_max, std::size_t threads);
  ~Loop() override;

  /// Runs what is queued, then ends the thread and waits for it.
  void stop();
  void exec_later(caf::resumable* actor) override;

  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }
  [[nodiscard]] NodeAdmission& admission() noexcept { return admission_; }
  /// Room for one read, shared by all who read on this thread; free again when the reader returns.
  [[nodiscard]] std::span<char> scratch() noexcept { return scratch_; }

 private:
  void post(caf::intrusive_ptr<caf::resumable> actor);
  void resume(caf::intrusive_ptr<caf::resumable> actor);
  void run();

  std::string name_;  ///< of the thread, for whoever looks at the process: 15 letters at most
  boost::asio::io_context context_{1};
  NodeAdmission admission_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::array<char, 64u << 10> scratch_;
  std::thread thread_;
};

}  // namespace skep
