#include "bench/load_driver.hpp"

#include <algorithm>
#include <cassert>

namespace skep::bench {
namespace {

using std::chrono::milliseconds;
using Duration = LoadPlan::Duration;

/// How often it looks for requests that took too long: all clients are looked at.
Duration look_time(Duration request_time) {
  return std::clamp<Duration>(request_time / 20, milliseconds(1), milliseconds(50));
}

}  // namespace

LoadDriver::LoadDriver(const LoadPlan& plan, Time begin)
    : plan_(plan),
      begin_(begin),
      measured_from_(begin + plan.warm_up),
      measured_until_(measured_from_ + plan.duration),
      clients_(plan.clients),
      give_up_at_(begin + look_time(plan.request_time)) {
  if (plan.rate) schedule_.emplace(plan.arrivals, *plan.rate, plan.seed);
  figures_.duration = figures_.elapsed = plan.duration;
}

void LoadDriver::connected(Client client, Time now) {
  clients_[client].connected = true;
  update(client, now);
}

void LoadDriver::lost(Client client, Time now, const std::string& why) {
  auto& state = clients_[client];
  if (!state.connected) {
    if (figures_.connects_failed++ == 0) figures_.connect_why = why;
    return;
  }
  state.connected = state.full = false;
  if (figures_.connections_lost++ == 0) figures_.lost_why = why;
  while (const auto request = state.requests.take()) {
    if (request->measured) ++figures_.lost;
  }
  update(client, now);
}

void LoadDriver::full(Client client, bool is_full, Time now) {
  clients_[client].full = is_full;
  update(client, now);
}

/// What it has room for may have changed.
void LoadDriver::update(Client client, Time now) {
  auto& state = clients_[client];
  const bool room = state.connected && !state.full && state.requests.open() < plan_.in_flight &&
                    state.requests.size() < limits::bench_in_flight_max;
  if (room && !state.room && with_room_++ == 0) room_since_ = now;
  assert(!state.room || with_room_ > 0);
  if (!room && state.room) --with_room_;
  state.room = room;
  if (!room || state.queued) return;
  state.queued = true;
  ready_.push_back(client);
}

/// There is one.
LoadDriver::Client LoadDriver::take_ready() {
  while (true) {
    assert(!ready_.empty());  // each client with room is in it
    const auto client = ready_.front();
    ready_.pop_front();
    clients_[client].queued = false;
    if (clients_[client].room) return client;
  }
}

/// When the schedule has the next one; nothing: it has no more, or there is none.
std::optional<LoadDriver::Time> LoadDriver::scheduled() const {
  if (!schedule_ || stopped_) return std::nullopt;
  const auto due = begin_ + schedule_->next();
  return due < measured_until_ ? std::optional(due) : std::nullopt;
}

/// When the request that is to be sent now was due; nothing: none is.
std::optional<LoadDriver::Time> LoadDriver::due(Time now) const {
  if (!schedule_) return stopped_ || now >= measured_until_ ? std::nullopt : std::optional(now);
  const auto due = scheduled();
  return due && *due <= now ? due : std::nullopt;
}

std::optional<LoadDriver::Send> LoadDriver::next(Time now) {
  drop_overdue(now);
  const auto due_at = due(now);
  if (!due_at || with_room_ == 0) return std::nullopt;
  const auto client = take_ready();
  last_counts_ = counts(*due_at);
  if (last_counts_) {
    ++figures_.requests;
    ++figures_.sent;
    note_waits(*due_at, now);
  } else {
    ++figures_.warm_up_unanswered;
  }
  if (schedule_) schedule_->pop();
  clients_[client].requests.push({*due_at, last_counts_});
  update(client, now);
  return Send{client, number_++};
}

void LoadDriver::sent_bytes(std::uint64_t bytes) noexcept {
  if (last_counts_) figures_.bytes_sent += bytes;
}

/// Whose fault it is that one was not sent when it was due: that of clients without room, or of who sends.
void LoadDriver::note_waits(Time due, Time now) {
  const auto possible = std::max(due, room_since_);
  if (schedule_ && possible > due) ++figures_.without_room;
  if (now - possible <= limits::bench_late_max) return;
  ++figures_.late;
  figures_.late_by = std::max<Duration>(figures_.late_by, now - possible);
}

void LoadDriver::answered(Client client, Time now, const Answer& answer) {
  auto& requests = clients_[client].requests;
  if (requests.size() == 0) {
    ++figures_.unasked;
    return;
  }
  const auto request = requests.answer();
  update(client, now);
  if (!request) return;
  ++all_answered_;
  if (!request->measured) {
    assert(figures_.warm_up_unanswered > 0);
    --figures_.warm_up_unanswered;
    return;
  }
  figures_.bytes_received += answer.bytes;
  figures_.elapsed = std::max<Duration>(figures_.elapsed, now - measured_from_);
  if (answer.error) {
    figures_.add_error(*answer.error);
  } else {
    ++figures_.answered;
    figures_.latency.add(now - request->due);
  }
}

/// Of those that found no room.
void LoadDriver::drop_overdue(Time now) {
  for (auto due = scheduled(); due && now - *due >= plan_.request_time; due = scheduled()) {
    schedule_->pop();
    if (!counts(*due)) continue;
    ++figures_.requests;
    ++figures_.timeouts;
    if (with_room_ == 0) ++figures_.without_room;
  }
}

void LoadDriver::give_up(Time now) {
  if (now < give_up_at_) return;
  give_up_at_ = now + look_time(plan_.request_time);
  drop_overdue(now);
  for (Client client = 0; client < clients_.size(); ++client) {
    auto& requests = clients_[client].requests;
    while (const auto request = requests.give_up(now - plan_.request_time)) {
      if (request->measured) ++figures_.timeouts;
    }
    update(client, now);
  }
}

void LoadDriver::stop(Time now) {
  if (stopped_) return;
  for (auto due = scheduled(); due && *due <= now; due = scheduled()) {
    schedule_->pop();
    if (counts(*due)) ++figures_.requests, ++figures_.open;
  }
  stopped_ = true;
  figures_.elapsed = std::max<Duration>(now - measured_from_, Duration(0));
  figures_.duration = std::min(figures_.duration, figures_.elapsed);
  for (auto& client : clients_) {
    while (const auto request = client.requests.take()) {
      if (request->measured) ++figures_.open;
    }
  }
}

LoadDriver::Time LoadDriver::wakes_at() const {
  const auto due = with_room_ > 0 ? scheduled() : std::nullopt;
  return std::min(due.value_or(give_up_at_), give_up_at_);
}

bool LoadDriver::finished(Time now) const {
  if (stopped_) return true;
  return now >= measured_until_ && !scheduled() && figures_.requests == figures_.answered + figures_.failed();
}

}  // namespace skep::bench
