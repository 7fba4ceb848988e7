#include "skep/actors/edge_session.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace skep {
// The sending end.

EdgeSender::EdgeSender(Settings settings, Epoch self, Epoch receiver)
    : settings_(settings), self_(self), receiver_(receiver) {
  assert(settings_.window >= 1 && settings_.window <= limits::edge_window_max);
}

/// For so many more to be kept.
std::size_t EdgeSender::room() const noexcept {
  const std::size_t window = careful() ? 1 : settings_.window;
  return window - std::min(window, kept_.size());
}

std::size_t EdgeSender::allowed() const noexcept {
  auto count = waiting();
  if (keeps()) count = std::min(count, room());
  if (!settings_.credit || settings_.faults.no_credit) return count;
  return std::min<std::size_t>(count, granted_.records - sent_.records);
}

/// Of the first `count` that wait, those for whose bytes there is credit.
Quantity EdgeSender::fitting(std::size_t count) const noexcept {
  const bool any_size = !settings_.credit || settings_.faults.no_credit;
  return queue_.fitting(count, any_size ? queue_.bytes() : granted_.bytes - sent_.bytes);
}

/// There is credit for the next record. The window may hold it back all the same.
bool EdgeSender::next_fits() const noexcept {
  if (!settings_.credit || settings_.faults.no_credit) return true;
  return granted_.records > sent_.records && granted_.bytes >= sent_.bytes + queue_.next_bytes();
}

/// There is credit for the record that it asked for.
bool EdgeSender::covers_asked() const noexcept {
  return granted_.records > asked_.spent.records && granted_.bytes >= asked_.next_bytes;
}

bool EdgeSender::sendable() const noexcept {
  return again_.records < again_end_ || probe_ || must_ask() ||
         fitting(std::min<std::size_t>(allowed(), 1)).records != 0;
}

std::optional<EdgePacket> EdgeSender::take(Time now) {
  if (again_.records < again_end_) return send_again();
  const auto amount = fitting(allowed());
  if (amount.records == 0 && !probe_ && !must_ask()) return std::nullopt;
  const auto first = sent_;
  auto records = pop(amount);
  if (keeps()) keep(records);
  if (must_ask() || (dropped_ && waiting() == 0)) ask();
  probe_ = false;
  if (!due_) due_ = now + patience_;
  return packet(first, sent_, std::move(records));
}

/// What cannot be used is given back with it. For that alone: when nothing waits.
void EdgeSender::ask() {
  const auto next = waiting() == 0 ? 0 : queue_.next_bytes();
  ++asks_;
  asking_ = waiting() != 0;
  dropped_ = false;
  granted_ = sent_;
  asked_ = {sent_, {sent_.records + waiting(), sent_.bytes + queue_.bytes()}, sent_.bytes + next};
}

EdgePacket EdgeSender::packet(Quantity first, Quantity end, std::vector<Record> records) const {
  const bool alone = careful();  // then whose hands it is in must be known
  return {
      self_, receiver_, base_, first, std::move(records), (end - first).bytes, asks_, asked_, settings_.prompt || alone,
      alone};
}

std::vector<Record> EdgeSender::pop(Quantity amount) {
  sent_ = sent_ + amount;
  return queue_.take(amount.records);
}

void EdgeSender::keep(const std::vector<Record>& records) {
  for (const auto& record : records) {
    kept_.push_back({record, causes_.front()});
    causes_.pop_front();
  }
}

EdgePacket EdgeSender::send_again() {
  const auto first = again_;
  assert(again_.records >= base_.records);
  std::vector<Record> records;
  while (again_.records < again_end_ && records.size() < limits::resend_records_max) {
    const auto& kept = kept_[again_.records - base_.records].record;
    again_ = again_ + Quantity{1, kept.size()};
    records.push_back(kept);
  }
  return packet(first, again_, std::move(records));
}

bool EdgeSender::forget_done(std::uint64_t done, std::vector<Cause>& causes) {
  const bool any = !kept_.empty() && base_.records < done;
  while (!kept_.empty() && base_.records < done) {
    causes.push_back(kept_.front().cause);
    base_ = base_ + Quantity{1, kept_.front().record.size()};
    kept_.pop_front();
  }
  if (again_.records < base_.records) again_ = base_;
  if (any) deaths_ = 0;
  return any;
}

