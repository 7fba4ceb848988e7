#pragma once
// Asks many actors at once, from a thread that is no actor, and waits for all of them. Where that very thread runs the
// actors, as in a test, it runs them instead (`RunActors`).
//
// Lifetime: one round of questions; must end before the actor system does.

#include <caf/actor.hpp>
#include <caf/message.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <vector>

#include "skep/runtime/swarm_host.hpp"
#include "skep/serialization/result.hpp"

namespace skep::detail {

class ActorRound {
 public:
  ActorRound(const SwarmHost& host, std::chrono::milliseconds time_max)
      : self_(host.system), time_max_(time_max), run_(host.run) {}

  template <class Message>
  void ask(const caf::actor& actor, Message message) {
    handles_.push_back(self_->request(actor, time_max_, std::move(message)));
  }
  /// The answers, in the order of the questions. Errors: the actor's own; `errc::timed_out` for one that did not
  /// come, `errc::unavailable` from an actor that is gone.
  [[nodiscard]] std::vector<Result<caf::message>> answers();
  /// Ends the actors and waits for that. Returns how many were still there after the time.
  [[nodiscard]] std::size_t end(const std::vector<caf::actor>& actors);

 private:
  using Self = caf::scoped_actor;
  using Handle =
      decltype(std::declval<Self&>()->request(std::declval<const caf::actor&>(), std::chrono::milliseconds{}, 0));
  [[nodiscard]] Result<caf::message> answer(Handle& handle);
  /// Until so many messages have come.
  void run_until(std::size_t messages);

  Self self_;
  std::chrono::milliseconds time_max_;
  const RunActors& run_;
  std::vector<Handle> handles_;
};

}  // namespace skep::detail
