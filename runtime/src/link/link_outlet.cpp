#include "link/link_outlet.hpp"

#include <chrono>
#include <utility>

#include "link/link_codec.hpp"

namespace skep {

void LinkOutlet::send(const BeeAddress& to, RecordBatch batch) {
  push(encode(RemoteBatch{to, std::move(batch), BatchKind::records}, std::chrono::steady_clock::now()));
}

void LinkOutlet::send(const BeeAddress& to, ReplyBatch batch) {
  push(encode(RemoteBatch{to, std::move(batch.batch), BatchKind::replies}, std::chrono::steady_clock::now()));
}

void LinkOutlet::send(const BeeAddress& to, BatchAck ack) {
  push({encode(RemoteAck{to, ack})});
}

void LinkOutlet::push(const std::vector<Buffer>& frames) {
  const std::scoped_lock lock(mutex_);
  if (!wake_) return;
  const bool idle = waiting_.empty();
  waiting_.insert(waiting_.end(), frames.begin(), frames.end());
  if (idle) wake_();
}

std::vector<Buffer> LinkOutlet::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(waiting_, {});
}

void LinkOutlet::close() {
  const std::scoped_lock lock(mutex_);
  wake_ = nullptr;
  waiting_.clear();
}

}  // namespace skep
