// How a gateway sends out what bees send to it: to every peer that takes records, at the pace of the slowest.

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

#include "gateway_core.hpp"
#include "skep/serialization/counted.hpp"

namespace skep {

/// It has drained, and is to end. What its sender keeps goes to the next gateway then, for it is not acknowledged here.
bool GatewayCore::is_late() const noexcept {
  const bool drained = state_ == State::closing || state_ == State::closed;
  return drained && !ceased_ && settings_.delivery == Delivery::at_least_once;
}

void GatewayCore::take_records(caf::strong_actor_ptr sender, RecordBatch batch) {
  if (is_late()) {
    late_.emplace_back(std::move(sender), std::move(batch));
    return;
  }
  outbound_.add(std::move(batch), sender);
  turn();
}

bool GatewayCore::anybody_takes() const {
  const auto takes = [](const auto& entry) { return entry.second->takes_records(); };
  return std::any_of(sessions_.begin(), sessions_.end(), takes);
}

/// Nobody takes records, and nobody is waited for.
bool GatewayCore::peers_gone() const {
  if (state_ == State::open && clock_now() < peers_until_) return false;
  return !anybody_takes();
}

/// The bees before it stand still for want of somebody who takes records: whoever runs them should know.
void GatewayCore::time_unheard() {
  if (outbound_.empty() || anybody_takes()) {
    unheard_since_.reset();
    unheard_reported_ = false;
  } else if (!unheard_since_) {
    unheard_since_ = clock_now();
    watch_->by(*unheard_since_ + options_.write_stall_max);
  }
}

/// Says so once; returns when to look again.
std::optional<GatewayCore::Time> GatewayCore::report_unheard(Time now) {
  if (!unheard_since_ || unheard_reported_) return std::nullopt;
  const auto at = *unheard_since_ + options_.write_stall_max;
  if (now < at) return at;
  unheard_reported_ = true;
  log(LogLevel::warning, "nobody has taken records for " + to_string(options_.write_stall_max) + ": " +
                             counted(outbound_.waiting(), "record") + " waiting");
  return std::nullopt;
}

/// How many take the next record; none while one of them has no room for it.
std::size_t GatewayCore::peers_ready() const {
  std::size_t count = 0;
  for (const auto& [id, session] : sessions_) {
    if (!session->takes_records()) continue;
    if (session->unwritten() >= options_.write_bytes_max.bytes) return 0;  // the slowest peer paces
    if (session->unwritten() > limits::session_free_bytes && !room_.has_room(*session)) {
      node_admission_.await_room();
      return 0;
    }
    ++count;
  }
  return count;
}

void GatewayCore::hand_out(const Answer& record, std::size_t peers) {
  outbound_.hand_out();
  sent_.hand_out(peers);
  for (auto& [id, session] : sessions_) {
    if (!session->takes_records()) continue;
    sent_.take(session->records_);
    (void)session->write(record, Outgoing::record);
    touch(*session);
  }
}

/// Whether the record has no place in the form of what goes out, which is one for all peers; it is lost then.
bool GatewayCore::lose_unfit(const Answer& answer) {
  const auto takes = [](const auto& entry) { return entry.second->takes_records(); };
  const auto peer = std::find_if(sessions_.begin(), sessions_.end(), takes);
  assert(peer != sessions_.end());
  const auto* failure = std::get_if<Failure>(&answer);
  const auto why = failure != nullptr ? failure->message : peer->second->unfit(std::get<Record>(answer));
  if (!why) return false;
  if (!std::exchange(unfit_reported_, true)) {
    log(LogLevel::warning, "a record cannot be sent out, and is lost: " + *why + " (further ones are only counted)");
  }
  outbound_.drop();
  ++counters_.lost;
  return true;
}

void GatewayCore::send_out() {
  if (!outbound_.empty() && peers_gone()) give_up_records();  // sessions that still close have nothing to do with it
  while (!outbound_.empty()) {
    const auto peers = peers_ready();
    if (peers == 0) break;
    const auto record = readable(outbound_.front(), settings_.typed_as_json ? TypedAs::json : TypedAs::bytes);
    if (!lose_unfit(record)) hand_out(record, peers);
  }
  time_unheard();
  acknowledge();
}

void GatewayCore::give_up_records() {
  if (state_ == State::open && counters_.cut_off == 0) {
    log(LogLevel::warning, "nobody has taken records since the drain began; they are given up: drain_time_max = " +
                               to_string(options_.drain_time_max));
  }
  for (; !outbound_.empty(); outbound_.drop()) {
    ++counters_.lost;
    ++counters_.cut_off;
  }
}

void GatewayCore::acknowledge() {
  for (const auto& [to, message] : outbound_.take_acks()) self_.send(caf::actor_cast<caf::actor>(to), message);
}

}  // namespace skep
