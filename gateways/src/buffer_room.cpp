#include "buffer_room.hpp"

#include <algorithm>
#include <utility>

#include "admission.hpp"
#include "skep/gateways/limits.hpp"

namespace skep {
namespace {

/// What a session's buffers draw of the budget, with so many bytes more.
std::size_t charge(const Session& session, std::size_t more = 0) {
  const auto held = session.input_memory() + session.output_memory() + session.replies().excess_bytes() + more;
  return held > limits::session_free_bytes ? held - limits::session_free_bytes : 0;
}

}  // namespace

bool BufferRoom::hold(Session& session) {
  const auto wanted = charge(session);
  if (wanted == session.buffers_) return true;
  const bool fits = exempt_ == &session || node_.budget().buffers_fit(session.buffers_, wanted);
  if (exempt_ == &session && wanted == 0) exempt_ = nullptr;
  node_.resize_buffers(std::exchange(session.buffers_, wanted), wanted);
  return fits;
}

bool BufferRoom::fits(const Session& session, std::size_t more) const {
  const auto wanted = charge(session, more);
  // Of answers that are written and not delivered yet: it is theirs until then.
  const auto drawn = session.drawn_ - session.replies().bytes();
  return exempt_ == &session || node_.budget().buffers_fit(session.buffers_, wanted - std::min(wanted, drawn));
}

Failure BufferRoom::failure() const {
  return {errc::overloaded,
          "unfinished frames and unread answers of this node hold what they may, " +
              std::to_string(limits::buffers_percent_max) + " % of " +
              payload_limit_text(node_.budget().bytes_max(), node_.threads()),
          true};
}

void BufferRoom::starve(Session& session) {
  if (session.starves_) return;
  session.starves_ = true;
  starved_.emplace_back(&session);
  node_.await_room();
  turn_->soon();
}

void BufferRoom::wake() {
  for (auto rounds = starved_.size(); rounds > 0 && !starved_.empty(); --rounds) {
    const auto session = starved_.front();
    if (!has_room(*session)) {
      if (exempt_ != nullptr) return node_.await_room();
      exempt_ = session.get();
    }
    starved_.pop_front();
    session->starves_ = false;
    session->go_on();
  }
}

void BufferRoom::forget(Session& session) {
  if (std::exchange(session.starves_, false)) std::erase(starved_, SessionPtr(&session));
  if (exempt_ != &session) return;
  exempt_ = nullptr;
  turn_->soon();
}

void BufferRoom::release(Session& session) {
  forget(session);
  node_.resize_buffers(std::exchange(session.buffers_, 0), 0);
}

}  // namespace skep
