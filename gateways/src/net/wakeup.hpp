#pragma once
// Calls back at a time, or as soon as the thread is free; many asks become one call.
//
// Lives as long as its owner or a pending wait, whichever is longer: `cancel` before the owner goes.
// Threads: the owner's: the I/O thread for LoopWakeup.

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <chrono>
#include <functional>
#include <optional>

namespace skep {

class Wakeup : public boost::intrusive_ref_counter<Wakeup, boost::thread_unsafe_counter> {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Wakeup(std::function<void()> call) : call_(std::move(call)) {}
  virtual ~Wakeup() = default;

  /// Calls no later than `when` (and a little): the earliest ask wins, and takes all others with it.
  void by(Time when);
  /// Calls after what is queued on the thread now.
  void soon();
  void disarm() noexcept;  ///< forgets the times asked for
  void cancel() noexcept;  ///< never calls again

 protected:
  /// What was armed for `when` has come; a time that is not asked for any more is ignored.
  void came(Time when);
  /// What was posted has come.
  void came();

 private:
  /// Has `came(when)` called then, instead of at an earlier `arm`'s time.
  virtual void arm(Time when) = 0;
  virtual void stop_timer() noexcept = 0;
  virtual void post() = 0;

  std::function<void()> call_;
  std::optional<Time> armed_;
  bool posted_ = false;
  bool live_ = true;
};

using WakeupPtr = boost::intrusive_ptr<Wakeup>;
/// Makes the wake-ups of one thread.
using MakeWakeup = std::function<WakeupPtr(std::function<void()> call)>;

/// On the I/O thread, in its time.
class LoopWakeup final : public Wakeup {
 public:
  LoopWakeup(boost::asio::io_context& context, std::function<void()> call);

 private:
  void arm(Time when) override;
  void stop_timer() noexcept override;
  void post() override;

  boost::asio::io_context& context_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
};

}  // namespace skep
