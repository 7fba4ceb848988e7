#pragma once
// Tells when a descriptor that belongs to somebody else has something to read.
//
// An epoll of its own holds it, and Asio waits for that one: so the descriptor keeps its flags, and one that its owner
// closes too early is just never ready. Lives as long as its owner or a pending wait: `cancel` before the owner goes.
// Threads: the I/O thread.

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <functional>

namespace skep {

class Readiness : public boost::intrusive_ref_counter<Readiness, boost::thread_unsafe_counter> {
 public:
  /// Throws std::system_error for what cannot be waited for.
  Readiness(boost::asio::io_context& context, int descriptor, std::function<void()> ready);

  /// Calls `ready` once, when there is something to read. Again before that call: does nothing.
  void arm();
  /// Never calls again.
  void cancel() noexcept;

 private:
  using Waiter = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

  Waiter waiter_;  ///< the epoll
  std::function<void()> ready_;
  bool armed_ = false;
  bool live_ = true;
};

using ReadinessPtr = boost::intrusive_ptr<Readiness>;

}  // namespace skep
