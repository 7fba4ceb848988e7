#pragma once
// What proxies have handed on. Threads: any may send; read it when they have.

#include <mutex>
#include <vector>

#include "link/remote_actor.hpp"

namespace skep {

class RecordingOutlet final : public RemoteOutlet {
 public:
  void send(const BeeAddress& to, RecordBatch batch) override {
    const std::scoped_lock lock(mutex_);
    addresses.push_back(to);
    batches.push_back(std::move(batch));
  }
  void send(const BeeAddress& to, ReplyBatch batch) override {
    const std::scoped_lock lock(mutex_);
    addresses.push_back(to);
    replies.push_back(std::move(batch));
  }
  void send(const BeeAddress& to, BatchAck ack) override {
    const std::scoped_lock lock(mutex_);
    addresses.push_back(to);
    acks.push_back(ack);
  }
  void refused(const BeeAddress&) override {
    const std::scoped_lock lock(mutex_);
    ++refusals;
  }

  std::vector<BeeAddress> addresses;
  std::vector<RecordBatch> batches;
  std::vector<ReplyBatch> replies;
  std::vector<BatchAck> acks;
  std::size_t refusals = 0;

 private:
  std::mutex mutex_;
};

}  // namespace skep
