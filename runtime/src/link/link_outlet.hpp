#pragma once
// What the proxies of one link hand on, until the links' thread takes it.
//
// Senders encode in their own threads. A small message goes out in its sender's thread where the connection allows it;
// else it waits, and the links' thread is woken where nothing waited. Either way the order is that of `send`.
// Threads: any may send; `take` and `close` are for the links'. Proxies may outlive the link: what they hand on after
// `close` is dropped.

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "link/link_connection.hpp"
#include "link/link_message.hpp"
#include "link/remote_actor.hpp"
#include "skep/serialization/payload.hpp"

namespace skep {

class LinkOutlet final : public RemoteOutlet {
 public:
  /// Called in the threads of senders, one at a time, and no more once `close` has returned.
  struct Calls {
    std::function<void()> wake;  ///< `take` and a flush are to follow soon
    std::function<LinkConnection::Sent(const Buffer&)> try_send;
  };
  explicit LinkOutlet(Calls calls) : calls_(std::move(calls)) {}

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
  void wait(std::span<const Buffer> frames);
  [[nodiscard]] bool send_at_once(const std::vector<Buffer>& frames);

  std::atomic<std::uint64_t> refused_{0};
  std::mutex mutex_;            // over what is below
  std::optional<Calls> calls_;  ///< until `close`
  std::vector<Buffer> waiting_;
};

}  // namespace skep
