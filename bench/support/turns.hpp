#pragma once
// Actors that time round trips and take turns, so that what else the machine does meets all of them alike.

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/send.hpp>

#include <cstdint>
#include <future>

namespace bench {

/// Asks for so many round trips, one after the other.
struct Turn {
  std::uint64_t rounds = 0;
  std::promise<void>* done = nullptr;  ///< to be set after the last one
};

/// Returns when they are made.
inline void take_turn(const caf::actor& actor, std::uint64_t rounds) {
  std::promise<void> done;
  caf::anon_send(actor, Turn{rounds, &done});
  done.get_future().wait();
}

}  // namespace bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(bench::Turn)
