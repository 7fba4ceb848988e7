#pragma once
// What the proxies of one link hand on, until the links' thread takes it.
//
// Senders encode in their own threads, and wake the links' thread only where nothing waited. Threads: any may send;
// `take` and `close` are for the links'. Proxies may outlive the link: what they hand on after `close` is dropped.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "link/link_message.hpp"
#include "link/remote_actor.hpp"
#include "skep/serialization/payload.hpp"

namespace skep {

class LinkOutlet final : public RemoteOutlet {
 public:
  /// `wake` is called in the thread of a sender, no more once `close` has returned; then `take` is to be called soon.
  explicit LinkOutlet(std::function<void()> wake) : wake_(std::move(wake)) {}

  void send(const BeeAddress& to, RecordBatch batch) override;
  void send(const BeeAddress& to, ReplyBatch batch) override;
  void send(const BeeAddress& to, BatchAck ack) override;
  void refused(const BeeAddress&) override { refused_.fetch_add(1, std::memory_order_relaxed); }

  /// Frames, in the order in which they were handed on.
  [[nodiscard]] std::vector<Buffer> take();
  void close();
  /// Messages that do not cross.
  [[nodiscard]] std::uint64_t refusals() const noexcept { return refused_.load(std::memory_order_relaxed); }

 private:
  void push(const std::vector<Buffer>& frames);

  std::atomic<std::uint64_t> refused_{0};
  std::mutex mutex_;  // over what is below
  std::function<void()> wake_;
  std::vector<Buffer> waiting_;
};

}  // namespace skep