void EdgeSender::on_ack(const EdgeAck& ack, Time now, std::vector<Cause>& done) {
  if (ack.sender != self_ || ack.receiver != receiver_) return;
  bool progress = keeps() && forget_done(ack.done, done);
  const auto expected = std::min(ack.expected, sent_.records);
  if (expected > expected_) progress = true;
  expected_ = std::max(expected_, expected);
  const auto released =
      highest(released_, {std::min(ack.released.records, sent_.records), std::min(ack.released.bytes, sent_.bytes)});
  if (!(released == std::exchange(released_, released))) progress = true;
  if (ack.asks == asks_) granted_ = highest(granted_, ack.granted);
  // What it asked for may be there and not do: that record was dropped, and a larger one is next.
  if (asking_ && waiting() != 0 && (next_fits() || covers_asked())) {
    asking_ = false;
    progress = true;
  }
  if (progress) patience_ = limits::resend_after;
  if (!outstanding()) {
    due_.reset();
  } else if (progress || !due_) {
    due_ = now + patience_;
  }
}

bool EdgeSender::outstanding() const noexcept {
  return asking_ || !kept_.empty() || released_.records < sent_.records;
}

void EdgeSender::tick(Time now) {
  if (!due_ || now < *due_) return;
  patience_ = std::min<std::chrono::nanoseconds>(2 * patience_, limits::resend_after_max);
  due_ = now + patience_;
  probe_ = true;
  if (!keeps()) return;
  again_ = base_;
  again_end_ = sent_.records;
  for (auto kept = kept_.begin(); kept != kept_.end() && again_.records < expected_; ++kept) {
    again_ = again_ + Quantity{1, kept->record.size()};
  }
}

void EdgeSender::hurry() noexcept {
  if (std::exchange(settings_.prompt, true)) return;
  if (released_.records < sent_.records) probe_ = true;
}

/// How many wait to go again to a receiver that is where it was: they have their numbers.
std::size_t EdgeSender::waiting_again() const noexcept {
  return sent_most_ - std::min(sent_most_, sent_.records);
}

/// The first `count` that wait.
std::vector<EdgeSender::Undone> EdgeSender::take_waiting(std::size_t count) {
  std::vector<Undone> all;
  for (auto& record : queue_.take(count)) {
    all.push_back({std::move(record), Cause{}});
    if (!keeps()) continue;
    all.back().cause = causes_.front();
    causes_.pop_front();
  }
  return all;
}

std::vector<EdgeSender::Undone> EdgeSender::hand_over_unsent() {
  assert(keeps());
  auto again = take_waiting(waiting_again());
  auto unsent = take_waiting(waiting());
  for (auto& [record, cause] : again) push(std::move(record), cause);
  asking_ = false;
  dropped_ = asks_ != 0;
  return unsent;
}

std::vector<EdgeSender::Undone> EdgeSender::hand_over() {
  keep_sent();
  std::vector<Undone> all;
  for (auto sequence = std::max(handed_over_, base_.records); sequence < sent_.records; ++sequence) {
    auto& [record, cause] = kept_[sequence - base_.records];
    all.push_back({record, std::exchange(cause, Cause{})});
  }
  handed_over_ = sent_.records;
  std::ranges::move(hand_over_unsent(), std::back_inserter(all));
  return all;
}

/// What waits to go again counts as sent.
void EdgeSender::keep_sent() {
  keep(pop(queue_.fitting(waiting_again(), queue_.bytes())));
}

/// Before a receiver that has had nothing of it.
void EdgeSender::forget_handed_over() {
  if (handed_over_ > base_.records) keep_sent();
  while (!kept_.empty() && base_.records < handed_over_) {
    base_ = base_ + Quantity{1, kept_.front().record.size()};
    kept_.pop_front();
  }
  handed_over_ = base_.records;
}

void EdgeSender::reopen(Epoch receiver) {
  const bool placed_anew = std::exchange(receiver_, receiver) != receiver;
  if (placed_anew) forget_handed_over();
  if (keeps()) {
    if (placed_anew) find_dangerous();
    take_again();
    if (placed_anew) sent_most_ = base_.records;
  } else {
    lost_ += sent_.records - released_.records;
    base_ = sent_;
  }
  released_ = granted_ = again_ = base_;
  expected_ = again_end_ = base_.records;
  asking_ = dropped_ = probe_ = false;
  patience_ = limits::resend_after;
  due_.reset();
}

/// A record is to blame if it was sent alone, which the receiver takes up beside no other, and the receiver had taken
/// it up.
void EdgeSender::find_dangerous() {
  if (settings_.deaths_max == 0 || kept_.empty()) return;
  const bool sent_alone = careful();
  careful_end_ = std::max(careful_end_, base_.records + kept_.size());
  const bool alone = sent_alone && kept_.size() == 1 && released_.records > base_.records;
  if (!alone || ++deaths_ < settings_.deaths_max) return;
  dangerous_ = std::move(kept_.front());
  kept_.pop_front();
  --careful_end_;
  deaths_ = 0;
}

