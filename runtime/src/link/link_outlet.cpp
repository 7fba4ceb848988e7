#include "link/link_outlet.hpp"

#include <chrono>
#include <utility>

#include "link/link_codec.hpp"
#include "skep/runtime/limits.hpp"

namespace skep {

void LinkOutlet::send(const BeeAddress& to, RecordBatch batch) {
  push(encode(RemoteBatch{to, std::move(batch), BatchKind::records}, std::chrono::steady_clock::now()));
}

void LinkOutlet::send(const BeeAddress& to, ReplyBatch batch) {
  push(encode(RemoteBatch{to, std::move(batch.batch), BatchKind::replies}, std::chrono::steady_clock::now()));
}

/// Nobody waits for it before his credit runs short: of a stream of records it is what goes the other way, and there is
/// more than one a turn.
void LinkOutlet::send(const BeeAddress& to, BatchAck ack) {
  const auto frame = encode(RemoteAck{to, ack});
  const std::scoped_lock lock(mutex_);
  if (calls_) wait({&frame, 1});
}

void LinkOutlet::push(const std::vector<Buffer>& frames) {
  const std::scoped_lock lock(mutex_);
  if (calls_ && !send_at_once(frames)) wait(frames);
}

void LinkOutlet::wait(std::span<const Buffer> frames) {
  const bool idle = waiting_.empty();
  waiting_.insert(waiting_.end(), frames.begin(), frames.end());
  if (idle) calls_->wake();
}

bool LinkOutlet::send_at_once(const std::vector<Buffer>& frames) {
  if (!waiting_.empty() || frames.size() != 1 || frames.front().bytes().size() > limits::link_at_once_bytes_max) {
    return false;
  }
  const auto sent = calls_->try_send(frames.front());
  if (sent == LinkConnection::Sent::in_part) calls_->wake();
  return sent != LinkConnection::Sent::no;
}

std::vector<Buffer> LinkOutlet::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(waiting_, {});
}

void LinkOutlet::close() {
  const std::scoped_lock lock(mutex_);
  calls_.reset();
  waiting_.clear();
}

}  // namespace skep
