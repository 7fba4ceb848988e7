#include "custom_session.hpp"

#include <algorithm>
#include <cassert>
#include <limits>
#include <memory>
#include <utility>

#include "custom_transport.hpp"
#include "gateway_core.hpp"
#include "unordered_replies.hpp"

namespace skep {
namespace {

Answered answered_with(const Answer& answer) {
  Answered answered;
  if (const auto* failure = std::get_if<Failure>(&answer)) {
    answered.failure = *failure;
  } else if (is_error(answer)) {
    answered.failure = std::get<Record>(answer).as_failure();
  } else {
    answered.record = std::get<Record>(answer);
  }
  return answered;
}

std::unique_ptr<OpenRequests> replies_for(GatewaySession client) {
  if (client == GatewaySession::none) return std::make_unique<UnorderedReplies>();
  return std::make_unique<ReplySequencer>();
}

}  // namespace

CustomSession::CustomSession(GatewayCore& gateway, CustomTransport& transport, GatewaySession opened_as)
    : Session(gateway, replies_for(opened_as)), transport_(&transport), opened_as_(opened_as) {}

void CustomSession::take(Submissions::Item item) {
  waiting_.push_back(std::move(item));
  if (input_ != Input::waiting) submit_waiting();
}

void CustomSession::submit_waiting() {
  while (gateway_ != nullptr && !waiting_.empty()) {
    if (input_ != Input::ended) {
      const auto take = gateway_->may_take(*this);
      input_ = take == Take::yes ? Input::reading : Input::waiting;
      if (take == Take::wait_for_swarm) gateway_->wait(*this);
      if (take != Take::yes) return;
    }
    const auto item = std::move(waiting_.front());
    waiting_.pop_front();
    transport_->left(item);
    submit(item);
  }
}

/// It takes one place among the replies; none where it is admitted and nobody answers.
void CustomSession::submit(const Submissions::Item& item) {
  const auto place = replies().next_request();
  const auto& given = item.submission;
  if (gateway_->unread()) {
    gateway_->refuse(*this, {errc::unavailable, "no bee reads what is sent to this gateway", true});
  } else {
    const auto key = given.key ? std::string_view(*given.key) : std::string_view();
    gateway_->submit(*this, given.payload, {key, given.event_time});
  }
  if (replies().next_request() == place) return;
  asked_[place] = {item.id, given.tag};
  if (opened_as_ == GatewaySession::none) request_of_[item.id] = place;
}

/// The answer that is on its way finds nobody who asked.
void CustomSession::cancel(SubmissionId submission) {
  if (gateway_ == nullptr) return;
  const auto waits = std::ranges::lower_bound(waiting_, submission, {}, &Submissions::Item::id);  // as they came
  if (waits != waiting_.end() && waits->id == submission) {
    transport_->never_admitted(*waits);
    waiting_.erase(waits);
  }
  const auto found = request_of_.find(submission);
  if (found == request_of_.end()) return;
  const auto request = found->second;
  request_of_.erase(found);
  asked_.erase(request);
  gateway_->abandon(*this, request);
}

void CustomSession::go_on() {
  if (gateway_ == nullptr || input_ != Input::waiting) return;
  input_ = Input::reading;
  gateway_->arrived();
  submit_waiting();
}

/// What waits is refused: the gateway drains.
void CustomSession::end_input() {
  if (gateway_ == nullptr) return;
  input_ = Input::ended;
  submit_waiting();
}

Outgoing CustomSession::write(const Answer& answer, Outgoing what) {
  if (gateway_ == nullptr) return what;
  const auto asked = asked_.extract(replies().taken());
  if (!asked) return what;  // cancelled
  auto answered = answered_with(answer);
  answered.submission = asked.mapped().id;
  answered.session = opened_as_;
  answered.tag = asked.mapped().tag;
  request_of_.erase(answered.submission);
  undelivered_.add(what);
  pending_.push_back({std::move(answered), what});
  return what;
}

/// What the object throws on was not delivered, and neither is what follows it.
void CustomSession::flush() {
  const CustomSessionPtr keep(this);
  const auto pending = std::exchange(pending_, {});
  for (const auto& [answered, what] : pending) {
    if (gateway_ == nullptr || !transport_->tell(answered)) return;
    FrameCounts delivered;
    delivered.add(what);
    undelivered_.answers -= delivered.answers;
    gateway_->delivered(*this, delivered);
  }
  if (gateway_ != nullptr && finishing_ && replies().places() == 0) close();
}

void CustomSession::finish() {
  if (gateway_ == nullptr) return;
  finishing_ = true;
  gateway_->touch(*this);
}

void CustomSession::leave() {
  if (gateway_ != nullptr) close();
}

void CustomSession::close() {
  auto* gateway = gateway_;
  abort();
  transport_->ended(*this);
  gateway->remove(*this);
}

void CustomSession::forget_waiting() {
  for (; !waiting_.empty(); waiting_.pop_front()) transport_->never_admitted(waiting_.front());
}

void CustomSession::abort() noexcept {
  if (gateway_ == nullptr) return;
  gateway_ = nullptr;
  forget_waiting();
}

// Records out.

Outgoing CustomPeer::write(const Answer& answer, Outgoing what) {
  if (gateway_ == nullptr) return what;
  pending_.push_back(std::get<Record>(answer));
  bytes_ += pending_.back().size();
  return what;
}

/// While the object takes none, all its room is taken: the swarm waits.
std::size_t CustomPeer::unwritten() const {
  return transport_->paused() ? std::numeric_limits<std::size_t>::max() : bytes_;
}

bool CustomPeer::takes_records() const {
  return gateway_ != nullptr && gateway_->settings().receives && !transport_->broken();
}

void CustomPeer::flush() {
  const SessionPtr keep(this);
  while (gateway_ != nullptr && !pending_.empty() && !transport_->paused()) {
    const auto sent = transport_->deliver(pending_.front());
    if (sent == CustomTransport::Sent::broken) return;
    assert(pending_.front().size() <= bytes_);
    bytes_ -= pending_.front().size();
    pending_.pop_front();
    const FrameCounts one{0, 1};
    sent == CustomTransport::Sent::yes ? gateway_->delivered(*this, one) : gateway_->lost(*this, one);
  }
  if (gateway_ == nullptr || !finishing_ || !pending_.empty()) return;
  auto* gateway = gateway_;
  transport_->stopped();
  abort();
  gateway->remove(*this);
}

void CustomPeer::finish() {
  if (gateway_ == nullptr) return;
  finishing_ = true;
  gateway_->touch(*this);
}

std::optional<Session::Time> CustomPeer::check(Time now) {
  return gateway_ == nullptr ? std::nullopt : transport_->fire_timers(now);
}

}  // namespace skep
