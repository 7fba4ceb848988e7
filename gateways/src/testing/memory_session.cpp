#include "testing/memory_session.hpp"

#include <span>

#include "answer_text.hpp"
#include "gateway_core.hpp"

namespace skep::testing {

MemorySession::MemorySession(GatewayCore& gateway, MemoryClient& client, const WireForm& wire)
    : Session(gateway), client_(client), wire_(wire) {}

void MemorySession::take(std::vector<MemoryGateway::Said> all) {
  if (gateway_ == nullptr || input_ == Input::ended) return;
  std::move(all.begin(), all.end(), std::back_inserter(waiting_));
  if (input_ != Input::reading) return;
  gateway_->arrived();
  submit_waiting();
}

void MemorySession::submit_waiting() {
  while (!waiting_.empty()) {
    const auto take = gateway_->may_take(*this);
    if (take != Take::yes) {
      input_ = Input::waiting;
      if (take == Take::wait_for_swarm) gateway_->wait(*this);
      return;
    }
    const auto said = std::move(waiting_.front());
    waiting_.pop_front();
    gateway_->submit(*this, Payload::borrow(std::as_bytes(std::span(said.bytes)), {kind_on_the_wire(said.kind)}));
  }
}

/// Clients send bytes: what they are is for the gateway's settings to say.
ContentKind MemorySession::kind_on_the_wire(ContentKind kind) const {
  return kind_of(kind == ContentKind::json ? wire_.text : wire_.binary);
}

void MemorySession::go_on() {
  if (gateway_ == nullptr || input_ != Input::waiting) return;
  input_ = Input::reading;
  gateway_->arrived();
  submit_waiting();
}

void MemorySession::end_input() {
  if (gateway_ == nullptr) return;
  const Failure failure{errc::unavailable, "the gateway is shutting down", true};
  for (; !waiting_.empty(); waiting_.pop_front()) gateway_->refuse(*this, failure);
  input_ = Input::ended;
}

Outgoing MemorySession::write(const Answer& answer, Outgoing what) {
  if (gateway_ == nullptr) return what;
  const auto text = answer_text(answer, wire_.answers, scratch_);
  const auto went = as_written(what, text.failed);
  client_.heard.push_back({answer, std::string(text.bytes)});
  FrameCounts delivered;
  delivered.add(went);
  gateway_->delivered(*this, delivered);
  return went;
}

void MemorySession::flush() {
  if (gateway_ != nullptr && finishing_ && replies().places() == 0) close();
}

void MemorySession::finish() {
  if (gateway_ == nullptr) return;
  finishing_ = true;
  gateway_->touch(*this);
}

void MemorySession::close() {
  if (gateway_ == nullptr) return;
  auto* gateway = gateway_;
  abort();
  gateway->remove(*this);
}

void MemorySession::abort() noexcept {
  gateway_ = nullptr;
  client_.open = false;
}

Outgoing MemoryPeer::write(const Answer& answer, Outgoing what) {
  if (gateway_ == nullptr) return what;
  sent_.push_back(std::get<Record>(answer));
  FrameCounts delivered;
  delivered.add(what);
  gateway_->delivered(*this, delivered);
  return what;
}

void MemoryPeer::flush() {
  if (gateway_ == nullptr || !finishing_) return;
  auto* gateway = gateway_;
  abort();
  gateway->remove(*this);
}

void MemoryPeer::finish() {
  if (gateway_ == nullptr) return;
  finishing_ = true;
  gateway_->touch(*this);
}

Result<void> MemoryTransport::open() {
  if (gateway_.settings().receives) gateway_.add(new MemoryPeer(gateway_, sent_));
  return {};
}

}  // namespace skep::testing
