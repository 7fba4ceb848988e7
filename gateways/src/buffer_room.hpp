#pragma once
// What the sessions of one gateway hold in their buffers, as a part of the node's budget.
//
// Buffers are what has come of frames that are not whole, and answers that were not written; up to
// limits::session_free_bytes of a session cost nothing. Charged as they grow. A session that waits for room is called
// once there is some. One at a time needs none: else unfinished frames would wait for each other.
// Threads: the gateway's.

#include <deque>

#include "node_admission.hpp"
#include "session.hpp"
#include "skep/serialization/failure.hpp"

namespace skep {

class BufferRoom {
 public:
  /// `turn` is called when `wake` has something to do.
  BufferRoom(NodeAdmission& node, WakeupPtr turn) : node_(node), turn_(std::move(turn)) {}

  /// What the session holds has changed. False: that is more than fits.
  bool hold(Session& session);
  /// Whether so many bytes more would fit.
  [[nodiscard]] bool fits(const Session& session, std::size_t more) const;
  /// For anything more.
  [[nodiscard]] bool has_room(const Session& session) const {
    return exempt_ == &session || node_.budget().buffers_have_room(session.buffers_);
  }
  /// Why something does not fit.
  [[nodiscard]] Failure failure() const;
  /// `go_on` of the session follows once there is room.
  void starve(Session& session);
  void wake();
  void forget_starved() { starved_.clear(); }
  /// It will not read any more.
  void forget(Session& session);
  /// It ends.
  void release(Session& session);

 private:
  NodeAdmission& node_;
  WakeupPtr turn_;
  std::deque<SessionPtr> starved_;
  const Session* exempt_ = nullptr;  ///< the one that needs no room
};

}  // namespace skep