/// What is kept waits again, before what has waited so far.
void EdgeSender::take_again() {
  std::vector<Record> again;
  again.reserve(kept_.size() + queue_.size());
  Fifo<Cause> causes;
  for (auto& [record, cause] : kept_) {
    again.push_back(std::move(record));
    causes.push_back(cause);
  }
  for (const auto cause : causes_) causes.push_back(cause);
  causes_ = std::move(causes);
  queue_.push_front(std::move(again));
  kept_.clear();
  sent_most_ = std::max(sent_most_, sent_.records);
  sent_ = base_;
}

std::vector<EdgeSender::Undone> EdgeSender::give_up() {
  forget_handed_over();
  std::vector<Undone> all(std::make_move_iterator(kept_.begin()), std::make_move_iterator(kept_.end()));
  std::ranges::move(take_waiting(waiting()), std::back_inserter(all));
  if (!keeps()) lost_ += unreleased();
  kept_.clear();
  base_ = released_ = granted_ = again_ = sent_;
  expected_ = again_end_ = careful_end_ = sent_.records;
  deaths_ = 0;
  asking_ = dropped_ = probe_ = false;
  due_.reset();
  return all;
}

void EdgeSender::abandon(std::vector<Cause>& done) {
  for (const auto& undone : give_up()) {
    ++lost_;
    if (keeps()) done.push_back(undone.cause);
  }
}

void EdgeSender::detach(std::vector<Cause>& done) {
  const auto take = [&](Cause& cause) {
    if (cause != Cause{}) done.push_back(std::exchange(cause, Cause{}));
  };
  for (auto& kept : kept_) take(kept.cause);
  std::ranges::for_each(causes_, take);
}

Record EdgeSender::drop_oldest() {
  assert(waiting() != 0 && !keeps());
  dropped_ = asks_ != 0;
  return queue_.pop();
}

bool EdgeSender::idle() const noexcept {
  if (waiting() != 0) return false;
  return sent_.records <= handed_over_ || (kept_.empty() && released_.records == sent_.records);
}

// The receiving end.

EdgeReceiver::EdgeReceiver(Delivery delivery, Quantity base, Faults faults)
    : delivery_(delivery), faults_(faults), expected_(base), released_(base), done_(base.records) {}

EdgeReceiver::Received EdgeReceiver::receive(const EdgePacket& packet) {
  Received received;
  const auto first = packet.first.records;
  if (first > expected_.records) {
    const bool broken = packet.first.bytes < expected_.bytes;  // more records of fewer bytes
    if (broken || delivery_ == Delivery::at_least_once) {
      return {Verdict::early, packet.records.size(), 0, expected_.records, {}};
    }
    received.lost = first - expected_.records;
    released_ = released_ + (packet.first - expected_);
    expected_ = packet.first;
  }
  if (!faults_.no_dedup) {
    received.repeated = std::min<std::uint64_t>(expected_.records - first, packet.records.size());
    if (received.repeated != 0 && received.repeated == packet.records.size()) received.verdict = Verdict::repeated;
  }
  received.first = first + received.repeated;
  received.taken.records = packet.records.size() - received.repeated;
  received.taken.bytes = packet.bytes;
  for (std::size_t i = 0; i < received.repeated; ++i) received.taken.bytes -= packet.records[i].size();
  expected_ = highest(expected_, {received.first + received.taken.records, expected_.bytes + received.taken.bytes});
  queued_ = queued_ + received.taken;
  return received;
}

void EdgeReceiver::accepted(Quantity amount) noexcept {
  assert(amount.records <= queued_.records && amount.bytes <= queued_.bytes);
  queued_ = queued_ - amount;
  released_ = released_ + amount;
}

void EdgeReceiver::done(std::uint64_t first, std::uint64_t count) {
  for (auto sequence = std::max(first, done_); sequence < first + count; ++sequence) {
    const auto ahead = sequence - done_;
    if (done_ahead_.size() <= ahead) done_ahead_.append(ahead + 1 - done_ahead_.size(), false);
    done_ahead_[ahead] = true;
  }
  while (!done_ahead_.empty() && done_ahead_.front()) {
    done_ahead_.pop_front();
    ++done_;
  }
}

std::uint64_t EdgeReceiver::done() const noexcept {
  if (delivery_ == Delivery::at_most_once) return released().records;
  return faults_.early_ack ? expected_.records : done_;
}

}  // namespace skep
