#pragma once
// Calls back at a time, or as soon as the loop is free; many asks become one call.
//
// Lives as long as its owner or a pending wait, whichever is longer: `cancel` before the owner goes.
// Threads: the I/O thread.

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

  Wakeup(boost::asio::io_context& context, std::function<void()> call);

  /// Calls no later than `when` (and a little): the earliest ask wins, and takes all others with it.
  void by(Time when);
  /// Calls after what is queued on the loop now.
  void soon();
  void disarm() noexcept;  ///< forgets the times asked for
  void cancel() noexcept;  ///< never calls again

 private:
  boost::asio::io_context& context_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  std::function<void()> call_;
  std::optional<Time> armed_;
  bool posted_ = false;
  bool live_ = true;
};

using WakeupPtr = boost::intrusive_ptr<Wakeup>;

}  // namespace skep
