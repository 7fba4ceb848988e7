#include "submissions.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "for_ever.hpp"
#include "skep/actors/option.hpp"
#include "skep/gateways/limits.hpp"
#include "skep/serialization/limits.hpp"

namespace skep {
namespace {

/// No more can be cancelled than is open; what is beyond that was never submitted.
constexpr std::size_t cancelled_max = (std::size_t{1} << 20) + limits::gateway_submissions_max;

Error too_large(const std::string& what, const std::string& limit) {
  return {errc::too_large, what + ": " + limit};
}

/// Its bytes stay with their owner's when the caller goes on.
void own(Payload& payload) {
  if (payload.owner || payload.bytes.empty()) return;
  payload = Payload::share(Buffer::copy_of(payload.bytes), payload.content);
}

}  // namespace

bool Submissions::room_for(std::size_t bytes) const {
  if (records_ >= limits_.records_max) return false;
  return records_ == 0 || (bytes_ < limits_.bytes_max && bytes <= limits_.bytes_max - bytes_);
}

/// Why it is not taken, beside want of room.
std::optional<Error> Submissions::refusal(const Submission& submission) const {
  if (!closed_.empty()) return Error{errc::unavailable, closed_};
  const auto session = submission.session;
  if (session != GatewaySession::none && !sessions_.contains(session)) {
    return Error{errc::unavailable, "no session " + std::to_string(static_cast<std::uint64_t>(session)) + " is open"};
  }
  const auto bytes = submission.payload.bytes.size();
  if (bytes > limits_.payload_bytes_max) {
    return too_large("the payload has " + std::to_string(bytes) + " bytes",
                     "payload_bytes_max = " + to_string(ByteSize{limits_.payload_bytes_max}));
  }
  if (submission.key && submission.key->size() > limits::key_bytes_max) {
    return too_large("its key is too long", "key_bytes_max = " + std::to_string(limits::key_bytes_max));
  }
  return std::nullopt;
}

void Submissions::tell(std::unique_lock<std::mutex>& lock) {
  const bool first = !std::exchange(told_, true);
  lock.unlock();
  if (first) notify_();
}

Result<SubmissionId> Submissions::submit(Submission submission) {
  const auto bytes = submission.payload.bytes.size();
  {
    const std::scoped_lock lock(mutex_);
    if (auto why = refusal(submission)) {
      ++refused_;
      return std::move(*why);
    }
    if (!room_for(bytes)) {
      refused_ += limits_.blocks ? 0 : 1;
      wanted_ = std::max(wanted_, bytes);
      return Error{errc::overloaded, "too many submissions wait to be taken up: gateway_submissions_max = " +
                                         std::to_string(limits_.records_max) +
                                         ", gateway_submission_bytes_max = " + to_string(ByteSize{limits_.bytes_max})};
    }
    ++records_;  // its place is taken before the copy, which needs no lock
    bytes_ += bytes;
  }
  try {
    own(submission.payload);
  } catch (...) {
    left(bytes);
    throw;
  }
  std::unique_lock lock(mutex_);
  if (auto why = refusal(submission)) {  // meanwhile: who closed it, or its session, takes no more
    give_back(bytes);
    ++refused_;
    return std::move(*why);
  }
  const SubmissionId id{++last_};
  const auto session = submission.session;
  taken_.items.push_back({Kind::submit, std::move(submission), id, session});
  tell(lock);
  return id;
}

Result<GatewaySession> Submissions::open_session() {
  std::unique_lock lock(mutex_);
  if (!closed_.empty()) return Error{errc::unavailable, closed_};
  if (sessions_open_ >= limits_.sessions_max) {
    return Error{errc::overloaded, "too many sessions: sessions_max = " + std::to_string(limits_.sessions_max)};
  }
  const GatewaySession session{++last_session_};
  ++sessions_open_;
  sessions_.insert(session);
  taken_.items.push_back({Kind::open, {}, {}, session});
  tell(lock);
  return session;
}

void Submissions::close_session(GatewaySession session) {
  std::unique_lock lock(mutex_);
  if (sessions_.erase(session) == 0) return;
  taken_.items.push_back({Kind::close, {}, {}, session});
  tell(lock);
}

void Submissions::cancel(SubmissionId submission) {
  std::unique_lock lock(mutex_);
  const auto number = static_cast<std::uint64_t>(submission);
  if (number == 0 || number > last_ || cancelled_.size() >= cancelled_max) return;
  cancelled_.insert(submission);
  tell(lock);
}

bool Submissions::await_room(std::chrono::nanoseconds time_max) {
  std::unique_lock lock(mutex_);
  static_cast<void>(room_.wait_for(lock, std::min<std::chrono::nanoseconds>(time_max, for_ever),
                                   [this] { return !closed_.empty() || room_for(wanted_); }));
  return closed_.empty() && room_for(wanted_);
}

bool Submissions::closed() const {
  const std::scoped_lock lock(mutex_);
  return !closed_.empty();
}

void Submissions::fail(std::string why) {
  std::unique_lock lock(mutex_);
  if (taken_.failure.empty()) taken_.failure = why.empty() ? "it has failed" : std::move(why);
  tell(lock);
}

void Submissions::set_paused(bool paused) {
  std::unique_lock lock(mutex_);
  const bool resumed = std::exchange(paused_, paused) && !paused;
  if (!resumed) return;
  taken_.resumed = true;
  tell(lock);
}

bool Submissions::paused() const {
  const std::scoped_lock lock(mutex_);
  return paused_;
}

Submissions::Taken Submissions::take() {
  const std::scoped_lock lock(mutex_);
  told_ = false;
  taken_.cancelled.assign(cancelled_.begin(), cancelled_.end());
  cancelled_.clear();
  return std::exchange(taken_, {});
}

void Submissions::give_back(std::size_t bytes) {
  assert(records_ > 0 && bytes <= bytes_);
  --records_;
  bytes_ -= bytes;
  if (records_ == 0) wanted_ = 1;
  room_.notify_all();
}

void Submissions::left(std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  give_back(bytes);
}

void Submissions::session_ended() {
  const std::scoped_lock lock(mutex_);
  assert(sessions_open_ > 0);
  --sessions_open_;
}

void Submissions::close(std::string why) {
  const std::scoped_lock lock(mutex_);
  if (closed_.empty()) closed_ = std::move(why);
  room_.notify_all();
}

bool Submissions::has_room() const {
  const std::scoped_lock lock(mutex_);
  return room_for(wanted_);
}

std::uint64_t Submissions::refused() const {
  const std::scoped_lock lock(mutex_);
  return refused_;
}

}  // namespace skep
